"""Stretches of a recording that nothing should be read from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from numbers import Real
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import maximum_filter1d, minimum_filter1d
from scipy.signal import butter, sosfiltfilt

from skecg._progress import track

# The first that holds is the reason.
REASONS: Final = ("missing", "lead off", "flat", "saturated", "noisy")
_MISSING, _LEAD_OFF, _FLAT, _SATURATED, _NOISY = range(1, 6)
QUALITY_DTYPE: Final = np.dtype(
    [
        ("lead", np.int64),
        ("start", np.int64),
        ("stop", np.int64),
        ("time", np.float64),
        ("duration", np.float64),
        ("reason", "U9"),
    ]
)

LOWEST_FS: Final = 50.0
_FLAT_SECONDS = 1.0
_FLAT_MILLIVOLTS = 0.01
_CLIPPED_SECONDS = 0.02
_JOINED_SECONDS = 1.0
# Long enough for two beats at 30 a minute.
_BLOCK_SECONDS = 5.0
_BLOCKS_AT_ONCE = 120
_CONTEXT_SECONDS = 5.0
# White, pink and brown noise stay below 4.1 in 99 of 100 blocks; of the blocks of MIT-BIH that
# the annotators found clean, 99 of 100 are above 5.2.
_LOWEST_PEAKEDNESS = 6.0
# Ventricular flutter has no peaks either, but nothing fast: below 0.1 in 19 of 20 blocks.
_LOWEST_FAST_SHARE = 0.1


def signal_quality(signal: ArrayLike, fs: float, *, verbose: bool = False) -> np.ndarray:
    """Find the stretches of a recording that nothing should be read from.

    Every lead is judged by itself. A stretch is

    - "missing" where samples are NaN;
    - "lead off" where the lead keeps still, as under "flat", at the highest or lowest value it
      has anywhere in the recording: the amplifier of an open lead is driven to its limit;
    - "flat" where the lead moves by no more than 10 µV for at least 1 s;
    - "saturated" where it stays at its highest or lowest value for at least 20 ms: the peaks
      are cut off;
    - "noisy" where QRS complexes do not stand out: within 5 s, the 98th percentile of the
      deflections between 5 and 40 Hz is less than 6 times their median, and those between
      20 and 40 Hz are at least 0.1 of those between 1 and 20 Hz. The second condition spares
      ventricular flutter.

    Where several hold, the first of this list is reported. Stretches of one reason that are
    less than 1 s apart are joined.

    Parameters
    ----------
    signal : array-like of shape (n_timesteps,) or (n_timesteps, n_leads)
        Voltages in mV; NaN stands for missing samples. A memory map is read piece by piece.
    fs : float
        Sampling rate in Hz, at least 50.
    verbose : bool, default=False
        Whether to show progress on standard error.

    Returns
    -------
    ndarray of shape (n_stretches,)
        A table by lead and time, with the fields

        - ``lead``: column of ``signal``;
        - ``start``, ``stop``: first sample of the stretch, and first one after it;
        - ``time``, ``duration``: where it starts and how long it is, in s;
        - ``reason``: one of the above.

    Raises
    ------
    ValueError
        If the signal is empty, not numeric, infinite somewhere, transposed or shorter than
        1 s, or if ``fs`` is no number or below 50.

    See Also
    --------
    detect_r_peaks : Finds beats, in noise as well.

    Notes
    -----
    The percentile and the median are robust forms of the kurtosis that [1]_ found to tell
    good from bad recordings. What passes is no proof of quality: slow swings of a loose
    electrode pass, and so does the ECG of somebody else.

    References
    ----------
    .. [1] G. D. Clifford, J. Behar, Q. Li, I. Rezek, "Signal quality indices and data fusion
       for determining clinical acceptability of electrocardiograms", Physiological
       Measurement 33(9), 1419-1433, 2012. :doi:`10.1088/0967-3334/33/9/1419`

    Examples
    --------
    >>> from skecg.datasets import make_recordings
    >>> from skecg.preprocessing import signal_quality
    >>> record = make_recordings(1, duration=60, random_state=0)[0]
    >>> signal = record.signal.copy()
    >>> signal[7200:9000] = 0
    >>> for stretch in signal_quality(signal, record.fs):
    ...     print(stretch["reason"], stretch["time"], stretch["duration"])
    flat 20.0 5.0
    """
    signal = check_recording(signal, fs, shortest=_FLAT_SECONDS)
    n_timesteps, n_leads = signal.shape
    bounds = _block_bounds(n_timesteps, fs)
    n_pieces = -(-(len(bounds) - 1) // _BLOCKS_AT_ONCE)
    rails = _rails(signal, bounds)
    runs: list[list[tuple[int, int, int]]] = [[] for _ in range(n_leads)]
    for piece in track(range(n_pieces), "Judging quality", n_pieces, verbose):
        own = bounds[piece * _BLOCKS_AT_ONCE : (piece + 1) * _BLOCKS_AT_ONCE + 1]
        margin = round(_CONTEXT_SECONDS * fs)
        first, stop = max(0, own[0] - margin), min(n_timesteps, own[-1] + margin)
        values = np.asarray(signal[first:stop], dtype=np.float64)
        for lead in range(n_leads):
            code = judge(values[:, lead], fs, rails[lead], own - first)
            runs[lead] += [
                (start + own[0], end + own[0], value)
                for start, end, value in find_runs(code[own[0] - first : own[-1] - first])
                if value
            ]
    rows = [
        (lead, start, stop, start / fs, (stop - start) / fs, REASONS[value - 1])
        for lead in range(n_leads)
        for start, stop, value in _joined(runs[lead], round(_JOINED_SECONDS * fs))
    ]
    return np.array(rows, dtype=QUALITY_DTYPE)


def check_recording(signal: ArrayLike, fs: float, *, shortest: float) -> np.ndarray:
    """Return the signal as (n_timesteps, n_leads), still a memory map if it was one.

    Infinite values are found piece by piece, later.
    """
    if isinstance(fs, bool) or not isinstance(fs, Real) or not LOWEST_FS <= fs < np.inf:
        raise ValueError(f"fs must be a number of Hz of at least {LOWEST_FS:g}, got {fs!r}.")
    signal = np.asanyarray(signal)
    if signal.dtype.kind not in "iuf":
        raise ValueError(f"signal must be numeric, got values of type {signal.dtype}.")
    if signal.ndim == 1:
        signal = signal[:, np.newaxis]
    if signal.ndim != 2 or signal.size == 0:
        raise ValueError(
            f"signal must be (n_timesteps,) or (n_timesteps, n_leads), got shape {signal.shape}."
        )
    if signal.shape[1] > signal.shape[0]:
        raise ValueError(
            f"signal has more leads ({signal.shape[1]}) than time steps ({signal.shape[0]}): it "
            "looks transposed, pass signal.T."
        )
    if len(signal) < shortest * fs:
        raise ValueError(
            f"signal must be at least {shortest:g} s long, got {len(signal) / fs:g} s: "
            f"{len(signal)} samples at {fs:g} Hz."
        )
    return signal


def judge(
    values: np.ndarray, fs: float, rails: tuple[float, float], bounds: Sequence[int]
) -> np.ndarray:
    """Tell of each sample of one lead what is wrong with it.

    Parameters
    ----------
    values : ndarray of shape (n_timesteps,)
        Voltages as float64.
    fs : float
        Sampling rate in Hz.
    rails : tuple of float
        Lowest and highest value of the lead.
    bounds : sequence of int
        Where the blocks to be judged for noise begin, and where the last one ends.

    Returns
    -------
    ndarray of uint8, shape (n_timesteps,)
        0, or 1 + the reason's place in ``REASONS``.
    """
    missing = np.isnan(values)
    code = np.where(missing, _MISSING, 0).astype(np.uint8)
    if missing.all():
        return code
    values = filled(values)
    noisy = _noisy_blocks(values, fs, bounds)
    for start, stop in pairwise(bounds):
        code[start:stop] = _NOISY * next(noisy)
    low, high = rails
    tolerance = 1e-6 * (high - low)
    at_rail = (values <= low + tolerance) | (values >= high - tolerance)
    if high > low:
        code[_lasting(at_rail, max(3, _odd(_CLIPPED_SECONDS * fs)))] = _SATURATED
    flat = _flat(values, _odd(_FLAT_SECONDS * fs))
    for start, stop, is_flat in find_runs(flat.astype(np.uint8)):
        # The lines that bridge missing samples are flat, too.
        if is_flat and missing[start:stop].mean() < 0.5:
            code[start:stop] = _LEAD_OFF if at_rail[start:stop].mean() > 0.5 else _FLAT
    code[missing] = _MISSING
    return code


def filled(values: np.ndarray) -> np.ndarray:
    """Bridge missing samples by straight lines; what is missing altogether becomes 0."""
    missing = np.isnan(values)
    if not missing.any():
        return values
    if missing.all():
        return np.zeros_like(values)
    known = np.flatnonzero(~missing)
    bridged = values.copy()
    bridged[missing] = np.interp(np.flatnonzero(missing), known, values[known])
    return bridged


def find_runs(code: np.ndarray) -> list[tuple[int, int, int]]:
    """Return start, stop and value of each run of equal values."""
    edges = np.r_[0, np.flatnonzero(np.diff(code)) + 1, len(code)].tolist()
    return [(a, b, int(code[a])) for a, b in pairwise(edges) if b > a]


def bandpass(values: np.ndarray, low: float, high: float, fs: float) -> np.ndarray:
    """Keep a band of frequencies, as far as the sampling rate has it, without a shift in time."""
    sos = butter(2, (low, min(high, 0.45 * fs)), "bandpass", fs=fs, output="sos")
    return sosfiltfilt(sos, values)


def _block_bounds(n_timesteps: int, fs: float) -> np.ndarray:
    """Cut into blocks of equal length; the last one takes what is left over."""
    length = round(_BLOCK_SECONDS * fs)
    bounds = np.arange(max(1, n_timesteps // length) + 1) * length
    bounds[-1] = n_timesteps
    return bounds


def _rails(signal: np.ndarray, bounds: np.ndarray) -> list[tuple[float, float]]:
    low = np.full(signal.shape[1], np.inf)
    high = -low
    edges = np.r_[bounds[:-1:_BLOCKS_AT_ONCE], bounds[-1]]
    for start, stop in pairwise(edges):
        values = np.asarray(signal[start:stop])
        if np.isinf(values).any():
            raise ValueError("signal holds infinite values; mark missing samples by NaN.")
        low = np.fmin(low, np.fmin.reduce(values, axis=0))
        high = np.fmax(high, np.fmax.reduce(values, axis=0))
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _noisy_blocks(values: np.ndarray, fs: float, bounds: Sequence[int]) -> Iterator[bool]:
    peaks, slow, fast = (
        np.abs(bandpass(values, *band, fs)) for band in ((5, 40), (1, 20), (20, 40))
    )
    for start, stop in pairwise(bounds):
        block = slice(start, stop)
        peakedness = np.percentile(peaks[block], (50, 98))
        yield bool(
            peakedness[1] < _LOWEST_PEAKEDNESS * peakedness[0]
            and np.median(fast[block]) >= _LOWEST_FAST_SHARE * np.median(slow[block])
        )


def _odd(n_timesteps: float) -> int:
    """Return a whole odd number, for windows that have a middle."""
    return 2 * round(n_timesteps / 2) + 1


def _flat(values: np.ndarray, length: int) -> np.ndarray:
    """Mark the samples that are in any window in which next to nothing moves."""
    # Windows that reach beyond the ends count as moving.
    highest = maximum_filter1d(values, length, mode="constant", cval=np.inf)
    lowest = minimum_filter1d(values, length, mode="constant", cval=-np.inf)
    return maximum_filter1d(highest - lowest <= _FLAT_MILLIVOLTS, length, mode="constant")


def _lasting(mask: np.ndarray, length: int) -> np.ndarray:
    """Keep the runs of at least so many samples."""
    inside = minimum_filter1d(mask, length, mode="constant")
    return maximum_filter1d(inside, length, mode="constant")


def _joined(runs: list[tuple[int, int, int]], gap: int) -> list[tuple[int, int, int]]:
    """Join runs of one value that are less than ``gap`` apart, with nothing else between."""
    joined: list[tuple[int, int, int]] = []
    for start, stop, value in runs:
        if joined and joined[-1][2] == value and start - joined[-1][1] < gap:
            joined[-1] = (joined[-1][0], stop, value)
        else:
            joined.append((start, stop, value))
    return joined
