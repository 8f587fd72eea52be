"""The sheet of a standard twelve-lead electrocardiogram."""

from __future__ import annotations

from typing import Any

import numpy as np

from skecg.inspection._paper import (
    LARGE_SQUARE_S,
    centred,
    draw_calibration_pulse,
    draw_paper,
    draw_trace,
    stack_rows,
)
from skecg.inspection._signal import cut
from skecg.recordings import ECGRecord

_LIMB = ("I", "II", "III", "aVR", "aVL", "aVF")
_CHEST = ("V1", "V2", "V3", "V4", "V5", "V6")
_LAYOUTS: dict[str, list[tuple[str, ...]]] = {
    "3x4": list(zip(_LIMB[:3], _LIMB[3:], _CHEST[:3], _CHEST[3:], strict=True)),
    "6x2": list(zip(_LIMB, _CHEST, strict=True)),
    "12x1": [(lead,) for lead in _LIMB + _CHEST],
}


class TwelveLeadDisplay:
    """Twelve leads on a sheet of ECG paper.

    The sheet is laid out as electrocardiographs print it: the leads of a row follow each
    other in time, so that a column shows one moment in all its leads, and a rhythm strip
    runs below them over the whole time. The paper runs at 25 mm/s and 10 mm/mV; a figure
    that the display makes itself is true to scale when printed at its own size. It is
    recommended to use :meth:`from_record` to create a display. All parameters are stored
    as attributes.

    Parameters
    ----------
    record : ECGRecord
        The recording, with the twelve standard leads among its leads.
    start : float, default=0.0
        First moment to draw, in s from the start of the recording.
    duration : float, default=10.0
        Length of the whole sheet in s. The end of a shorter recording stays empty.
    layout : {"3x4", "6x2", "12x1"}, default="3x4"
        Rows and columns of leads.
    rhythm : str or None, default="II"
        The lead of the rhythm strip; no strip if None, or if each row has one lead.

    Attributes
    ----------
    lines_ : dict of str to matplotlib Line2D
        The trace of each lead, without the rhythm strip's.
    rhythm_line_ : matplotlib Line2D or None
        The rhythm strip's trace.
    levels_ : dict of str to float
        Where each lead's median lies on the sheet, in mV above the lowest row's.
    ax_ : matplotlib Axes
        Axes with the sheet.
    figure_ : matplotlib Figure
        Figure containing the sheet.

    See Also
    --------
    SignalDisplay : Some leads of a recording, with the labels of its beats.

    References
    ----------
    .. [1] P. Kligfield et al., "Recommendations for the standardization and interpretation
       of the electrocardiogram, part I", Circulation, vol. 115, pp. 1306-1324, 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGRecord
    >>> from skecg.inspection import TwelveLeadDisplay
    >>> leads = "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6".split()
    >>> record = ECGRecord(np.zeros((5000, 12)), fs=500, lead_names=leads)
    >>> display = TwelveLeadDisplay.from_record(record)
    >>> float(display.lines_["V6"].get_xdata()[0])
    7.5
    """

    def __init__(
        self,
        record: ECGRecord,
        *,
        start: float = 0.0,
        duration: float = 10.0,
        layout: str = "3x4",
        rhythm: str | None = "II",
    ) -> None:
        self.record = record
        self.start = start
        self.duration = duration
        self.layout = layout
        self.rhythm = rhythm

    def plot(self, *, ax: Any = None) -> TwelveLeadDisplay:
        """Plot the sheet.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure, true to scale, is made.

        Returns
        -------
        TwelveLeadDisplay
            The display itself.

        Raises
        ------
        ValueError
            If a lead is not in the recording, if the layout is unknown, or if the stretch
            does not begin within the recording or is empty.
        """
        if self.layout not in _LAYOUTS:
            raise ValueError(f"layout must be one of {', '.join(_LAYOUTS)}, got {self.layout!r}.")
        rows = _LAYOUTS[self.layout]
        rhythm = self.rhythm if len(rows[0]) > 1 else None
        first, last = cut(self.record, self.start, self.duration)
        leads = _LIMB + _CHEST
        signal = centred(self.record.select_leads(leads).signal[first:last])
        voltages = dict(zip(leads, signal.T, strict=True))
        time = np.arange(first, last) / self.record.fs

        pieces = [np.concatenate([voltages[lead] for lead in row]) for row in rows]
        if rhythm is not None:
            strip = centred(self.record.select_leads([rhythm]).signal[first:last])[:, 0]
            pieces.append(strip)
        levels, ylim = stack_rows(pieces)
        left = self.start - 2 * LARGE_SQUARE_S
        right = self.start + np.ceil(round(self.duration / LARGE_SQUARE_S, 6)) * LARGE_SQUARE_S
        name = self.record.record_id
        title = "12-lead ECG" if name is None else f"12-lead ECG, recording {name}"
        ax = draw_paper(ax, (left, right), ylim, title)
        ax.set_xticks(np.arange(np.ceil(self.start), right + 1e-6, max(1, self.duration // 10)))

        self.lines_: dict[str, Any] = {}
        self.levels_: dict[str, float] = {}
        width = self.duration / len(rows[0])
        for row, level in zip(rows, levels, strict=False):
            draw_calibration_pulse(ax, left + LARGE_SQUARE_S / 2, level)
            for column, lead in enumerate(row):
                begin = self.start + column * width
                shown = (time >= begin) & (time < begin + width)
                if column:
                    ax.vlines(begin, level - 0.3, level + 0.3, colors="black", linewidth=1.2)
                self.levels_[lead] = level
                self.lines_[lead] = draw_trace(ax, time[shown], voltages[lead][shown], lead, level)
        self.rhythm_line_ = None
        if rhythm is not None:
            draw_calibration_pulse(ax, left + LARGE_SQUARE_S / 2, levels[-1])
            self.rhythm_line_ = draw_trace(ax, time, strip, rhythm, levels[-1])
        self.ax_, self.figure_ = ax, ax.figure
        return self

    @classmethod
    def from_record(
        cls,
        record: ECGRecord,
        *,
        start: float = 0.0,
        duration: float = 10.0,
        layout: str = "3x4",
        rhythm: str | None = "II",
        ax: Any = None,
    ) -> TwelveLeadDisplay:
        """Plot a recording as a twelve-lead sheet.

        Parameters
        ----------
        record : ECGRecord
            The recording, with the twelve standard leads among its leads.
        start : float, default=0.0
            First moment to draw, in s from the start of the recording.
        duration : float, default=10.0
            Length of the whole sheet in s.
        layout : {"3x4", "6x2", "12x1"}, default="3x4"
            Rows and columns of leads.
        rhythm : str or None, default="II"
            The lead of the rhythm strip; no strip if None, or if each row has one lead.
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure, true to scale, is made.

        Returns
        -------
        TwelveLeadDisplay
            The display, plotted.

        Raises
        ------
        ValueError
            If a lead is not in the recording, if the layout is unknown, or if the stretch
            does not begin within the recording or is empty.
        """
        display = cls(record, start=start, duration=duration, layout=layout, rhythm=rhythm)
        return display.plot(ax=ax)
