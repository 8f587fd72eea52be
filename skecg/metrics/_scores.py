"""Single figures, and scorers made of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import ArrayLike
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import make_scorer

from skecg._aami import AAMI_CLASSES
from skecg.metrics._confusion import OF_CLASS, OVERALL, S, V, aami_confusion_matrix, figures


def aami_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    measure: str = "j_kappa",
    *,
    labels: Sequence[Any] | None = None,
    ec57: bool = True,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Compute one of the figures of :func:`aami_report`.

    Parameters
    ----------
    y_true : array-like of shape (n_beats,) or (n_sequences, n_beats)
        Reference classes.
    y_pred : array-like of the same shape
        Predicted classes.
    measure : str, default="j_kappa"
        ``"accuracy"``, ``"macro_f1"``, ``"kappa"``, ``"j_index"``, ``"j_kappa"``; or, of one
        class, ``"S_sensitivity"``, ``"V_positive_predictivity"``, ``"N_f1"``,
        ``"V_false_positive_rate"`` and so on.
    labels : sequence of 3 to 5 labels, default=None
        How `y_true` and `y_pred` name N, S, V, F and Q, in this order; see
        :func:`aami_confusion_matrix`.
    ec57 : bool, default=True
        Leave out of the false positives what the standard neither rewards nor penalises: F
        and Q called V, Q called S. False counts all, as many authors do.
    sample_weight : array-like of the shape of y_true, default=None
        Weights of the beats.

    Returns
    -------
    score : float
        Undefined parts, where `y_true` has no such beat or `y_pred` none, count as 0.

    Raises
    ------
    ValueError
        If the measure is not known, or the labels do not fit.

    Warns
    -----
    UndefinedMetricWarning
        If `y_true` has no beat of a class that the measure asks for.

    Examples
    --------
    >>> from skecg.metrics import aami_score
    >>> aami_score(["N", "S", "S", "V"], ["N", "S", "N", "V"], "S_sensitivity")
    0.5
    """
    confusion = aami_confusion_matrix(y_true, y_pred, labels=labels, sample_weight=sample_weight)
    index, name = _check_measure(measure, len(confusion))
    asked = {"j_index": [S, V], "j_kappa": [S, V]}.get(name, [] if index is None else [index])
    missing = [AAMI_CLASSES[i] for i in asked if not confusion[i].any()]
    if missing and name != "false_positive_rate":
        warnings.warn(
            f"{measure}: y_true has no beats of class {' and '.join(missing)}; what is undefined "
            "counts as 0.",
            UndefinedMetricWarning,
            stacklevel=2,
        )
    value = figures(confusion, ec57=ec57, undefined=0.0)[name]
    return float(value if index is None else value[index])


def _check_measure(measure: str, n_classes: int) -> tuple[int | None, str]:
    """Return the number of the class, if it is a figure of a class, and the figure."""
    if measure in OVERALL:
        return None, measure
    letter, _, name = str(measure).partition("_")
    if name not in OF_CLASS or letter not in AAMI_CLASSES[:n_classes]:
        raise ValueError(
            f"measure must be one of {', '.join(OVERALL)}, or one of "
            f"{', '.join(OF_CLASS)} after one of the classes "
            f"{', '.join(AAMI_CLASSES[:n_classes])}, such as 'S_sensitivity'; got {measure!r}."
        )
    return AAMI_CLASSES.index(letter), name


