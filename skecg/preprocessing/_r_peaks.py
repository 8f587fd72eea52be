"""Finding R peaks."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from skecg._progress import track
from skecg._signals import resample
from skecg.preprocessing._quality import (
    REASONS,
    bandpass,
    check_recording,
    filled,
    find_runs,
    judge,
)

# The rate that khamis2016 is good at: the windows it smooths with shrink with the rate, and at
# 250 Hz its positive predictivity on MIT-BIH is 97.8 instead of 99.9 %: T waves are found too.
_DETECTION_FS: Final = 360.0
_SHORTEST_SECONDS = 2.0
_OVERLAP_SECONDS = 10.0
SNAP_SECONDS = 0.06
SNAP_BAND = (3.0, 40.0)
# No two beats are closer: the ventricles are refractory.
_REFRACTORY_SECONDS = 0.2
# Missing samples for a shorter time are bridged.
_GAP_SECONDS = 1.0
# A lead gives way to a later one if it is bad for so much more of the time.
_WORSE_LEAD = 0.05
_EMPTY = tuple(REASONS.index(reason) + 1 for reason in ("missing", "lead off", "flat"))


def detect_r_peaks(
    signal: ArrayLike,
    fs: float,
    *,
    method: str = "khamis2016",
    chunk: float = 600.0,
    verbose: bool = False,
) -> np.ndarray:
    """Find the R peaks of a recording.

    The work is done by a published detector, at 360 Hz whatever the recording's rate is. Each
    beat is then moved to the largest deflection between 3 and 40 Hz within 60 ms of where the
    detector has it, in the recording's own samples.

    Parameters
    ----------
    signal : array-like of shape (n_timesteps,) or (n_timesteps, n_leads)
        Voltages in mV, at least 2 s. NaN stands for missing samples. Of several leads each
        chunk uses the one that `signal_quality` finds the least fault with, the first ones
        preferred. A memory map is read chunk by chunk.
    fs : float
        Sampling rate in Hz, at least 50.
    method : {"khamis2016", "neurokit", "xqrs"}, default="khamis2016"
        The detector: that of Khamis et al. [1]_ or NeuroKit2's own [2]_, both of which need
        ``pip install skecg[delineation]``, or that of WFDB [3]_, which is always there.
    chunk : float, default=600.0
        Seconds that are looked at at a time, at least 60. Chunks overlap by 10 s on either
        side, so that no beat is lost or found twice where they meet.
    verbose : bool, default=False
        Whether to show progress on standard error.

    Returns
    -------
    ndarray of int64, shape (n_peaks,)
        Positions in samples, ascending. There is none where samples are missing, or the
        signal flat, for a second or more.

    Raises
    ------
    ImportError
        If the detector's package is not installed.
    ValueError
        If the signal is empty, not numeric, infinite somewhere, transposed or too short, or a
        parameter is invalid.

    See Also
    --------
    signal_quality : Tells where not to believe what is found.
    BeatSegmenter : Cuts out the beats.

    Notes
    -----
    Detectors find beats in noise, too: judge the quality beside it, as
    `skecg.RecordClassifier` does.

    References
    ----------
    .. [1] M. Khamis et al., "QRS Detection Algorithm for Telehealth Electrocardiogram
       Recordings", IEEE Transactions on Biomedical Engineering 63(7), 1377-1388, 2016.
       :doi:`10.1109/TBME.2016.2549060`
    .. [2] D. Makowski et al., "NeuroKit2: A Python toolbox for neurophysiological signal
       processing", Behavior Research Methods 53, 1689-1696, 2021.
       :doi:`10.3758/s13428-020-01516-y`
    .. [3] G. B. Moody, T. Pollard, B. Moody, "WFDB Software Package", PhysioNet.
       https://physionet.org/content/wfdb/

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.datasets import make_recordings
    >>> from skecg.preprocessing import detect_r_peaks
    >>> record = make_recordings(1, duration=60, random_state=0)[0]
    >>> found = detect_r_peaks(record.signal, record.fs, method="xqrs")
    >>> distance = np.subtract.outer(record.annotations.beats().sample, found)
    >>> bool(np.median(np.abs(distance).min(axis=1)) / record.fs < 0.005)
    True
    """
    if method not in _DETECTORS:
        raise ValueError(f"method must be one of {', '.join(_DETECTORS)}, got {method!r}.")
    if not (isinstance(chunk, Real) and 60 <= chunk < np.inf):
        raise ValueError(f"chunk must be a number of seconds of at least 60, got {chunk!r}.")
    signal = check_recording(signal, fs, shortest=_SHORTEST_SECONDS)
    find = _DETECTORS[method]()
    n_chunks = max(1, round(len(signal) / fs / chunk))
    bounds = np.linspace(0, len(signal), n_chunks + 1).round().astype(int).tolist()
    overlap = round(_OVERLAP_SECONDS * fs)
    refractory = round(_REFRACTORY_SECONDS * fs)
    peaks = np.empty(0, dtype=np.int64)
    for i in track(range(n_chunks), "Finding R peaks", n_chunks, verbose):
        first, stop = max(0, bounds[i] - overlap), min(len(signal), bounds[i + 1] + overlap)
        values = np.asarray(signal[first:stop], dtype=np.float64)
        if np.isinf(values).any():
            raise ValueError("signal holds infinite values; mark missing samples by NaN.")
        found = first + _find_in_chunk(values, fs, find)
        # What the chunk before has on the other side of the border, this one need not have, and
        # the other way round: a beat at the border belongs to whichever has it on its own side.
        after = max(bounds[i] - refractory // 2, peaks[-1] + refractory if len(peaks) else 0)
        peaks = np.r_[peaks, found[(found >= after) & (found < bounds[i + 1])]]
    return peaks


def _khamis2016() -> Callable[[np.ndarray], np.ndarray]:
    nk = _neurokit2()

    def find(values: np.ndarray) -> np.ndarray:
        # On the raw signal: it does its own cleaning.
        return nk.ecg_findpeaks(values, sampling_rate=int(_DETECTION_FS), method="khamis2016")[
            "ECG_R_Peaks"
        ]

    return find


def _neurokit() -> Callable[[np.ndarray], np.ndarray]:
    nk = _neurokit2()

    def find(values: np.ndarray) -> np.ndarray:
        fs = int(_DETECTION_FS)
        cleaned = nk.ecg_clean(values, sampling_rate=fs, method="neurokit")
        return nk.ecg_findpeaks(cleaned, sampling_rate=fs, method="neurokit")["ECG_R_Peaks"]

    return find


def _xqrs() -> Callable[[np.ndarray], np.ndarray]:
    from wfdb.processing import xqrs_detect

    return lambda values: xqrs_detect(values, fs=_DETECTION_FS, verbose=False)


_DETECTORS: Mapping[str, Callable[[], Callable[[np.ndarray], np.ndarray]]] = {
    "khamis2016": _khamis2016,
    "neurokit": _neurokit,
    "xqrs": _xqrs,
}
R_PEAK_METHODS = set(_DETECTORS)


def _neurokit2() -> Any:
    try:
        import neurokit2
    except ImportError as error:
        raise ImportError(
            "detect_r_peaks needs NeuroKit2, which is not installed: pip install "
            "'skecg[delineation]'. Without it there is method='xqrs'."
        ) from error
    return neurokit2


def _find_in_chunk(
    values: np.ndarray, fs: float, find: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Find the R peaks of one chunk of shape (n_timesteps, n_leads)."""
    codes = [
        judge(lead, fs, (np.nanmin(lead), np.nanmax(lead)), (0, len(lead)))
        if np.isfinite(lead).any()
        else np.full(len(lead), _EMPTY[0], dtype=np.uint8)
        for lead in values.T
    ]
    bad = np.array([np.mean(code > 0) for code in codes])
    best = int(np.flatnonzero(bad <= bad.min() + _WORSE_LEAD)[0])
    empty = np.isin(codes[best], _EMPTY)
    lead = filled(values[:, best])
    peaks = [np.empty(0, dtype=np.int64)]
    for start, stop in _pieces(empty, round(_GAP_SECONDS * fs), round(_SHORTEST_SECONDS * fs)):
        peaks.append(start + _find_in_piece(lead[start:stop], fs, find))
    found = np.concatenate(peaks)
    return found[~np.isnan(values[found, best])]


