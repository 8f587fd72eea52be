"""Waveforms as columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils.validation import check_is_fitted

from skecg._records import check_records, record_label
from skecg.recordings import ECGRecord


class WaveformFeatures(TransformerMixin, BaseEstimator):
    """The samples of recordings as columns of a table, to stand beside other features.

    First the first sample of every lead, then the second of every lead, and so on: what
    ``signals.reshape(len(signals), -1)`` makes of an array. In front of it go the steps that
    make recordings alike in length and sampling rate.

    Parameters
    ----------
    leads : sequence of str, optional
        Names of the leads to take, in this order. None takes those of the first recording
        that is fitted.

    Attributes
    ----------
    lead_names_ : tuple of str
        Leads, in the order of the columns.
    n_timesteps_ : int
        Samples of every lead.
    fs_ : float
        Sampling rate in Hz.

    See Also
    --------
    skecg.classifiers.ECGWideDeepClassifier : Network on waveforms and features.
    skecg.preprocessing.Resampler : Gives all recordings the same sampling rate.

    Examples
    --------
    >>> from skecg.datasets import make_recordings
    >>> from skecg.feature_extraction import WaveformFeatures
    >>> records = make_recordings(3, duration=10, fs=100, leads=None, random_state=0)
    >>> waveforms = WaveformFeatures(leads=["aVL", "V5"])
    >>> waveforms.fit_transform(records).shape
    (3, 2000)
    >>> waveforms.get_feature_names_out()[:3]
    array(['aVL_0', 'V5_0', 'aVL_1'], dtype=object)
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {"leads": ["array-like", None]}

    def __init__(self, *, leads: Sequence[str] | None = None) -> None:
        self.leads = leads

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Sequence[ECGRecord], y: Any = None) -> Self:
        """Remember the leads, the length and the sampling rate.

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

        Raises
        ------
        ValueError
            If recordings differ in length or sampling rate, or one lacks a lead or samples.
        """
        first = check_records(X)[0]
        self.lead_names_ = tuple(first.lead_names if self.leads is None else self.leads)
        self.n_timesteps_ = len(first.signal)
        self.fs_ = first.fs
        self._check(X)
        return self

    def transform(self, X: Sequence[ECGRecord]) -> np.ndarray:
        """Make rows of the signals.

        Parameters
        ----------
        X : list of ECGRecord of length n_records
            Recordings.

        Returns
        -------
        ndarray of shape (n_records, n_timesteps * n_leads)
            One row a recording, in mV. Float32 stays float32.

        Raises
        ------
        ValueError
            If a recording lacks a lead or samples, or is not as long or not sampled as those
            fitted.
        """
        check_is_fitted(self)
        records = self._check(X)
        leads = list(self.lead_names_)
        return np.stack([record.select_leads(leads).signal.ravel() for record in records])

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name the columns, by lead and sample.

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
        names = [f"{lead}_{i}" for i in range(self.n_timesteps_) for lead in self.lead_names_]
        return np.array(names, dtype=object)

    def _check(self, X: Sequence[ECGRecord]) -> list[ECGRecord]:
        records = check_records(X, self.lead_names_)
        for i, record in enumerate(records):
            if np.isnan(record.select_leads(self.lead_names_).signal).any():
                raise ValueError(f"{record_label(record, i)} has missing samples (NaN).")
            if (len(record.signal), record.fs) != (self.n_timesteps_, self.fs_):
                raise ValueError(
                    f"{record_label(record, i)} has {len(record.signal)} samples at {record.fs:g} "
                    f"Hz, others {self.n_timesteps_} at {self.fs_:g} Hz: bring all to one "
                    "sampling rate and length."
                )
        return records

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags
