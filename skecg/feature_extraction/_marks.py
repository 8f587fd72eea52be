"""Wave marks as arrays, for all leads of a recording at once, and what is measured at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from skecg._records import record_label
from skecg.recordings import Annotations, ECGRecord, reach_outside

Delineator = Callable[[ECGRecord], Mapping[str, Annotations]]

QRS, T, P = range(3)
ONSET, PEAK, OFFSET = range(3)
MARK_NAMES = tuple(f"{w}_{p}" for w in ("QRS", "T", "P") for p in ("onset", "peak", "offset"))
_PEAK_SYMBOLS = ("N", "t", "p")
# The isoelectric level of the CSE and IEC recommendations: just before the QRS complex.
ISOELECTRIC_SECONDS = 0.02


class WaveMarks(NamedTuple):
    """The waves of one recording.

    Attributes
    ----------
    lead : ndarray of shape (n_waves,)
        Index of each wave's lead, ascending.
    wave : ndarray of shape (n_waves,)
        `QRS`, `T` or `P`.
    position : ndarray of shape (n_waves, 3)
        Onset, peak and offset in samples; -1 where there is no such mark.
    """

    lead: np.ndarray
    wave: np.ndarray
    position: np.ndarray

    def select(self, wave: int, *points: int) -> WaveMarks:
        """Return the waves of one kind that have all these marks."""
        keep = (self.wave == wave) & (self.position[:, points] >= 0).all(axis=1)
        return WaveMarks(self.lead[keep], self.wave[keep], self.position[keep])


def wave_marks(delineation: Mapping[str, Annotations], leads: Sequence[str]) -> WaveMarks:
    """Pair each peak with the onset just before it and the offset just after it.

    Onsets and offsets that belong to no peak are left aside, as are symbols of other kinds.
    """
    marks = [delineation[lead] for lead in leads]
    sample = np.concatenate([m.sample for m in marks])
    symbol = np.concatenate([m.symbol for m in marks])
    lead = np.repeat(np.arange(len(leads)), [len(m) for m in marks])

    wave = np.full(len(symbol), -1)
    for kind, peak_symbol in enumerate(_PEAK_SYMBOLS):
        wave[symbol == peak_symbol] = kind
    peak = np.flatnonzero(wave >= 0)
    position = np.full((len(peak), 3), -1)
    position[:, PEAK] = sample[peak]
    for point, step, limit in ((ONSET, -1, "("), (OFFSET, 1, ")")):
        neighbour = np.clip(peak + step, 0, len(symbol) - 1)
        paired = (symbol[neighbour] == limit) & (lead[neighbour] == lead[peak])
        position[paired, point] = sample[neighbour[paired]]
    return WaveMarks(lead[peak], wave[peak], position)


def delineation_of(
    record: ECGRecord, position: int, leads: Sequence[str], delineator: Delineator | None
) -> Mapping[str, Annotations]:
    """Return a recording's marks of these leads, its own or else the delineator's."""
    marks = record.delineation
    absent = [lead for lead in leads if lead not in marks]
    if absent and delineator is not None:
        found = delineator(record)
        if not isinstance(found, Mapping):
            raise ValueError(f"delineator must return marks by lead name, got {found!r}.")
        for lead, of_lead in found.items():
            if not isinstance(of_lead, Annotations):
                raise ValueError(f"delineator must return Annotations for {lead}, got {of_lead!r}.")
            if reach_outside(of_lead, record.n_timesteps):
                raise ValueError(
                    f"delineator has put marks of {lead} outside the {record.n_timesteps} samples "
                    f"of {record_label(record, position)}."
                )
        marks = {**found, **marks}
        absent = [lead for lead in leads if lead not in marks]
    if absent:
        raise ValueError(
            f"{record_label(record, position)} has no delineation of {', '.join(absent)}: pass a "
            "delineator, for example skecg.feature_extraction.delineate."
        )
    return marks


def count_marks(waves: WaveMarks, n_leads: int) -> np.ndarray:
    """Count the marks of each kind; shape (n_leads, 9), in the order of `MARK_NAMES`."""
    column, known = _columns(waves)
    return np.bincount(column[known], minlength=n_leads * 9).reshape(n_leads, 9)


def mean_at_marks(signal: np.ndarray, waves: WaveMarks) -> np.ndarray:
    """Average the signal at each of the nine kinds of mark over the beats.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps, n_leads)
        In any unit.
    waves : WaveMarks
        Where to look.

    Returns
    -------
    ndarray of shape (n_leads, 9)
        In the order of `MARK_NAMES`, NaN where there is no such mark.
    """
    n_leads = signal.shape[1]
    column, known = _columns(waves)
    value = signal[waves.position, waves.lead[:, np.newaxis]]
    total = np.bincount(column[known], value[known], minlength=n_leads * 9).reshape(n_leads, 9)
    count = count_marks(waves, n_leads)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def _columns(waves: WaveMarks) -> tuple[np.ndarray, np.ndarray]:
    first = waves.lead * 9 + waves.wave * 3
    return first[:, np.newaxis] + np.arange(3), waves.position >= 0


def isoelectric_levels(signal: np.ndarray, qrs: WaveMarks, fs: float) -> np.ndarray:
    """Average the signal over the 20 ms that end with each QRS onset; shape (n_waves,)."""
    n = max(round(ISOELECTRIC_SECONDS * fs), 1)
    window = np.maximum(qrs.position[:, ONSET, np.newaxis] - np.arange(n), 0)
    return signal[window, qrs.lead[:, np.newaxis]].mean(axis=1)


def levels_at(
    position: np.ndarray, lead: np.ndarray, qrs: WaveMarks, level: np.ndarray
) -> np.ndarray:
    """Interpolate each lead's isoelectric levels between QRS onsets; NaN in leads without any."""
    found = np.full(len(position), np.nan)
    for name in np.intersect1d(lead, qrs.lead):
        here, own = lead == name, qrs.lead == name
        found[here] = np.interp(position[here], qrs.position[own, ONSET], level[own])
    return found


