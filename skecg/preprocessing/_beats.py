"""Cutting recordings into beats."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, StrOptions

from skecg._records import check_record, check_records
from skecg._signals import resample
from skecg.recordings import ECGRecord

# The beat length of the heartbeat CSV files that made this representation common.
_RR_WINDOW = 187 / 125


class BeatSegmenter(TransformerMixin, BaseEstimator):
    """Cut recordings into beats of one length, by their R peaks.

    With its defaults it makes the beats of Kachuee et al. [1]_: resampled to 125 Hz, cut
    from the R peak on, 1.2 times the median RR interval of the surrounding 10 s long, scaled
    to [0, 1] and zero-padded to 187 samples. A fixed window round the R peak, in seconds,
    needs no RR intervals and no padding.

    Parameters
    ----------
    window : "rr" or tuple of (before, after), default="rr"
        "rr" cuts from the R peak on, as long as the rhythm around it says. A tuple cuts from
        ``before`` seconds before the R peak to ``after`` seconds after it.
    target_fs : float or None, default=125.0
        Sampling rate of the beats in Hz; None keeps the recording's.
    n_timesteps : int or None, default=None
        Length of the beats in samples: what is longer is cut, what is shorter is
        zero-padded, both at the end. None means 1.496 s (187 samples at 125 Hz) for "rr" and
        the window's own length for a tuple.
    scaling : {"minmax", "standard"} or None, default="minmax"
        "minmax" scales every beat and lead to [0, 1], "standard" to mean 0 and standard
        deviation 1, both leaving out the padding; a flat lead becomes 0. None keeps mV.
    leads : str, sequence of str or None, default=None
        Names of the leads to cut; None means all.
    rr_factor : float, default=1.2
        Beat length in RR intervals, for "rr".
    rr_context : float, default=10.0
        Seconds round the R peak whose median RR interval counts, for "rr". The intervals
        before and after the peak always do.

    See Also
    --------
    skecg.datasets.load_mitbih : The beats of the MIT-BIH Arrhythmia Database.

    Notes
    -----
    A beat that the recording does not hold completely is dropped, and counted in what
    `segment` returns; `transform` warns. With "rr" a beat is complete when the R peak after it
    is there, so the last one of every recording is dropped. A beat before the last may still
    reach beyond the recording's end, by the part of its length that exceeds one RR interval:
    it ends there, and `segment` counts it in ``n_shortened``.

    A recording gives many beats, so a segmenter stands before ``X`` and ``y`` are made, not in
    a pipeline that is cross-validated.

    References
    ----------
    .. [1] M. Kachuee, S. Fazeli, M. Sarrafzadeh, "ECG Heartbeat Classification: A Deep
       Transferable Representation", IEEE ICHI, 2018. :arxiv:`1805.00794`

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGRecord
    >>> from skecg.preprocessing import BeatSegmenter
    >>> from skecg.recordings import Annotations
    >>> r_peaks = np.arange(100, 3600, 300)
    >>> signal = np.zeros(3600)
    >>> signal[r_peaks] = 1.0
    >>> record = ECGRecord(signal, fs=360, lead_names=["MLII"],
    ...                    annotations=Annotations(r_peaks, ["N"] * 12))
    >>> beats = BeatSegmenter().segment(record)
    >>> beats.data.shape, beats.n_dropped, beats.length[0]
    ((11, 187), 1, np.int64(125))
    >>> BeatSegmenter(window=(0.25, 0.5), target_fs=None, scaling=None).transform([record]).shape
    (12, 270)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "window": [StrOptions({"rr"}), tuple],
        "target_fs": [Interval(Real, 0, None, closed="neither"), None],
        "n_timesteps": [Interval(Integral, 1, None, closed="left"), None],
        "scaling": [StrOptions({"minmax", "standard"}), None],
        "leads": [str, "array-like", None],
        "rr_factor": [Interval(Real, 0, None, closed="neither")],
        "rr_context": [Interval(Real, 0, None, closed="neither")],
    }

    def __init__(
        self,
        *,
        window: str | tuple[float, float] = "rr",
        target_fs: float | None = 125.0,
        n_timesteps: int | None = None,
        scaling: str | None = "minmax",
        leads: str | Sequence[str] | None = None,
        rr_factor: float = 1.2,
        rr_context: float = 10.0,
    ):
        self.window = window
        self.target_fs = target_fs
        self.n_timesteps = n_timesteps
        self.scaling = scaling
        self.leads = leads
        self.rr_factor = rr_factor
        self.rr_context = rr_context

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Iterable[ECGRecord], y: Any = None) -> BeatSegmenter:
        """Check the parameters and the recordings; there is nothing to learn.

        Parameters
        ----------
        X : list of ECGRecord
            Recordings.
        y : None
            Ignored.

        Returns
        -------
        self : BeatSegmenter
            The segmenter itself.

        Raises
        ------
        ValueError
            If a parameter is invalid or ``X`` does not hold recordings.
        """
        check_records(X)
        self._check_window()
        return self

    def transform(self, X: Iterable[ECGRecord]) -> np.ndarray:
        """Cut the beats that the recordings' annotations mark.

        Parameters
        ----------
        X : list of ECGRecord
            Recordings with annotations.

        Returns
        -------
        ndarray of shape (n_beats, n_timesteps) or (n_beats, n_timesteps, n_leads)
            The beats, recording by recording, in time order.

        Raises
        ------
        ValueError
            As `segment`; if the recordings differ in their number of leads, or in sampling
            rate where ``target_fs`` is None.

        Warns
        -----
        UserWarning
            If R peaks were dropped; `segment` tells which are left.
        """
        records = check_records(X)
        parts = [self.segment(record) for record in records]
        shapes = {part.data.shape[1:] for part in parts}
        if len(shapes) > 1:
            raise ValueError(
                f"the recordings give beats of different shapes, {sorted(shapes)}: choose leads "
                "that all of them have, and a target_fs."
            )
        dropped = sum(part.n_dropped for part in parts)
        if dropped:
            total = dropped + sum(len(part.data) for part in parts)
            warnings.warn(
                f"{dropped} of {total} R peaks were dropped: their beats are not completely in "
                "the recording. Use segment() to know which are left.",
                UserWarning,
                stacklevel=2,
            )
        return np.concatenate([part.data for part in parts])

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
            With the following attributes.

            data : ndarray of shape (n_beats, n_timesteps) or (n_beats, n_timesteps, n_leads)
                The beats; two-dimensional for one lead.
            sample : ndarray of shape (n_beats,)
                Positions of their R peaks in the recording, in its own samples.
            index : ndarray of shape (n_beats,)
                Which of the R peaks they are.
            length : ndarray of shape (n_beats,)
                Samples before the padding.
            fs : float
                Sampling rate of ``data`` in Hz.
            lead_names : tuple of str
                The leads of ``data``.
            n_dropped : int
                R peaks whose beat is not completely in the recording.
            n_shortened : int
                Beats that end with the recording.

        Raises
        ------
        ValueError
            If a parameter is invalid, a lead or all R peaks are missing, a position is outside
            the signal, or the signal holds NaN.
        """
        self._validate_params()
        self._check_window()
        check_record(record)
        peaks = check_peaks(record, r_peaks)
        fs = float(record.fs if self.target_fs is None else self.target_fs)
        if self.leads is not None:
            names = [self.leads] if isinstance(self.leads, str) else list(self.leads)
            record = record.select_leads(names)
        signal = _resample(record, fs)
        centre = np.rint(peaks * (fs / record.fs)).astype(np.int64)
        if isinstance(self.window, str):
            start = centre
            length = np.rint(self._rr_lengths(peaks, record.fs) * fs).astype(np.int64)
            n_timesteps = self.n_timesteps or round(_RR_WINDOW * fs)
            # The rhythm's interval is unknown after the last peak.
            complete = np.arange(len(peaks)) < len(peaks) - 1
        else:
            before, after = (round(seconds * fs) for seconds in self.window)
            start = centre - before
            length = np.full(len(peaks), before + after)
            n_timesteps = self.n_timesteps or before + after
            complete = (start >= 0) & (start + length <= len(signal))
        length = np.minimum(length, n_timesteps)
        held = np.minimum(length, len(signal) - start)
        index = np.flatnonzero(complete & (held > 0))
        data = _cut(signal, start[index], held[index], n_timesteps, self.scaling)
        return Bunch(
            data=data[:, :, 0] if data.shape[2] == 1 else data,
            sample=peaks[index],
            index=index,
            length=held[index],
            fs=fs,
            lead_names=record.lead_names,
            n_dropped=len(peaks) - len(index),
            n_shortened=int(np.sum(held[index] < length[index])),
        )

    def _check_window(self) -> None:
        if isinstance(self.window, str):
            return
        if (
            len(self.window) != 2
            or not all(isinstance(s, Real) and 0 <= s < np.inf for s in self.window)
            or sum(self.window) == 0
        ):
            raise ValueError(
                "window must be 'rr' or (before, after) in seconds, not negative and not both 0, "
                f"got {self.window!r}."
            )

    def _rr_lengths(self, peaks: np.ndarray, fs: float) -> np.ndarray:
        """Give each beat's length in seconds: a multiple of the median RR interval near it."""
        if len(peaks) < 2:
            return np.zeros(len(peaks))
        intervals = np.diff(peaks) / fs
        reach = self.rr_context / 2 * fs
        own = np.arange(len(peaks))
        # Interval i lies between peaks i and i + 1.
        first = np.minimum(np.searchsorted(peaks, peaks - reach), np.maximum(own - 1, 0))
        stop = np.maximum(
            np.searchsorted(peaks, peaks + reach, side="right") - 1,
            np.minimum(own + 1, len(intervals)),
        )
        count = stop - first
        offset = np.arange(count.max())
        near = intervals[np.minimum(first[:, np.newaxis] + offset, len(intervals) - 1)]
        near = np.sort(np.where(offset < count[:, np.newaxis], near, np.inf), axis=1)
        median = (near[own, (count - 1) // 2] + near[own, count // 2]) / 2
        return self.rr_factor * median

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.no_validation = True
        tags.requires_fit = False
        return tags


def _label(record: ECGRecord) -> str:
    return "the recording" if record.record_id is None else f"recording {record.record_id}"


def check_peaks(record: ECGRecord, r_peaks: ArrayLike | None) -> np.ndarray:
    """Return the positions of R peaks, those of the annotations by default, or refuse them."""
    label = _label(record)
    if r_peaks is None:
        if record.annotations is None:
            raise ValueError(f"{label} has no annotations: pass r_peaks to segment().")
        peaks = record.annotations.beats().sample
    else:
        peaks = np.asarray(r_peaks)
        if peaks.ndim != 1 or (peaks.size and peaks.dtype.kind not in "iu"):
            raise ValueError(
                "r_peaks must be a one-dimensional array of whole numbers, got shape "
                f"{peaks.shape} of {peaks.dtype}."
            )
        peaks = peaks.astype(np.int64)
    if peaks.size == 0:
        raise ValueError(f"there are no R peaks for {label}.")
    if np.any(np.diff(peaks) <= 0):
        raise ValueError(f"the R peaks of {label} must ascend.")
    if peaks[0] < 0 or peaks[-1] >= record.n_timesteps:
        raise ValueError(
            f"r_peaks must lie within the {record.n_timesteps} time steps of {label}, got "
            f"{peaks[0]} to {peaks[-1]}."
        )
    return peaks


def _resample(record: ECGRecord, fs: float) -> np.ndarray:
    """Give the signal at another sampling rate."""
    missing = int(np.isnan(record.signal).sum())
    if missing:
        raise ValueError(
            f"the signal of {_label(record)} holds {missing} NaN: fill or cut out what is missing "
            "first."
        )
    return resample(record.signal, record.fs, fs)


def _cut(
    signal: np.ndarray, start: np.ndarray, length: np.ndarray, n_timesteps: int, scaling: str | None
) -> np.ndarray:
    """Cut, scale and pad; gives (n_beats, n_timesteps, n_leads)."""
    padding = np.zeros((n_timesteps, signal.shape[1]), dtype=signal.dtype)
    windows = sliding_window_view(np.concatenate([signal, padding]), n_timesteps, axis=0)
    beats = np.ascontiguousarray(np.moveaxis(windows[start], 1, 2))
    inside = (np.arange(n_timesteps) < length[:, np.newaxis])[:, :, np.newaxis]
    if scaling is not None and len(beats):
        low = np.min(beats, axis=1, keepdims=True, where=inside, initial=np.inf)
        high = np.max(beats, axis=1, keepdims=True, where=inside, initial=-np.inf)
        if scaling == "minmax":
            origin, spread = low, high - low
        else:
            origin = np.mean(beats, axis=1, keepdims=True, where=inside)
            spread = np.std(beats, axis=1, keepdims=True, where=inside)
        # Rounding gives a flat lead a standard deviation.
        beats = (beats - origin) / np.where(high > low, spread, 1)
    return np.where(inside, beats, beats.dtype.type(0))
