"""From annotation symbols to AAMI classes, confusion matrices and the figures of EC57."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_array

from skecg._aami import AAMI_CLASS_OF_SYMBOL, AAMI_CLASSES
from skecg._groups import check_told_apart

S, V, F, Q = (AAMI_CLASSES.index(letter) for letter in "SVFQ")
OF_CLASS = ("sensitivity", "positive_predictivity", "false_positive_rate", "f1")
OVERALL = ("accuracy", "macro_f1", "kappa", "j_index", "j_kappa")


def to_aami_classes(
    symbols: ArrayLike,
    *,
    reassign: Mapping[str, str] | None = None,
    other: str | None = None,
) -> np.ndarray:
    """Map the symbols of beat annotations to the five AAMI classes.

    ======  ====================================================================
    class   symbols
    ======  ====================================================================
    N       ``N`` normal, ``L``, ``R`` and ``B`` bundle branch block, ``e`` atrial,
            ``j`` nodal and ``n`` supraventricular escape
    S       ``A`` atrial, ``a`` aberrated atrial, ``J`` nodal and ``S``
            supraventricular premature
    V       ``V`` ventricular premature, ``r`` the same on a T wave, ``E`` ventricular
            escape
    F       ``F`` fusion of ventricular and normal
    Q       ``/`` paced, ``f`` fusion of paced and normal, ``Q`` unclassifiable
    ======  ====================================================================

    The table is that of de Chazal et al. [1]_, with ``B``, ``n`` and ``r``, which MIT-BIH has not,
    by the definitions of EC57 [2]_. Authors differ in the escape beats: others,
    and PhysioNet's program ``bxb``, count ``e`` and ``j`` among the S, which
    ``reassign={"e": "S", "j": "S"}`` does.

    Parameters
    ----------
    symbols : array-like of str
        Symbols as in PhysioNet's annotation files.
    reassign : mapping of str to str, default=None
        Symbol to class, in place of the table's or in addition to it.
    other : str, default=None
        What to give for a symbol that is no beat of these classes, such as ``"+"`` for a
        change of rhythm. None refuses such symbols.

    Returns
    -------
    classes : ndarray of str, of the same shape
        ``"N"``, ``"S"``, ``"V"``, ``"F"``, ``"Q"`` or `other`.

    Raises
    ------
    ValueError
        If a symbol is in neither table and `other` is None, or if `reassign` names a class
        that is none.

    References
    ----------
    .. [1] P. de Chazal, M. O'Dwyer and R. B. Reilly, "Automatic classification of
       heartbeats using ECG morphology and heartbeat interval features", IEEE Transactions
       on Biomedical Engineering 51(7), 1196-1206, 2004. :doi:`10.1109/TBME.2004.827359`
    .. [2] ANSI/AAMI EC57:2012, "Testing and reporting performance results of cardiac
       rhythm and ST segment measurement algorithms".

    Examples
    --------
    >>> from skecg.metrics import to_aami_classes
    >>> to_aami_classes(["N", "L", "A", "V", "e"])
    array(['N', 'N', 'S', 'V', 'N'], dtype='<U1')
    >>> to_aami_classes(["N", "e", "+"], reassign={"e": "S"}, other="")
    array(['N', 'S', ''], dtype='<U1')
    """
    if not (reassign is None or isinstance(reassign, Mapping)):
        raise ValueError(f"reassign must map symbols to classes, got {reassign!r}.")
    table = {**AAMI_CLASS_OF_SYMBOL, **(reassign or {})}
    no_class = sorted(set(table.values()) - set(AAMI_CLASSES))
    if no_class:
        raise ValueError(f"reassign must map to {', '.join(AAMI_CLASSES)}, got {no_class}.")
    values, inverse = np.unique(np.asarray(symbols, dtype=str), return_inverse=True)
    unknown = [value for value in values.tolist() if value not in table]
    if unknown and other is None:
        raise ValueError(
            f"symbols holds {unknown}, which are no beats of the AAMI classes; leave them out, "
            "name their class in reassign, or give other."
        )
    classes = np.array([table.get(value, other) for value in values.tolist()], dtype=str)
    return classes[inverse].reshape(np.shape(symbols))


def aami_confusion_matrix(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    labels: Sequence[Any] | None = None,
    sample_weight: ArrayLike | None = None,
) -> np.ndarray:
    """Count the beats by reference and predicted class, in the order N, S, V, F, Q.

    Parameters
    ----------
    y_true : array-like of shape (n_beats,) or (n_sequences, n_beats)
        Reference classes.
    y_pred : array-like of the same shape
        Predicted classes.
    labels : sequence of 3 to 5 labels, default=None
        How `y_true` and `y_pred` name N, S, V, F and Q, in this order, for example
        ``range(5)``. Beats of other labels are left out: ``labels="NSVF"`` gives the four
        classes that most authors print. None stands for ``"NSVFQ"`` and refuses others.
    sample_weight : array-like of the shape of y_true, default=None
        Weights of the beats.

    Returns
    -------
    confusion : ndarray of shape (n_classes, n_classes)
        Row: reference. Column: prediction.

    Raises
    ------
    ValueError
        If the shapes differ, there are no beats, or a class is not known.

    Examples
    --------
    >>> from skecg.metrics import aami_confusion_matrix
    >>> aami_confusion_matrix(["N", "N", "S", "V"], ["N", "S", "S", "F"], labels="NSVF")
    array([[1, 1, 0, 0],
           [0, 1, 0, 0],
           [0, 0, 0, 1],
           [0, 0, 0, 0]])
    """
    true, pred, n_classes, shape = encode(y_true, y_pred, labels)
    weight = None
    if sample_weight is not None:
        weight = check_array(
            sample_weight, ensure_2d=False, ensure_non_negative=True, input_name="sample_weight"
        )
        if weight.shape != shape:
            raise ValueError(
                f"sample_weight must have the shape of y_true, {shape}, got {weight.shape}."
            )
        weight = weight.ravel()
    return count(true, pred, n_classes, weight=weight)[0]


def encode(
    y_true: ArrayLike, y_pred: ArrayLike, labels: Sequence[Any] | None
) -> tuple[np.ndarray, np.ndarray, int, tuple[int, ...]]:
    """Return both as flat class numbers, -1 for beats of no class, and what they were."""
    if not (labels is None or isinstance(labels, Iterable)):
        raise ValueError(f"labels must be 3 to 5 labels or None, got {labels!r}.")
    names = AAMI_CLASSES if labels is None else tuple(labels)
    if not 3 <= len(names) <= 5 or len(set(names)) < len(names):
        raise ValueError(
            "labels must be 3 to 5 different labels, those of the classes N, S, V, F and Q in "
            f"this order; got {list(names)}."
        )
    if np.shape(y_true) != np.shape(y_pred):
        raise ValueError(
            "y_true and y_pred must be of one shape, "
            f"got {np.shape(y_true)} and {np.shape(y_pred)}."
        )
    number = {name: i for i, name in enumerate(names)}
    codes = []
    for argument, y in (("y_true", y_true), ("y_pred", y_pred)):
        try:
            values, inverse = np.unique(np.asarray(y), return_inverse=True)
        except TypeError:
            raise ValueError(f"{argument} must hold labels of one kind, not a mixture.") from None
        known = np.array([number.get(value, -1) for value in values.tolist()], dtype=int)
        if labels is None and (known < 0).any():
            raise ValueError(
                f"{argument} holds {values[known < 0].tolist()[:5]}, which are no AAMI classes: "
                "name your labels for N, S, V, F and Q in labels, or map annotation symbols "
                "with to_aami_classes."
            )
        codes.append(known[inverse.ravel()])
    true, pred = codes
    if not ((true >= 0) & (pred >= 0)).any():
        raise ValueError(f"y_true and y_pred hold no beat of the classes {list(names)}.")
    return true, pred, len(names), np.shape(y_true)


def encode_groups(
    groups: ArrayLike, shape: tuple[int, ...], name: str = "groups"
) -> tuple[np.ndarray, np.ndarray]:
    """Return the different groups, and the number of its group for each beat."""
    groups = np.asarray(groups)
    if groups.shape not in (shape, shape[:1]):
        raise ValueError(
            f"{name} must have one entry for each beat or sequence of y_true, which has shape "
            f"{shape}; got shape {groups.shape}."
        )
    check_told_apart(groups, name)
    different, inverse = np.unique(groups, return_inverse=True)
    inverse = inverse.reshape(groups.shape + (1,) * (len(shape) - groups.ndim))
    return different, np.broadcast_to(inverse, shape).ravel()


def count(
    true: np.ndarray,
    pred: np.ndarray,
    n_classes: int,
    *,
    weight: np.ndarray | None = None,
    group: np.ndarray | int = 0,
    n_groups: int = 1,
) -> np.ndarray:
    """Count a confusion matrix for each group: (n_groups, n_classes, n_classes)."""
    keep = (true >= 0) & (pred >= 0)
    cell = ((group * n_classes + true) * n_classes + pred)[keep]
    cells = np.bincount(
        cell,
        weights=None if weight is None else weight[keep],
        minlength=n_groups * n_classes**2,
    )
    return cells.reshape(n_groups, n_classes, n_classes)


def figures(
    confusion: np.ndarray, *, ec57: bool, undefined: float = np.nan
) -> dict[str, np.ndarray]:
    """Compute all figures of confusion matrices of shape (..., n_classes, n_classes)."""

    def ratio(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.divide(a, b, out=np.full(np.shape(b), undefined), where=b != 0)

    confusion = np.asarray(confusion, dtype=float)
    total = confusion.sum(axis=(-2, -1))
    reference, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    tp = np.diagonal(confusion, axis1=-2, axis2=-1)
    fp = predicted - tp
    tn = total[..., np.newaxis] - reference - fp
    if ec57:
        fp[..., V] -= confusion[..., F:, V].sum(axis=-1)
        fp[..., S] -= confusion[..., Q:, S].sum(axis=-1)
    sensitivity = ratio(tp, reference)
    positive_predictivity = ratio(tp, tp + fp)
    f1_base = tp + fp + reference
    f1 = ratio(2 * tp, f1_base)
    chance = (reference * predicted).sum(axis=-1)
    kappa = ratio(tp.sum(axis=-1) * total - chance, total**2 - chance)
    j_index = (sensitivity + np.nan_to_num(positive_predictivity))[..., [S, V]].sum(axis=-1)
    return {
        "sensitivity": sensitivity,
        "positive_predictivity": positive_predictivity,
        "false_positive_rate": ratio(fp, fp + tn),
        "f1": f1,
        "accuracy": ratio(tp.sum(axis=-1), total),
        "macro_f1": ratio(np.nansum(f1, axis=-1), (f1_base > 0).sum(axis=-1)),
        "kappa": kappa,
        "j_index": j_index,
        "j_kappa": kappa / 2 + j_index / 8,
    }
