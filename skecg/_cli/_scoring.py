"""The report of ``skecg eval``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import classification_report, confusion_matrix

from skecg._aami import AAMI_CLASSES
from skecg._cli._output import write_figure
from skecg.metrics import aami_report, aami_report_by_record


def score(
    true: np.ndarray,
    predicted: np.ndarray,
    groups: np.ndarray | None,
    record: np.ndarray | None,
) -> tuple[str, dict[str, Any], list[Any], np.ndarray]:
    """Compare predictions with labels.

    Parameters
    ----------
    true, predicted : ndarray of shape (n_samples,)
        Labels.
    groups : ndarray of shape (n_samples,) or None
        Patients; with two or more, figures of AAMI classes get intervals.
    record : ndarray of shape (n_samples,) or None
        Recordings; with it, figures of AAMI classes are given for each.

    Returns
    -------
    text : str
        The report to be printed.
    figures : dict
        The same as numbers.
    labels : list
        Classes, in the order of the matrix.
    confusion : ndarray of shape (n_classes, n_classes)
        Rows are references, columns predictions.
    """
    present = set(true.tolist()) | set(predicted.tolist())
    if present <= set(AAMI_CLASSES):
        labels: list[Any] = [name for name in AAMI_CLASSES if name in present]
        if groups is not None and len(np.unique(groups)) < 2:
            groups = None
        options: dict[str, Any] = {"groups": groups, "random_state": 0}
        text = str(aami_report(true, predicted, **options))
        figures = dict(aami_report(true, predicted, **options, output="dict"))
        if record is not None:
            text += "\n\n" + str(aami_report_by_record(true, predicted, record=record))
            figures["records"] = aami_report_by_record(
                true, predicted, record=record, output="dict"
            )
    else:
        labels = sorted(present)
        text = classification_report(true, predicted, digits=3, zero_division=0).rstrip()
        figures = classification_report(true, predicted, output_dict=True, zero_division=0)
    return text, figures, labels, confusion_matrix(true, predicted, labels=labels)


def draw_confusion(
    path: Path, true: np.ndarray, predicted: np.ndarray, labels: Sequence[Any]
) -> None:
    """Draw the confusion matrix to a file."""
    import matplotlib

    matplotlib.use("agg")
    from skecg.inspection import NormalizedConfusionMatrixDisplay

    display = NormalizedConfusionMatrixDisplay.from_predictions(true, predicted, labels=labels)
    write_figure(path, display.figure_)
