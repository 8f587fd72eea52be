"""What every function that keeps patients or recordings apart needs to know about them."""

from __future__ import annotations

from typing import Any

import numpy as np


def check_groups(groups: Any, name: str = "groups") -> np.ndarray:
    """Return the group of each sample as an array, or say why it is none.

    Parameters
    ----------
    groups : array-like of shape (n_samples,)
        Patients or recordings, by name or number.
    name : str, default="groups"
        For the message.

    Returns
    -------
    ndarray of shape (n_samples,)
        The same.

    Raises
    ------
    ValueError
        If there are none, or not in one dimension; if one is missing or has no order among
        the others.
    """
    if groups is None:
        raise ValueError("groups must be given: the patient, or record, of each sample.")
    given, groups = groups, np.asarray(groups)
    if groups.ndim != 1 or len(groups) == 0:
        raise ValueError(f"{name} must be one-dimensional and not empty, got shape {groups.shape}.")
    # NumPy makes strings of all that is in a list with strings: of NaN, too.
    mixed = groups.dtype.kind == "U" and isinstance(given, list | tuple)
    check_told_apart(np.array(given, dtype=object) if mixed else groups, name)
    return groups


def check_told_apart(groups: np.ndarray, name: str = "groups") -> None:
    """Refuse groups of which one is missing, or that are of different kinds."""
    try:
        # NaN and NaT, which differ from themselves, make a group of their own or many.
        missing = np.any(groups != groups)
        if groups.dtype == object:
            np.unique(groups)
    except TypeError:
        raise ValueError(
            f"{name} must be all strings or all numbers, none of them missing; None, NaN and "
            "mixtures of both kinds are refused."
        ) from None
    if missing or (groups.dtype.kind == "f" and np.isinf(groups).any()):
        raise ValueError(f"{name} must not contain NaN or infinity.")
