"""Reports to print or to compute with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from skecg._aami import AAMI_CLASSES
from skecg.metrics._bootstrap import draw_patients, interval
from skecg.metrics._confusion import OF_CLASS, OVERALL, S, V, count, encode, encode_groups, figures

_SHORT = {
    "sensitivity": "Se",
    "positive_predictivity": "+P",
    "false_positive_rate": "FPR",
    "f1": "F1",
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "kappa": "kappa",
    "j_index": "j index",
    "j_kappa": "j-kappa",
}


def aami_report(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: Sequence[Any] | None = None,
    ec57: bool = True,
    groups: ArrayLike | None = None,
    confidence_level: float = 0.95,
    n_resamples: int = 1000,
    random_state: int | np.random.RandomState | None = None,
    output: Literal["text", "dict", "frame"] = "text",
) -> Any:
    """Report the figures of ANSI/AAMI EC57, and what the literature adds to them.

    Of each class: sensitivity TP / (TP + FN), positive predictivity TP / (TP + FP), false
    positive rate FP / (FP + TN), and F1, the harmonic mean of the first two. Over all:
    accuracy, the mean F1, Cohen's kappa, j index, j-kappa and the confusion matrix.

    Parameters
    ----------
    y_true : array-like of shape (n_beats,) or (n_sequences, n_beats)
        Reference classes; :func:`to_aami_classes` makes them of annotation symbols.
    y_pred : array-like of the same shape
        Predicted classes.
    labels : sequence of 3 to 5 labels, default=None
        How `y_true` and `y_pred` name N, S, V, F and Q, in this order; see
        :func:`aami_confusion_matrix`.
    ec57 : bool, default=True
        Leave out of the false positives what the standard neither rewards nor penalises: F
        and Q called V, Q called S. False counts all, as many authors do.
    groups : array-like of shape (n_beats,), (n_sequences,) or that of y_true, default=None
        Patient of each beat. If given, intervals by bootstrap over patients are added, and
        the number of patients who have a class. A class of one patient has no interval of
        sensitivity and F1.
    confidence_level : float, default=0.95
        Of the intervals.
    n_resamples : int, default=1000
        Number of times that patients are drawn.
    random_state : int, RandomState instance or None, default=None
        Controls which patients are drawn. Pass an int for the same ones in every call.
    output : {"text", "dict", "frame"}, default="text"
        What to return.

    Returns
    -------
    report : str, dict or DataFrame
        ``"text"``: to be printed. ``"dict"``: class to figures, and ``"overall"`` to
        figures; with `groups` also ``"intervals"``, which has the same form with pairs
        (low, high); and ``"confusion_matrix"``. ``"frame"``: one row for each class and
        figure, columns ``value`` and, with `groups`, ``low`` and ``high``.

    Raises
    ------
    ValueError
        If the labels do not fit, shapes differ, or there are fewer than two patients.

    See Also
    --------
    aami_report_by_record : The same, record by record.
    aami_score : A single figure.
    patient_bootstrap : An interval for any metric.

    Notes
    -----
    A figure without a denominator is NaN and printed as a dash; the j index counts a
    positive predictivity as 0 if the class was there and never predicted. With
    ``ec57=False`` F1 and its mean are those of :func:`sklearn.metrics.f1_score`.

    References
    ----------
    .. [1] ANSI/AAMI EC57:2012, "Testing and reporting performance results of cardiac
       rhythm and ST segment measurement algorithms".
    .. [2] P. de Chazal, M. O'Dwyer and R. B. Reilly, "Automatic classification of
       heartbeats using ECG morphology and heartbeat interval features", IEEE Transactions
       on Biomedical Engineering 51(7), 1196-1206, 2004. :doi:`10.1109/TBME.2004.827359`
    .. [3] G. B. Moody, ``bxb``, in the WFDB Applications Guide, PhysioNet.

    Examples
    --------
    >>> from skecg.metrics import aami_report
    >>> y_true = ["N"] * 90 + ["S"] * 5 + ["V"] * 5
    >>> y_pred = ["N"] * 88 + ["S"] * 5 + ["V"] * 7
    >>> print(aami_report(y_true, y_pred, labels="NSVF"))
                       N          S          V          F
    <BLANKLINE>
    Se             0.978      0.600      1.000          -
    +P             1.000      0.600      0.714          -
    FPR            0.000      0.021      0.021      0.000
    F1             0.989      0.600      0.833          -
    beats             90          5          5          0
    <BLANKLINE>
    accuracy       0.960
    macro F1       0.807
    kappa          0.802
    j index        2.914
    j-kappa        0.765
    <BLANKLINE>
    reference          n          s          v          f
    N                 88          2          0          0
    S                  0          3          2          0
    V                  0          0          5          0
    F                  0          0          0          0
    """
    _check_output(output)
    true, pred, n_classes, shape = encode(y_true, y_pred, labels)
    letters = AAMI_CLASSES[:n_classes]
    confusion = count(true, pred, n_classes)[0]
    values = _by_class(figures(confusion, ec57=ec57), letters)
    intervals = None
    if groups is not None:
        patients, patient = encode_groups(groups, shape)
        draws = draw_patients(len(patients), confidence_level, n_resamples, random_state)
        of_patient = count(true, pred, n_classes, group=patient, n_groups=len(patients))
        resamples = figures(np.tensordot(draws, of_patient, axes=1), ec57=ec57)
        ends = {name: interval(drawn, confidence_level) for name, drawn in resamples.items()}
        n_patients = of_patient.any(axis=2).sum(axis=0)
        for name in ("sensitivity", "f1"):
            # One patient's beats tell nothing of how patients differ.
            ends[name][:, n_patients < 2] = np.nan
        intervals = _by_class(ends, letters)
    sizes = {"beats": confusion.sum(axis=1)} | ({} if groups is None else {"patients": n_patients})
    if output == "text":
        return _as_text(values, intervals, sizes, confusion, confidence_level)
    for name, size in sizes.items():
        for letter, n in zip(letters, size.tolist(), strict=True):
            values[letter][name] = n
    values["overall"]["beats"] = int(confusion.sum())
    if output == "frame":
        return _as_frame(values, intervals)
    if intervals is not None:
        values["intervals"] = intervals
    return values | {"confusion_matrix": confusion}


def aami_report_by_record(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    record: ArrayLike,
    labels: Sequence[Any] | None = None,
    ec57: bool = True,
    output: Literal["text", "dict", "frame"] = "text",
) -> Any:
    """Report sensitivity and positive predictivity of S and V record by record.

    Totals hide that a few records decide: of the S beats in DS2 of the MIT-BIH Arrhythmia
    Database three quarters are in record 232.

    Parameters
    ----------
    y_true : array-like of shape (n_beats,) or (n_sequences, n_beats)
        Reference classes.
    y_pred : array-like of the same shape
        Predicted classes.
    record : array-like of shape (n_beats,), (n_sequences,) or that of y_true
        Record, or patient, of each beat.
    labels : sequence of 3 to 5 labels, default=None
        How `y_true` and `y_pred` name N, S, V, F and Q, in this order; see
        :func:`aami_confusion_matrix`.
    ec57 : bool, default=True
        Leave out of the false positives what the standard neither rewards nor penalises;
        see :func:`aami_report`.
    output : {"text", "dict", "frame"}, default="text"
        What to return.

    Returns
    -------
    report : str, dict or DataFrame
        ``"text"``: to be printed. ``"dict"``: record to figures. ``"frame"``: one row for
        each record. Figures without a denominator are NaN, or a dash in the text.

    Raises
    ------
    ValueError
        If the labels do not fit or shapes differ.

    See Also
    --------
    aami_report : The totals.

    Examples
    --------
    >>> from skecg.metrics import aami_report_by_record
    >>> y_true = ["N"] * 50 + ["V"] * 10 + ["N"] * 30 + ["S"] * 10
    >>> y_pred = ["N"] * 50 + ["V"] * 8 + ["N"] * 42
    >>> print(aami_report_by_record(y_true, y_pred, record=["223"] * 60 + ["232"] * 40))
    record     beats         S         V  accuracy      S Se      S +P      V Se      V +P
    223           60         0        10     0.967         -         -     0.800     1.000
    232           40        10         0     0.750     0.000         -         -         -
    """
    _check_output(output)
    true, pred, n_classes, shape = encode(y_true, y_pred, labels)
    records, number = encode_groups(record, shape, name="record")
    confusion = count(true, pred, n_classes, group=number, n_groups=len(records))
    of_record = figures(confusion, ec57=ec57)
    n_beats = confusion.sum(axis=2)
    table = {
        "beats": n_beats.sum(axis=1),
        "S": n_beats[:, S],
        "V": n_beats[:, V],
        "accuracy": of_record["accuracy"],
        "S Se": of_record["sensitivity"][:, S],
        "S +P": of_record["positive_predictivity"][:, S],
        "V Se": of_record["sensitivity"][:, V],
        "V +P": of_record["positive_predictivity"][:, V],
    }
    if output == "frame":
        import pandas as pd

        return pd.DataFrame(table, index=pd.Index(records, name="record"))
    rows = zip(*(column.tolist() for column in table.values()), strict=True)
    by_record = dict(zip(records.tolist(), rows, strict=True))
    if output == "dict":
        return {name: dict(zip(table, row, strict=True)) for name, row in by_record.items()}
    left = max(len("record"), *(len(str(name)) for name in by_record))
    lines = [_line("record", table, left, 10)]
    lines += [_line(name, map(_cell, row), left, 10) for name, row in by_record.items()]
    return "\n".join(lines)


def _check_output(output: str) -> None:
    if output not in ("text", "dict", "frame"):
        raise ValueError(f"output must be 'text', 'dict' or 'frame', got {output!r}.")


def _by_class(
    values: Mapping[str, np.ndarray], letters: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Turn figures, or their low and high ends along a first axis, into nested dicts."""

    def plain(value: np.ndarray) -> Any:
        return tuple(value.tolist()) if np.ndim(value) else float(value)

    of_class = {
        letter: {name: plain(values[name][..., i]) for name in OF_CLASS}
        for i, letter in enumerate(letters)
    }
    return {**of_class, "overall": {name: plain(values[name]) for name in OVERALL}}