def wave_areas(signal: np.ndarray, waves: WaveMarks, level: np.ndarray) -> np.ndarray:
    """Add up each wave above its level, from onset to offset; shape (n_waves,)."""
    onset, offset = waves.position[:, ONSET], waves.position[:, OFFSET]
    total = signal.cumsum(axis=0, dtype=float)
    area = total[offset, waves.lead] - total[onset, waves.lead]
    return area - level * (offset - onset)


def median_per_lead(value: np.ndarray, lead: np.ndarray, n_leads: int) -> np.ndarray:
    """Return the median of the values of each lead, NaN for a lead without any.

    Parameters
    ----------
    value : ndarray of shape (n_waves,) or (n_waves, n_values)
        Without NaN.
    lead : ndarray of shape (n_waves,)
        Each value's lead, ascending.
    n_leads : int
        Number of leads.

    Returns
    -------
    ndarray of shape (n_leads,) or (n_leads, n_values)
        Medians.
    """
    count = np.bincount(lead, minlength=n_leads)
    first = np.cumsum(count) - count
    result = np.full((n_leads, *value.shape[1:]), np.nan)
    for i in np.flatnonzero(count):
        result[i] = np.median(value[first[i] : first[i] + count[i]], axis=0)
    return result


def common_spans(waves: WaveMarks, n_timesteps: int) -> tuple[np.ndarray, np.ndarray]:
    """Find when waves of one kind are under way in at least two leads.

    One lead that is marked too wide or at the wrong place has no say.

    Parameters
    ----------
    waves : WaveMarks
        Waves of one kind that have onset and offset.
    n_timesteps : int
        Length of the recording.

    Returns
    -------
    onset, offset : ndarray of shape (n_spans,)
        First and last sample of each wave.
    """
    step = np.zeros(n_timesteps + 1, dtype=np.intp)
    np.add.at(step, waves.position[:, ONSET], 1)
    np.add.at(step, waves.position[:, OFFSET], -1)
    under_way = (np.cumsum(step) >= 2).astype(np.int8)
    change = np.diff(under_way, prepend=0)
    return np.flatnonzero(change == 1), np.flatnonzero(change == -1)


def qrs_duration(waves: WaveMarks, n_timesteps: int) -> float:
    """Return the median duration of the QRS complex over all leads, in samples."""
    onset, offset = common_spans(waves.select(QRS, ONSET, OFFSET), n_timesteps)
    return float(np.median(offset - onset)) if len(onset) else np.nan
