"""The sampling rate that a column of times tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np

_SECONDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "millis", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("us", "µs", "μs", "usec", "micros", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ns", "nsec", "nanosecond", "nanoseconds"), 1e-9),
}
# Between these rates, a step tells its unit: 0.004 can only be s, 4 ms, 4000 µs.
_PLAUSIBLE_RATES = (50.0, 20_000.0)
_CLOCK = re.compile(r"\[?(?:(\d{1,9}):)?(\d{1,9}):(\d{1,9}(?:[.,]\d*)?)(?:\s+[\d/.-]+)?\]?", re.A)
_DAY = 86_400.0


def seconds_per(unit: str) -> float | None:
    """Return the length of a unit of time; None for what is none."""
    return _SECONDS.get(unit.strip().lower())


def to_seconds(fields: Sequence[str]) -> np.ndarray | None:
    """Return times such as 0:00.004, 12:30:01.5 or 2026-03-01 12:30:01.5; None for other text."""
    times = [_seconds(field) for field in fields]
    if None in times:
        return None
    seconds = np.array(times, dtype=np.float64)
    # A clock begins anew at midnight.
    midnights = np.cumsum(np.diff(seconds, prepend=seconds[:1]) < -_DAY / 2)
    return seconds + midnights * _DAY


def sampling_rate(times: np.ndarray, unit: float | None, first_line: int) -> float | None:
    """Return the rate in Hz; None where the times only count the samples.

    Parameters
    ----------
    times : ndarray of shape (n_timesteps,)
        As in the file.
    unit : float or None
        In seconds, None where the file is silent.
    first_line : int
        Of the file, to tell where something is wrong.

    Raises
    ------
    ValueError
        If the times stand still, go back, have a gap, or may be in more than one unit.
    """
    if len(times) < 2:
        return None
    steps = np.diff(times)
    if not np.isfinite(times).all() or (steps < 0).any():
        at = int(np.argmax(~np.isfinite(times[1:]) | (steps < 0))) + 1
        raise ValueError(
            f"line {first_line + at}: the time column goes on from {times[at - 1]:g} to "
            f"{times[at]:g}; fs= takes the rows as evenly spaced."
        )
    span = float(times[-1] - times[0])
    if span == 0:
        raise ValueError("the time column stands still; fs= takes the rows as evenly spaced.")
    step = float(np.median(steps))
    if unit is None:
        if (steps == 1).all():
            return None
        unit = _guess_unit(times)
    resolution = _resolution(times)
    if steps.max() > 1.5 * step + resolution:
        at = int(np.argmax(steps)) + 1
        raise ValueError(
            f"line {first_line + at}: the time column goes on from {times[at - 1]:g} to "
            f"{times[at]:g}, after steps of {step:g}; fs= takes the rows as evenly spaced."
        )
    rate = (len(times) - 1) / (span * unit)
    # Rounded times give a rate that is a little off.
    return float(round(rate)) if abs(rate - round(rate)) <= rate * resolution / span else rate


def _seconds(field: str) -> float | None:
    clock = _CLOCK.fullmatch(field)
    if clock is not None:
        hours, minutes, seconds = clock.groups(default="0")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))
    try:
        date = datetime.fromisoformat(field)
        return (date - datetime(1970, 1, 1, tzinfo=date.tzinfo)).total_seconds()
    except (ValueError, OverflowError):
        return None


def _guess_unit(times: np.ndarray) -> float:
    step = (times[-1] - times[0]) / (len(times) - 1)
    low, high = _PLAUSIBLE_RATES
    fitting = [u for u in (1.0, 1e-3, 1e-6, 1e-9) if step and low <= 1 / (step * u) <= high]
    if len(fitting) != 1:
        raise ValueError(
            f"the time column goes in steps of {step:.6g}, and nothing tells whether that is s or "
            "ms: pass fs=, in Hz."
        )
    return fitting[0]


def _resolution(times: np.ndarray) -> float:
    """Return the smallest power of ten that the times are multiples of."""
    from_start = times[:1000] - times[0]
    for digits in range(10):
        scaled = from_start * 10.0**digits
        if np.abs(scaled - np.rint(scaled)).max() < 1e-3:
            return 10.0**-digits
    return 0.0