def _pieces(empty: np.ndarray, gap: int, shortest: int) -> list[tuple[int, int]]:
    """Return start and stop of what lies between long stretches of nothing."""
    long = np.zeros_like(empty)
    for start, stop, value in find_runs(empty.astype(np.uint8)):
        long[start:stop] = bool(value) and stop - start >= gap
    runs = find_runs(long.astype(np.uint8))
    return [(a, b) for a, b, nothing in runs if not nothing and b - a >= shortest]


def _find_in_piece(
    values: np.ndarray, fs: float, find: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    slow = resample(values[:, np.newaxis], fs, _DETECTION_FS)[:, 0]
    with warnings.catch_warnings():
        # Of medians and means of nothing, where there are no beats.
        warnings.simplefilter("ignore")
        rough = np.asarray(find(slow), dtype=float)
    rough = np.rint(rough * (fs / _DETECTION_FS)).astype(np.int64)
    return snap(np.abs(bandpass(values, *SNAP_BAND, fs)), round(SNAP_SECONDS * fs), rough)


def snap(deflection: np.ndarray, reach: int, peaks: np.ndarray) -> np.ndarray:
    """Move peaks to the largest deflection within reach; those that meet become one."""
    window = np.clip(peaks[:, np.newaxis] + np.arange(-reach, reach + 1), 0, len(deflection) - 1)
    return np.unique(window[np.arange(len(window)), deflection[window].argmax(axis=1)])
