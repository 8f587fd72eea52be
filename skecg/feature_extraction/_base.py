"""What all tables of features from recordings have in common."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skecg._records import check_records, record_label
from skecg.recordings import ECGRecord

_SHOWN = 10


class RecordFeatures(TransformerMixin, BaseEstimator):
    """Base of the transformers that turn a list of recordings into a table.

    A subclass gives ``_leads``, ``_feature_names`` and ``_table``.
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "missing": [
            StrOptions({"error", "nan", "mean"}),
            Interval(Real, None, None, closed="neither"),
        ],
    }

    missing: str | float

    def _leads(self) -> Sequence[str]:
        """Leads that every recording must have."""
        return ()

    def _feature_names(self) -> list[str]:
        raise NotImplementedError

    def _table(self, records: Sequence[ECGRecord]) -> np.ndarray:
        """Compute the features, with NaN for those that a recording does not have."""
        raise NotImplementedError

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Sequence[ECGRecord], y: Any = None) -> RecordFeatures:
        """Learn the features' means, which ``missing="mean"`` needs.

        Parameters
        ----------
        X : list of ECGRecord of length n_records
            Recordings.
        y : None
            Ignored.

        Returns
        -------
        self : object
            Fitted transformer.
        """
        self._fit(X)
        return self

    @_fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, X: Sequence[ECGRecord], y: Any = None, **fit_params: Any) -> np.ndarray:
        """Fit and transform, computing the features once.

        Parameters
        ----------
        X : list of ECGRecord of length n_records
            Recordings.
        y : None
            Ignored.
        **fit_params : dict
            Ignored.

        Returns
        -------
        features : ndarray of shape (n_records, n_features)
            One row a recording.
        """
        records, table = self._fit(X)
        return self._fill(records, table)

    def transform(self, X: Sequence[ECGRecord]) -> np.ndarray:
        """Compute the features.

        Parameters
        ----------
        X : list of ECGRecord of length n_records
            Recordings.

        Returns
        -------
        features : ndarray of shape (n_records, n_features)
            One row a recording.
        """
        check_is_fitted(self)
        records = self._check(X)
        return self._fill(records, self._table(records))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name the columns.

        Parameters
        ----------
        input_features : None
            Ignored: recordings have no features to name.

        Returns
        -------
        names : ndarray of str
            One name a column.
        """
        check_is_fitted(self)
        return np.array(self._feature_names(), dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags

    def _check(self, X: Sequence[ECGRecord]) -> list[ECGRecord]:
        records = check_records(X, self._leads())
        for i, record in enumerate(records):
            if self._leads() and np.isnan(record.select_leads(self._leads()).signal).any():
                raise ValueError(f"{record_label(record, i)} has missing samples (NaN).")
        return records

    def _fit(self, X: Sequence[ECGRecord]) -> tuple[list[ECGRecord], np.ndarray]:
        records = self._check(X)
        table = self._table(records)
        known = ~np.isnan(table)
        count = known.sum(axis=0)
        total = np.where(known, table, 0).sum(axis=0)
        means = np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
        if self.missing == "mean":
            self._check_means(means)
        self.means_ = means
        return records, table

    def _check_means(self, means: np.ndarray) -> None:
        if np.isnan(means).any():
            names = ", ".join(np.array(self._feature_names())[np.isnan(means)])
            raise ValueError(
                f"no recording has {names}, which may ask for sex or age: there is no mean to fill "
                "in."
            )

    def _fill(self, records: Sequence[ECGRecord], table: np.ndarray) -> np.ndarray:
        absent = np.isnan(table)
        if self.missing == "nan" or not absent.any():
            return table
        if self.missing == "error":
            raise ValueError(self._describe_absent(records, absent))
        if self.missing != "mean":
            return np.where(absent, np.float64(self.missing), table)
        self._check_means(self.means_)  # they were learned with another setting, perhaps
        return np.where(absent, self.means_, table)

    def _describe_absent(self, records: Sequence[ECGRecord], absent: np.ndarray) -> str:
        names = np.array(self._feature_names())
        rows = np.flatnonzero(absent.any(axis=1))
        described = []
        for i in rows[:_SHOWN].tolist():
            lacks = names[absent[i]].tolist()
            dots = ", ..." if len(lacks) > 3 else ""
            described.append(f"{record_label(records[i], i)} ({', '.join(lacks[:3])}{dots})")
        if len(rows) > _SHOWN:
            described.append(f"and {len(rows) - _SHOWN} more")
        return (
            f"{len(rows)} of {len(records)} records lack features: {'; '.join(described)}. "
            "Choose what stands for them with missing, or leave these records out."
        )
