"""Transformers that work on arrays of signals and on recordings alike."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, _fit_context
from sklearn.utils._set_output import _wrap_data_with_container
from sklearn.utils.validation import FLOAT_DTYPES, validate_data

from skecg._records import check_records, holds_records, record_label
from skecg._signals import check_signal_shape
from skecg.recordings import ECGRecord

# So many values at once: the filters work in float64 on several copies.
_MAX_VALUES = 2**22


class SignalTransformer(
    OneToOneFeatureMixin,
    TransformerMixin,
    BaseEstimator,
    metaclass=ABCMeta,
    auto_wrap_output_keys=None,  # type: ignore[call-arg]
):
    """Base class: a subclass defines ``_apply``, and ``_transform_record`` where it has to.

    Each signal is transformed by itself, so that there is nothing to learn. ``set_output`` has a
    say where a table comes out, and none in recordings and arrays of several leads: scikit-learn
    would make tables of these too, which is why the wrapping is done here.
    """

    _has_columns = True

    @abstractmethod
    def _apply(self, signals: np.ndarray, fs: float | None) -> np.ndarray:
        """Transform an array of shape (n_samples, n_timesteps, n_leads), of a floating type."""

    def _transform_record(self, record: ECGRecord) -> ECGRecord:
        return replace(record, signal=self._apply(record.signal[np.newaxis], record.fs)[0])

    def _used(self, record: ECGRecord) -> np.ndarray:
        """Return the part of a recording's signal that must be complete."""
        return record.signal

    def _check_array(self, X: np.ndarray) -> None:
        """Refuse arrays that do not fit the parameters."""

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> SignalTransformer:
        """Check the input; there is nothing to learn from it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads]) or list of ECGRecord
            Signals, or recordings, which may differ in length.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The transformer itself.
        """
        self._has_columns = not isinstance(self._check(X, reset=True), list)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Check the input and transform it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads]) or list of ECGRecord
            Signals, or recordings.
        y : None
            Ignored.

        Returns
        -------
        ndarray of shape (n_samples, n_timesteps[, n_leads]) or list of ECGRecord
            As the input. Float32 stays float32.
        """
        return self.fit(X, y).transform(X)

    def transform(self, X: Any) -> Any:
        """Transform signals or recordings.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps[, n_leads]) or list of ECGRecord
            Signals, or recordings.

        Returns
        -------
        ndarray of shape (n_samples, n_timesteps[, n_leads]) or list of ECGRecord
            As the input. Float32 stays float32.
        """
        given, X = X, self._check(X, reset=False)
        if isinstance(X, list):
            return [self._transform_record(record) for record in X]
        signals = X if X.ndim == 3 else X[..., np.newaxis]
        step = max(1, _MAX_VALUES // max(1, signals[0].size))
        parts = [
            self._apply(signals[start : start + step], None)
            for start in range(0, len(signals), step)
        ]
        transformed = np.concatenate(parts) if len(parts) > 1 else parts[0]
        if X.ndim == 3:
            return transformed
        table = transformed[..., 0]
        if not self._has_columns:
            return table
        return _wrap_data_with_container("transform", table, given, self)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name the columns.

        Parameters
        ----------
        input_features : array-like of str or None
            Names of the columns that come in; by default those of the DataFrame that was fitted,
            or else ``"x0"``, ``"x1"``, ...

        Returns
        -------
        names : ndarray of str
            One name a column. Recordings have no columns, and no names.
        """
        if not self._has_columns:
            return np.array([], dtype=object)
        return self._column_names(input_features)

    def _column_names(self, input_features: Any) -> np.ndarray:
        return super().get_feature_names_out(input_features)

    def _check(self, X: Any, reset: bool) -> Any:
        if holds_records(X):
            records = check_records(X)
            for i, record in enumerate(records):
                if np.isnan(self._used(record)).any():
                    raise ValueError(f"{record_label(record, i)} has missing samples (NaN).")
            return records
        X = validate_data(self, X, reset=reset, dtype=FLOAT_DTYPES, allow_nd=True)
        check_signal_shape(X)
        self._check_array(X)
        return X

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32", "float16"]
        return tags