def j_index_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: Sequence[Any] | None = None,
    ec57: bool = True,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Compute the j index: sensitivity and positive predictivity of S and of V, summed.

    Parameters
    ----------
    y_true : array-like of shape (n_beats,) or (n_sequences, n_beats)
        Reference classes.
    y_pred : array-like of the same shape
        Predicted classes.
    labels : sequence of 3 to 5 labels, default=None
        How `y_true` and `y_pred` name N, S, V, F and Q, in this order; see
        :func:`aami_confusion_matrix`.
    ec57 : bool, default=True
        Leave out of the false positives what the standard neither rewards nor penalises;
        see :func:`aami_score`.
    sample_weight : array-like of the shape of y_true, default=None
        Weights of the beats.

    Returns
    -------
    score : float
        From 0 to 4, 4 being best.

    See Also
    --------
    j_kappa_score : The j index together with Cohen's kappa.

    References
    ----------
    .. [1] T. Mar, S. Zaunseder, J. P. Martinez, M. Llamedo and R. Poll, "Optimization of
       ECG classification by means of feature selection", IEEE Transactions on Biomedical
       Engineering 58(8), 2168-2177, 2011. :doi:`10.1109/TBME.2011.2113395`

    Examples
    --------
    >>> from skecg.metrics import j_index_score
    >>> j_index_score(["N", "S", "S", "V"], ["N", "S", "N", "V"])
    3.5
    """
    return aami_score(
        y_true, y_pred, "j_index", labels=labels, ec57=ec57, sample_weight=sample_weight
    )


def j_kappa_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: Sequence[Any] | None = None,
    ec57: bool = True,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Compute j-kappa: half of Cohen's kappa and an eighth of the j index.

    Kappa looks at all classes, weighted by their frequency, the j index at the arrhythmic
    beats only.

    Parameters
    ----------
    y_true : array-like of shape (n_beats,) or (n_sequences, n_beats)
        Reference classes.
    y_pred : array-like of the same shape
        Predicted classes.
    labels : sequence of 3 to 5 labels, default=None
        How `y_true` and `y_pred` name N, S, V, F and Q, in this order; see
        :func:`aami_confusion_matrix`. Published figures are of four classes,
        ``labels="NSVF"``.
    ec57 : bool, default=True
        Leave out of the false positives what the standard neither rewards nor penalises;
        see :func:`aami_score`.
    sample_weight : array-like of the shape of y_true, default=None
        Weights of the beats.

    Returns
    -------
    score : float
        1 is best.

    See Also
    --------
    j_index_score : The part of it that looks at S and V.
    sklearn.metrics.cohen_kappa_score : The other part.

    References
    ----------
    .. [1] T. Mar, S. Zaunseder, J. P. Martinez, M. Llamedo and R. Poll, "Optimization of
       ECG classification by means of feature selection", IEEE Transactions on Biomedical
       Engineering 58(8), 2168-2177, 2011. :doi:`10.1109/TBME.2011.2113395`
    .. [2] V. Mondejar-Guerra, J. Novo, J. Rouco, M. G. Penedo and M. Ortega, "Heartbeat
       classification fusing temporal and morphological information of ECGs via ensemble of
       classifiers", Biomedical Signal Processing and Control 47, 41-48, 2019.
       :doi:`10.1016/j.bspc.2018.08.007`

    Examples
    --------
    >>> from skecg.metrics import j_kappa_score
    >>> round(j_kappa_score(["N", "S", "S", "V"], ["N", "S", "N", "V"]), 3)
    0.756
    """
    return aami_score(
        y_true, y_pred, "j_kappa", labels=labels, ec57=ec57, sample_weight=sample_weight
    )


def aami_scorer(
    measure: str = "j_kappa", *, labels: Sequence[Any] | None = None, ec57: bool = True
) -> Callable[..., float]:
    """Make a scorer for :class:`~sklearn.model_selection.GridSearchCV` and its kin.

    Parameters
    ----------
    measure : str, default="j_kappa"
        A figure of :func:`aami_score`. False positive rates are turned round, as scorers
        are: greater is better.
    labels : sequence of 3 to 5 labels, default=None
        How the target names N, S, V, F and Q, in this order; see
        :func:`aami_confusion_matrix`.
    ec57 : bool, default=True
        Leave out of the false positives what the standard neither rewards nor penalises;
        see :func:`aami_score`.

    Returns
    -------
    scorer : callable
        Takes an estimator, X and y; can be pickled.

    Raises
    ------
    ValueError
        If the measure is not known.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> from sklearn.model_selection import GridSearchCV
    >>> from skecg.metrics import aami_scorer
    >>> search = GridSearchCV(
    ...     RandomForestClassifier(),
    ...     {"max_depth": [5, 10]},
    ...     scoring={name: aami_scorer(name) for name in ("j_kappa", "S_sensitivity")},
    ...     refit="j_kappa",
    ... )
    """
    n_classes = len(AAMI_CLASSES if labels is None else labels)
    _, name = _check_measure(measure, n_classes)
    return make_scorer(
        aami_score,
        greater_is_better=name != "false_positive_rate",
        measure=measure,
        labels=labels,
        ec57=ec57,
    )


j_index_scorer = aami_scorer("j_index")
j_kappa_scorer = aami_scorer("j_kappa")