def _as_frame(values: Mapping[str, Any], intervals: Mapping[str, Any] | None) -> Any:
    import pandas as pd

    rows = {
        (letter, name): {"value": value}
        for letter, of_class in values.items()
        for name, value in of_class.items()
    }
    for letter, of_class in (intervals or {}).items():
        for name, (low, high) in of_class.items():
            rows[letter, name] |= {"low": low, "high": high}
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame.set_axis(pd.MultiIndex.from_tuples(rows, names=["class", "figure"]))


def _as_text(
    values: Mapping[str, Any],
    intervals: Mapping[str, Any] | None,
    sizes: Mapping[str, np.ndarray],
    confusion: np.ndarray,
    confidence_level: float,
) -> str:
    letters = [letter for letter in values if letter != "overall"]
    left, width = 9, 11 if intervals is None else 16
    lines = [_line("", letters, left, width), ""]
    for name in OF_CLASS:
        lines.append(_line(_SHORT[name], [_cell(values[x][name]) for x in letters], left, width))
        if intervals is not None:
            ends = [_range(intervals[x][name]) for x in letters]
            lines.append(_line("", ends, left, width))
    lines += [_line(name, size.tolist(), left, width) for name, size in sizes.items()]
    lines.append("")
    for name in OVERALL:
        cells = [_cell(values["overall"][name])]
        if intervals is not None:
            cells.append(_range(intervals["overall"][name]))
        lines.append(_line(_SHORT[name], cells, left, width))
    if intervals is not None:
        lines += [
            "",
            f"Intervals: {confidence_level:.0%}, by bootstrap over patients; too narrow where few "
            "patients have a class.",
        ]
    lines += ["", _line("reference", [letter.lower() for letter in letters], left, width)]
    lines += [
        _line(letter, row, left, width)
        for letter, row in zip(letters, confusion.tolist(), strict=True)
    ]
    return "\n".join(lines)


def _line(name: Any, cells: Any, left: int, width: int) -> str:
    return f"{name!s:<{left}}" + "".join(f"{cell!s:>{width}}" for cell in cells)


def _cell(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    return "-" if np.isnan(value) else f"{value:.3f}"


def _range(ends: tuple[float, float]) -> str:
    low, high = map(_cell, ends)
    return low if low == high == "-" else f"{low} to {high}"
