"""Weights of the classes in the focal loss."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from skecg._aami import AAMI_CLASSES

_OF_AAMI_CLASSES = dict(zip(AAMI_CLASSES, (0.15, 0.75, 0.65, 0.75, 0.25), strict=True))


def focal_alpha(alpha: Any, classes: np.ndarray, encoded: np.ndarray) -> list[float]:
    """Give every class its weight.

    Parameters
    ----------
    alpha : dict, "balanced", float or None
        By label; in inverse proportion to the classes' shares; the same for all; or those
        of the AAMI classes where ``classes`` are no others, otherwise 1.
    classes : ndarray of shape (n_classes,)
        Labels.
    encoded : ndarray of int
        Number of each training sample's class.

    Returns
    -------
    list of float

    Raises
    ------
    ValueError
        If ``alpha`` is none of these, or a dict lacks a class, or has another one.
    """
    labels = classes.tolist()
    if alpha is None:
        alpha = _OF_AAMI_CLASSES if set(labels) <= set(AAMI_CLASSES) else 1.0
    elif isinstance(alpha, Mapping) and set(alpha) != set(labels):
        raise ValueError(f"loss__alpha must name each of the classes {labels}, got {alpha!r}.")
    if isinstance(alpha, str) and alpha == "balanced":
        count = np.bincount(encoded, minlength=len(labels))
        return (len(encoded) / (len(labels) * np.maximum(count, 1))).tolist()
    if isinstance(alpha, Real):
        return [float(alpha)] * len(labels)
    if isinstance(alpha, Mapping):
        return [float(alpha[label]) for label in labels]
    raise ValueError(
        f'loss__alpha must be a dict of weights by class, "balanced", a number or None, '
        f"got {alpha!r}."
    )
