"""Beats beside what is usual in their recording."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval

from skecg._records import check_records
from skecg.feature_extraction._rr import RRFeatures
from skecg.preprocessing import BeatSegmenter
from skecg.recordings import ECGRecord

# A longer pause says that something is missing, and would spoil the recording's mean.
_LONGEST_RR = 3.0
# Nothing is known about the regularity of fewer beats.
_FEWEST_PEAKS = 3


class BeatContextSegmenter(TransformerMixin, BaseEstimator):
    """Cut recordings into beats, each with its rhythm and its difference from the usual beat.

    Every beat becomes one row of a table. First comes its waveform, time step by time step:
    of each lead the beat itself, then what is left of it without the median beat of the
    recording. The :class:`RRFeatures` of the beat follow. That is what
    :class:`~skecg.classifiers.ECGWideDeepClassifier` takes, with ``n_wide=10`` and two
    ``n_leads`` for each lead of the recording.

    Gain and offset are taken out: every beat has the median 0, and the recording's median beat
    the standard deviation 1. So large beats among small ones stay large.

    Parameters
    ----------
    window : tuple of (before, after), default=(0.3, 0.5)
        Seconds before and after the R peak.
    target_fs : float, default=125.0
        Sampling rate of the waveforms in Hz.
    n_local : int, default=10
        As in `RRFeatures`.
    n_rhythm : int, default=30
        As in `RRFeatures`.

    See Also
    --------
    RRFeatures : The columns of the rhythm.
    skecg.preprocessing.BeatSegmenter : Cuts beats without their context.
    skecg.RecordClassifier : Takes it as ``segmenter``.

    Notes
    -----
    The median beat is that of the whole recording, and intervals look ahead: this is for
    recordings at hand, not for a monitor. Where most beats are ectopic, the usual beat is an
    ectopic one.

    Intervals of more than 3 s count as 3 s. A beat that the recording does not hold
    completely is dropped, as are all beats of a recording with fewer than three R peaks.

    References
    ----------
    .. [1] P. de Chazal, M. O'Dwyer and R. B. Reilly, "Automatic classification of heartbeats
       using ECG morphology and heartbeat interval features", IEEE Transactions on Biomedical
       Engineering 51(7), 1196-1206, 2004. :doi:`10.1109/TBME.2004.827359`

    Examples
    --------
    >>> from skecg.datasets import make_recordings
    >>> from skecg.feature_extraction import BeatContextSegmenter
    >>> record = make_recordings(1, duration=60, random_state=0)[0]
    >>> beats = BeatContextSegmenter().segment(record)
    >>> beats.data.shape[1]  # 100 time steps of beat and difference, 10 columns of rhythm
    210
    >>> len(beats.data) + beats.n_dropped == len(record.annotations.beats())
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "window": [tuple],
        "target_fs": [Interval(Real, 0, None, closed="neither")],
        "n_local": [Interval(Integral, 1, None, closed="left")],
        "n_rhythm": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        window: tuple[float, float] = (0.3, 0.5),
        target_fs: float = 125.0,
        n_local: int = 10,
        n_rhythm: int = 30,
    ) -> None:
        self.window = window
        self.target_fs = target_fs
        self.n_local = n_local
        self.n_rhythm = n_rhythm

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Iterable[ECGRecord], y: Any = None) -> BeatContextSegmenter:
        """Check the parameters and the recordings; there is nothing to learn.

        Parameters
        ----------
        X : list of ECGRecord
            Recordings.
        y : None
            Ignored.

        Returns
        -------
        self : BeatContextSegmenter
            The segmenter itself.
        """
        check_records(X)
        return self

    def transform(self, X: Iterable[ECGRecord]) -> np.ndarray:
        """Cut the beats that the recordings' annotations mark.

        Parameters
        ----------
        X : list of ECGRecord
            Recordings with annotations, of as many leads each.

        Returns
        -------
        ndarray of shape (n_beats, n_timesteps * 2 * n_leads + 10)
            One row a beat, recording by recording, in time order.

        Raises
        ------
        ValueError
            As `segment`; if the recordings differ in their number of leads.
        """
        return np.concatenate([self.segment(record).data for record in check_records(X)])

    def segment(self, record: ECGRecord, r_peaks: ArrayLike | None = None) -> Bunch:
        """Cut one recording into beats and tell where they are.

        Parameters
        ----------
        record : ECGRecord
            A recording.
        r_peaks : array-like of int, shape (n_peaks,), optional
            Positions of the R peaks in samples, ascending. By default those that the
            recording's annotations mark as beats.

        Returns
        -------
        beats : :class:`~sklearn.utils.Bunch`
            As :meth:`skecg.preprocessing.BeatSegmenter.segment` returns it, with ``data`` of
            shape (n_beats, n_timesteps * 2 * n_leads + 10).

        Raises
        ------
        ValueError
            If a parameter is invalid, all R peaks are missing, a position is outside the
            signal, or the signal holds NaN.
        """
        self._validate_params()
        if r_peaks is None and isinstance(record, ECGRecord) and record.annotations is not None:
            r_peaks = record.annotations.beats().sample
        cutter = BeatSegmenter(window=self.window, target_fs=self.target_fs, scaling=None)
        beats = cutter.segment(record, r_peaks)
        peaks = np.asarray(r_peaks)
        if len(peaks) < _FEWEST_PEAKS:
            for name in ("data", "sample", "index", "length"):
                beats[name] = beats[name][:0]
            beats.n_dropped = len(peaks)
        waves = _in_context(beats.data if beats.data.ndim == 3 else beats.data[..., np.newaxis])
        seconds = np.r_[0, np.minimum(np.diff(peaks) / record.fs, _LONGEST_RR).cumsum()]
        rhythm = RRFeatures(fs=1, n_local=self.n_local, n_rhythm=self.n_rhythm)
        rr = rhythm.fit_transform(seconds[:, np.newaxis])[beats.index].astype(waves.dtype)
        beats.data = np.hstack([waves.reshape(len(waves), np.prod(waves.shape[1:])), rr])
        return beats

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        tags.requires_fit = False
        return tags


def _in_context(beats: np.ndarray) -> np.ndarray:
    """Return beats (n_beats, n_timesteps, n_leads) beside their difference from the usual one."""
    if not len(beats):
        return np.repeat(beats, 2, axis=2)
    beats = beats - np.median(beats, axis=1, keepdims=True)
    usual = np.median(beats, axis=0)
    spread = usual.std(axis=0)
    spread = np.where(spread > 0, spread, 1)
    pairs = np.stack([beats, beats - usual], axis=3) / spread[:, np.newaxis]
    return pairs.reshape(*beats.shape[:2], -1)
