"""Finding the waves of a recording without marks."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils._param_validation import StrOptions, validate_params

from skecg.preprocessing import detect_r_peaks
from skecg.preprocessing._beats import check_peaks
from skecg.preprocessing._quality import bandpass
from skecg.preprocessing._r_peaks import SNAP_BAND, SNAP_SECONDS, snap
from skecg.recordings import Annotations, ECGRecord

_WAVES = {"P": "p", "R": "N", "T": "t"}
_SHORTEST_SECONDS = 2.0


@validate_params(
    {
        "record": [ECGRecord],
        "r_peaks": ["array-like", None],
        "method": [StrOptions({"prominence", "dwt", "cwt"})],
    },
    prefer_skip_nested_validation=True,
)
def delineate(
    record: ECGRecord,
    *,
    r_peaks: ArrayLike | None = None,
    method: str = "prominence",
) -> dict[str, Annotations]:
    """Find onset, peak and offset of P, QRS and T in every lead.

    The work is done by NeuroKit2, which has to be installed: ``pip install skecg[delineation]``.

    Parameters
    ----------
    record : ECGRecord
        Recording.
    r_peaks : array-like of int, optional
        R peaks in samples. By default they are detected in lead II, or in the first lead if
        there is none. In each lead they are moved to the largest deflection within 60 ms.
    method : {"prominence", "dwt", "cwt"}, default="prominence"
        NeuroKit2's way of finding the waves.

    Returns
    -------
    dict of str to Annotations
        Marks by lead, in PhysioNet's codes. A lead in which nothing is found has none.

    Raises
    ------
    ImportError
        If NeuroKit2 is not installed.
    ValueError
        If samples are missing (NaN), or the recording is shorter than 2 s.

    See Also
    --------
    AnnotationFeatures : Takes this function as its ``delineator``.
    skecg.preprocessing.detect_r_peaks : Finds the R peaks.

    Notes
    -----
    P waves are also found where there are none: do not trust them in atrial fibrillation. A wave
    that runs into the next one ends where that begins.

    References
    ----------
    .. [1] D. Makowski et al., "NeuroKit2: A Python toolbox for neurophysiological signal
       processing", Behavior Research Methods 53, 1689-1696, 2021.
    .. [2] M. Khamis et al., "QRS Detection Algorithm for Telehealth Electrocardiogram
       Recordings", IEEE Transactions on Biomedical Engineering 63(7), 1377-1388, 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGRecord
    >>> from skecg.feature_extraction import delineate
    >>> t = np.arange(5000) / 500
    >>> beat = lambda centre, width: np.exp(-(((t % 1 - centre) / width) ** 2))
    >>> signal = 0.1 * beat(0.32, 0.02) + beat(0.5, 0.01) + 0.3 * beat(0.8, 0.04)
    >>> record = ECGRecord(signal, fs=500, lead_names=["II"])
    >>> marks = delineate(record)["II"]  # doctest: +SKIP
    """
    try:
        import neurokit2 as nk
    except ImportError as error:
        raise ImportError(
            "delineate needs NeuroKit2, which is not installed: pip install 'skecg[delineation]'."
        ) from error
    if np.isnan(record.signal).any():
        raise ValueError("record must not have missing samples (NaN).")
    if record.duration < _SHORTEST_SECONDS:
        raise ValueError(
            f"record must be at least {_SHORTEST_SECONDS:g} s long, got {record.duration:g} s."
        )
    if r_peaks is None:
        lead = "II" if "II" in record.lead_names else record.lead_names[0]
        r_peaks = detect_r_peaks(record.lead(lead), record.fs)
    else:
        r_peaks = check_peaks(record, r_peaks)
    return {
        name: _delineate_lead(nk, signal, record.fs, r_peaks, method)
        for name, signal in zip(record.lead_names, record.signal.T, strict=True)
    }


def _delineate_lead(
    nk: Any, signal: np.ndarray, fs: float, r_peaks: np.ndarray, method: str
) -> Annotations:
    band = bandpass(signal, *SNAP_BAND, fs)
    r_peaks = snap(np.abs(band), round(SNAP_SECONDS * fs), r_peaks)
    # NeuroKit2 needs an RR interval.
    if len(r_peaks) < 2:
        return Annotations(np.array([], dtype=np.int64), np.array([], dtype=str))
    # It also takes QRS complexes for upright, so that it would miss the limits of deep S waves.
    if np.median(band[r_peaks]) < 0:
        signal = -signal
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = nk.ecg_delineate(signal, rpeaks=r_peaks, sampling_rate=fs, method=method)[1]
    waves = []
    for wave, symbol in _WAVES.items():
        peaks = r_peaks if wave == "R" else _known(found[f"ECG_{wave}_Peaks"])
        onsets = _known(found[f"ECG_{wave}_Onsets"])
        offsets = _known(found[f"ECG_{wave}_Offsets"])
        for peak in peaks:
            onset = onsets[onsets < peak].max(initial=-1)
            offset = offsets[offsets > peak].min(initial=len(signal))
            waves.append((peak, onset, offset, symbol))
    return _annotations(sorted(waves), len(signal))


def _known(positions: Sequence[float]) -> np.ndarray:
    found = np.asarray(positions, dtype=float)
    return found[np.isfinite(found)].astype(np.intp)


def _annotations(waves: Sequence[tuple[int, int, int, str]], n_timesteps: int) -> Annotations:
    """Write waves, ascending by their peaks, as marks; each ends before the next begins."""
    peaks = [-1, *(peak for peak, *_ in waves), n_timesteps]
    # An onset before the peak of the wave before is none.
    onsets = [
        onset if onset > before else None
        for before, (_, onset, _, _) in zip(peaks, waves, strict=False)
    ]
    sample, symbol = [], []
    for i, (peak, _, offset, wave) in enumerate(waves):
        onset = onsets[i]
        if onset is not None:
            sample.append(onset)
            symbol.append("(")
        sample.append(peak)
        symbol.append(wave)
        following = onsets[i + 1] if i + 1 < len(waves) else None
        if offset < peaks[i + 2]:
            sample.append(offset if following is None else min(offset, following))
            symbol.append(")")
    return Annotations(np.array(sample, dtype=np.int64), np.array(symbol, dtype=str))
