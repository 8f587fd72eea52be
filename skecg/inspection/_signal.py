"""A stretch of a recording, with its beats, on ECG paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_consistent_length, column_or_1d

from skecg._records import check_record
from skecg.inspection._palette import ERROR
from skecg.inspection._paper import (
    LARGE_SQUARE_MV,
    LARGE_SQUARE_S,
    centred,
    draw_calibration_pulse,
    draw_paper,
    draw_trace,
    stack_rows,
)
from skecg.recordings import ECGRecord

_LONGEST_LEVEL_LABEL = 3
_MV_PER_CHARACTER = 0.19


class SignalDisplay:
    """Leads of a recording on ECG paper, one below the other, with the beats' labels.

    The paper runs at 25 mm/s and 10 mm/mV; a figure that the display makes itself is true
    to scale when printed at its own size. It is recommended to use
    :meth:`from_record` or :meth:`from_predictions` to create a display. All parameters
    are stored as attributes.

    Parameters
    ----------
    record : ECGRecord
        The recording.
    leads : sequence of str, default=None
        The leads to draw, from top to bottom; all of them if None.
    start : float, default=0.0
        First moment to draw, in s from the start of the recording.
    duration : float, default=10.0
        Length of the stretch in s; what lies beyond the recording's end stays empty.
    sample : array-like of int of shape (n_beats,), default=None
        Positions of the labels, in samples from the start of the recording.
    labels : mapping of str to array-like of shape (n_beats,), default=None
        One row of labels for each item: the row's name and the label at every position.
        Where a label differs from the first row's, it is drawn bold and in colour. Labels
        of more than three characters run upwards.
    notes : array-like of str of shape (n_beats,), default=None
        Text to write below the leads, such as rhythm changes; nothing where empty.

    Attributes
    ----------
    lines_ : list of matplotlib Line2D
        One trace for each lead.
    texts_ : list of list of matplotlib Text
        The labels drawn, for each row of labels.
    levels_ : ndarray of shape (n_leads,)
        Where each lead's median lies on the paper, in mV above the lowest one's.
    ax_ : matplotlib Axes
        Axes with the paper.
    figure_ : matplotlib Figure
        Figure containing the paper.

    See Also
    --------
    TwelveLeadDisplay : The sheet of a standard electrocardiogram.

    References
    ----------
    .. [1] P. Kligfield et al., "Recommendations for the standardization and interpretation
       of the electrocardiogram, part I", Circulation, vol. 115, pp. 1306-1324, 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGRecord
    >>> from skecg.inspection import SignalDisplay
    >>> from skecg.recordings import Annotations
    >>> beats = Annotations([180, 480, 800], ["N", "V", "N"])
    >>> signal = np.zeros(1080)
    >>> signal[beats.sample] = 1.0
    >>> record = ECGRecord(signal, fs=360, lead_names=["MLII"], annotations=beats)
    >>> display = SignalDisplay.from_record(record, duration=3)
    >>> [text.get_text() for text in display.texts_[0]]
    ['N', 'V', 'N']
    """

    def __init__(
        self,
        record: ECGRecord,
        *,
        leads: Sequence[str] | None = None,
        start: float = 0.0,
        duration: float = 10.0,
        sample: ArrayLike | None = None,
        labels: Mapping[str, ArrayLike] | None = None,
        notes: ArrayLike | None = None,
    ) -> None:
        self.record = record
        self.leads = leads
        self.start = start
        self.duration = duration
        self.sample = sample
        self.labels = labels
        self.notes = notes

    def plot(self, *, ax: Any = None) -> SignalDisplay:
        """Plot the recording.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure, true to scale, is made.

        Returns
        -------
        SignalDisplay
            The display itself.

        Raises
        ------
        ValueError
            If the stretch does not begin within the recording or is empty, if a lead is
            unknown, or if there is not one label for each position.
        """
        first, last = cut(self.record, self.start, self.duration)
        record = self.record if self.leads is None else self.record.select_leads(self.leads)
        leads = record.lead_names
        signal = centred(record.signal[first:last])
        time = np.arange(first, last) / self.record.fs

        self.levels_, (low, high) = stack_rows(list(signal.T))
        labels = {name: column_or_1d(values) for name, values in (self.labels or {}).items()}
        longest = max((len(str(v)) for values in labels.values() for v in values), default=0)
        upwards = longest > _LONGEST_LEVEL_LABEL
        row_height = LARGE_SQUARE_MV
        if upwards:
            row_height *= np.ceil(longest * _MV_PER_CHARACTER / LARGE_SQUARE_MV)
        top = high + row_height * len(labels)
        bottom = low - (LARGE_SQUARE_MV if self.notes is not None else 0)
        large_squares = np.ceil(round(self.duration / LARGE_SQUARE_S, 6))
        pulse = self.start - 1.5 * LARGE_SQUARE_S
        # Several rows of labels have their names on the left.
        left = self.start - (5 if len(labels) > 1 else 2) * LARGE_SQUARE_S
        right = self.start + large_squares * LARGE_SQUARE_S
        name = self.record.record_id
        title = "Recording" if name is None else f"Recording {name}"
        ax = draw_paper(ax, (left, right), (bottom, top), title)
        ax.set_xticks(np.arange(np.ceil(self.start), right + 1e-6, max(1, self.duration // 10)))

        self.lines_ = []
        for lead, level, voltage in zip(leads, self.levels_, signal.T, strict=True):
            self.lines_.append(draw_trace(ax, time, voltage, lead, level))
            draw_calibration_pulse(ax, pulse, level)
        self._draw_labels(ax, labels, (first, last), (bottom, top), row_height, upwards)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _draw_labels(
        self,
        ax: Any,
        labels: Mapping[str, np.ndarray],
        window: tuple[int, int],
        ylim: tuple[float, float],
        row_height: float,
        upwards: bool,
    ) -> None:
        self.texts_: list[list[Any]] = [[] for _ in labels]
        if self.sample is None:
            return
        sample = column_or_1d(self.sample)
        check_consistent_length(sample, *labels.values(), self.notes)
        shown = np.flatnonzero((sample >= window[0]) & (sample < window[1]))
        times = sample[shown] / self.record.fs
        style = {"ha": "center", "va": "center"}
        if upwards:
            style |= {"rotation": "vertical", "fontsize": "small"}
        reference = next(iter(labels.values()), sample)
        lowest = ylim[1] - row_height * len(labels)
        for row, (name, values) in enumerate(labels.items()):
            height = ylim[1] - row_height * (row + 0.5)
            if len(labels) > 1:
                ax.text(self.start, height, f"{name} ", ha="right", va="center", fontsize="small")
            for time, value, expected in zip(times, values[shown], reference[shown], strict=True):
                wrong = {"color": ERROR, "fontweight": "bold"} if value != expected else {}
                self.texts_[row].append(ax.text(time, height, str(value), **style, **wrong))
        if labels:
            beats = np.any([values[shown] != "" for values in labels.values()], axis=0)
            ax.vlines(times[beats], ylim[0], lowest, colors="0.45", linewidth=0.5, linestyle=":")
        if self.notes is not None:
            height = ylim[0] + LARGE_SQUARE_MV / 2
            for time, note in zip(times, column_or_1d(self.notes)[shown], strict=True):
                ax.text(time, height, note, ha="left", va="center", fontsize="small")

    @classmethod
    def from_record(
        cls,
        record: ECGRecord,
        *,
        leads: Sequence[str] | None = None,
        start: float = 0.0,
        duration: float = 10.0,
        ax: Any = None,
    ) -> SignalDisplay:
        """Plot a recording with its own annotations, if it has any.

        Parameters
        ----------
        record : ECGRecord
            The recording. Its annotations are drawn by their symbols above the leads; the
            symbol of a rhythm change is left out in favour of its note, below the leads.
        leads : sequence of str, default=None
            The leads to draw, from top to bottom; all of them if None.
        start : float, default=0.0
            First moment to draw, in s from the start of the recording.
        duration : float, default=10.0
            Length of the stretch in s.
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure, true to scale, is made.

        Returns
        -------
        SignalDisplay
            The display, plotted.

        Raises
        ------
        ValueError
            If the stretch does not begin within the recording or a lead is unknown.
        """
        check_record(record)
        marks = record.annotations
        content: dict[str, Any] = {}
        if marks is not None:
            symbols = np.where(marks.note == "", marks.symbol, "")
            content = {"sample": marks.sample, "labels": {"annotated": symbols}}
            if np.any(marks.note != ""):
                content["notes"] = marks.note
        display = cls(record, leads=leads, start=start, duration=duration, **content)
        return display.plot(ax=ax)

    @classmethod
    def from_predictions(
        cls,
        record: ECGRecord,
        sample: ArrayLike,
        y_pred: ArrayLike,
        *,
        y_true: ArrayLike | None = None,
        leads: Sequence[str] | None = None,
        start: float = 0.0,
        duration: float = 10.0,
        ax: Any = None,
    ) -> SignalDisplay:
        """Plot a recording with the classes that a classifier gave its beats.

        Parameters
        ----------
        record : ECGRecord
            The recording.
        sample : array-like of int of shape (n_beats,)
            Positions of the beats, in samples from the start of the recording.
        y_pred : array-like of shape (n_beats,)
            The class predicted for each beat.
        y_true : array-like of shape (n_beats,), default=None
            The class annotated for each beat. If given, wrong predictions stand out.
        leads : sequence of str, default=None
            The leads to draw, from top to bottom; all of them if None.
        start : float, default=0.0
            First moment to draw, in s from the start of the recording.
        duration : float, default=10.0
            Length of the stretch in s.
        ax : matplotlib Axes, default=None
            Axes to draw on. If None, a new figure, true to scale, is made.

        Returns
        -------
        SignalDisplay
            The display, plotted.

        Raises
        ------
        ValueError
            If the stretch does not begin within the recording, if a lead is unknown, or if
            there is not one label for each position, or a position is outside the recording.
        """
        check_record(record)
        sample = column_or_1d(sample, input_name="sample")
        if not np.isin(sample, np.arange(record.n_timesteps)).all():
            raise ValueError(
                f"sample must hold time steps of the recording, from 0 to {record.n_timesteps - 1}."
            )
        labels = {} if y_true is None else {"annotated": y_true}
        labels["predicted"] = y_pred
        display = cls(
            record, leads=leads, start=start, duration=duration, sample=sample, labels=labels
        )
        return display.plot(ax=ax)


def cut(record: ECGRecord, start: float, duration: float) -> tuple[int, int]:
    """Find the samples of a stretch of a recording.

    Parameters
    ----------
    record : ECGRecord
        The recording.
    start, duration : float
        The stretch in s.

    Returns
    -------
    first, last : int
        The first sample and the one after the last.

    Raises
    ------
    ValueError
        If the stretch does not begin within the recording or is empty.
    """
    check_record(record)
    if not (isinstance(start, Real) and 0 <= start < record.duration):
        raise ValueError(
            f"start must lie within the recording's {record.duration:g} s, got {start!r}."
        )
    if not (isinstance(duration, Real) and 0 < duration < np.inf):
        raise ValueError(f"duration must be a positive number of seconds, got {duration!r}.")
    first = int(np.ceil(start * record.fs - 1e-6))
    last = int(np.ceil((start + duration) * record.fs - 1e-6))
    return first, min(max(last, first + 1), record.n_timesteps)
