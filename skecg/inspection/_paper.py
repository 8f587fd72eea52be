"""ECG paper: one small square is one millimetre, 0.04 s by 0.1 mV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

TRACE = {"color": "black", "linewidth": 0.9}
LARGE_SQUARE_S = 0.2
LARGE_SQUARE_MV = 0.5

_MM_PER_S = 25.0
_MM_PER_MV = 10.0
_MM_PER_INCH = 25.4
_LEFT_MM, _RIGHT_MM, _BOTTOM_MM, _TOP_MM = 6.0, 6.0, 12.0, 9.0
_TITLE_LINE_MM, _TITLE_CHARACTER_MM = 5.0, 2.1
_NAME_MV, _NAME_S_PER_CHARACTER = 0.55, 0.1
_SCALE = "25 mm/s, 10 mm/mV"
_SMALL_LINE = "#F6D8D8"
_LARGE_LINE = "#E5AAAA"


def draw_paper(ax: Any, xlim: tuple[float, float], ylim: tuple[float, float], title: str) -> Any:
    """Rule an axes as ECG paper.

    Parameters
    ----------
    ax : matplotlib Axes or None
        Where to draw. A new figure, true to scale when printed at its own size, if None.
    xlim : tuple of float
        Time in s, a whole number of large squares.
    ylim : tuple of float
        Voltage in mV, on multiples of a large square.
    title : str
        What the recording is; the scale is written beside it, or below it on narrow paper.

    Returns
    -------
    matplotlib Axes
        With the limits set and the squares square.
    """
    if ax is None:
        ax = _axes_to_scale(xlim[1] - xlim[0], ylim[1] - ylim[0], title)
    for squares, colour, width in ((5, _SMALL_LINE, 0.4), (1, _LARGE_LINE, 0.7)):
        style = {"colors": colour, "linewidth": width, "zorder": 0}
        ax.vlines(_ruler(*xlim, LARGE_SQUARE_S / squares), *ylim, **style)
        ax.hlines(_ruler(*ylim, LARGE_SQUARE_MV / squares), *xlim, **style)
    ax.set(xlim=xlim, ylim=ylim, yticks=[], aspect=_MM_PER_MV / _MM_PER_S, xlabel="Time (s)")
    ax.apply_aspect()
    if _fits_beside_scale(title, ax.get_window_extent().width / ax.figure.dpi * _MM_PER_INCH):
        ax.set_title(title, loc="left", fontsize="medium")
        ax.set_title(_SCALE, loc="right", fontsize="medium")
    else:
        ax.set_title(f"{title}\n{_SCALE}", loc="left", fontsize="medium")
    ax.spines[:].set_color(_LARGE_LINE)
    return ax


def draw_trace(ax: Any, time: np.ndarray, voltage: np.ndarray, name: str, level: float) -> Any:
    """Draw one lead with its name above its beginning, or after a wave that is there.

    Parameters
    ----------
    ax : matplotlib Axes
        The paper.
    time : ndarray of shape (n_timesteps,)
        In s.
    voltage : ndarray of shape (n_timesteps,)
        In mV around its baseline.
    name : str
        The lead.
    level : float
        Where on the paper the baseline lies, in mV.

    Returns
    -------
    matplotlib Line2D
        The trace.
    """
    (line,) = ax.plot(time, voltage + level, label=name, **TRACE)
    if len(time):
        ax.annotate(
            name,
            (_clear_start(time, voltage, name), level + _NAME_MV),
            xytext=(2, 0),
            textcoords="offset points",
            color="#0072B2",
            fontweight="bold",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5},
            zorder=line.get_zorder() - 0.5,
        )
    return line


def draw_calibration_pulse(ax: Any, start: float, level: float) -> None:
    """Draw a pulse of 1 mV and 0.2 s, as an electrocardiograph does.

    Parameters
    ----------
    ax : matplotlib Axes
        The paper.
    start : float
        Time of the pulse's rise in s.
    level : float
        Where on the paper the pulse's foot lies, in mV.
    """
    time = start + LARGE_SQUARE_S * np.array([-0.5, 0, 0, 1, 1, 1.5])
    ax.plot(time, level + np.array([0, 0, 1, 1, 0, 0]), label="_calibration", **TRACE)


def centred(signal: np.ndarray) -> np.ndarray:
    """Put each lead's median, near enough its isoelectric level, at 0 mV.

    Parameters
    ----------
    signal : ndarray of shape (n_timesteps, n_leads)
        In mV; NaN is a gap in the trace.

    Returns
    -------
    ndarray of shape (n_timesteps, n_leads)
        A lead without any number stays NaN.
    """
    values = np.ma.masked_invalid(signal)
    return np.ma.filled(values - np.ma.median(values, axis=0), np.nan)


def stack_rows(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, tuple[float, float]]:
    """Place rows of traces one below the other, on large lines, without collisions.

    Parameters
    ----------
    rows : sequence of ndarray
        All voltages of each row, in mV around the baseline; NaN is a gap in a trace.

    Returns
    -------
    levels : ndarray of shape (n_rows,)
        Where the baselines lie in mV; the last one at 0.
    ylim : tuple of float
        The paper's limits in mV.
    """
    # The calibration pulse and the lead's name need 1 mV above the baseline.
    tops = [np.fmax.reduce(row, axis=None, initial=1.0) for row in rows]
    bottoms = [np.fmin.reduce(row, axis=None, initial=-0.4) for row in rows]
    distances = [
        _up_to_large_line(top - bottom + 0.1)
        for bottom, top in zip(bottoms[:-1], tops[1:], strict=True)
    ]
    levels = np.append(np.cumsum(distances[::-1])[::-1], 0.0)
    top = levels[0] + _up_to_large_line(tops[0] + 0.1)
    return levels, (-_up_to_large_line(0.1 - bottoms[-1]), top)


def _up_to_large_line(millivolts: float) -> float:
    return float(np.ceil(millivolts / LARGE_SQUARE_MV) * LARGE_SQUARE_MV)


def _clear_start(time: np.ndarray, voltage: np.ndarray, name: str) -> float:
    """Find the first moment from which a lead's name has no wave in its place."""
    length = np.searchsorted(time, time[0] + _NAME_S_PER_CHARACTER * (len(name) + 1))
    high = np.cumsum(np.append(0, voltage > _NAME_MV - 0.05))
    clear = np.flatnonzero(high[length:] == high[:-length])
    return float(time[clear[0] if len(clear) else 0])


def _ruler(start: float, stop: float, step: float) -> np.ndarray:
    return start + step * np.arange(round((stop - start) / step) + 1)


def _fits_beside_scale(title: str, width: float) -> bool:
    return (len(title) + len(_SCALE)) * _TITLE_CHARACTER_MM < width


def _axes_to_scale(seconds: float, millivolts: float, title: str) -> Any:
    import matplotlib.pyplot as plt

    width, height = seconds * _MM_PER_S, millivolts * _MM_PER_MV
    top = _TOP_MM if _fits_beside_scale(title, width) else _TOP_MM + _TITLE_LINE_MM
    sheet = np.array([_LEFT_MM + width + _RIGHT_MM, _BOTTOM_MM + height + top])
    figure = plt.figure(figsize=sheet / _MM_PER_INCH)
    corner = np.array([_LEFT_MM, _BOTTOM_MM]) / sheet
    return figure.add_axes((*corner, *(np.array([width, height]) / sheet)))
