"""Transformers that work on arrays of signals and on recordings alike."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils.validation import FLOAT_DTYPES, validate_data

from skecg._records import check_records, holds_records, record_label
from skecg._signals import check_signal_shape
from skecg.recordings import ECGRecord

# So many values at once: the filters work in float64 on several copies.
_MAX_VALUES = 2**22


class SignalTransformer(TransformerMixin, BaseEstimator, metaclass=ABCMeta):
    """Base class: a subclass defines ``_apply``, and ``_transform_record`` where it has to.

    Each signal is transformed by itself, so that there is nothing to learn.
    """

    @abstractmethod
    def _apply(self, signals: np.ndarray, fs: float | None) -> np.ndarray:
        """Transform an array of shape (n_samples, n_timesteps, n_leads), of a floating type."""

    def _transform_record(self, record: ECGRecord) -> ECGRecord:
        return replace(record, signal=self._apply(record.signal[np.newaxis], record.fs)[0])

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
        self._check(X, reset=True)
        return self

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
        X = self._check(X, reset=False)
        if isinstance(X, list):
            return [self._transform_record(record) for record in X]
        signals = X if X.ndim == 3 else X[..., np.newaxis]
        step = max(1, _MAX_VALUES // max(1, signals[0].size))
        parts = [
            self._apply(signals[start : start + step], None)
            for start in range(0, len(signals), step)
        ]
        transformed = np.concatenate(parts) if len(parts) > 1 else parts[0]
        return transformed if X.ndim == 3 else transformed[..., 0]

    def _check(self, X: Any, reset: bool) -> Any:
        if holds_records(X):
            records = check_records(X)
            for i, record in enumerate(records):
                if np.isnan(record.signal).any():
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
