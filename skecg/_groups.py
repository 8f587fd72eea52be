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


def count_by_patient(groups: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give each sample's patient by number, and the samples (n_patients, n_classes) of each."""
    patients, patient = np.unique(groups, return_inverse=True)
    classes, label = np.unique(labels, return_inverse=True)
    counts = np.zeros((len(patients), len(classes)))
    np.add.at(counts, (patient, label), 1)
    return patient, counts


def choose_patients(counts: np.ndarray, test_size: float, rng: np.random.RandomState) -> np.ndarray:
    """Choose patients for a test or validation set.

    Parameters
    ----------
    counts : ndarray of shape (n_patients, n_classes)
        Samples of each patient; every class has some.
    test_size : float
        The share of every class, and of all samples, to come near to.
    rng : RandomState
        Source of randomness.

    Returns
    -------
    ndarray of bool, shape (n_patients,)
        Who is chosen: at least one, and not all.
    """
    # The number of samples counts as one more class.
    shares = np.column_stack([counts / counts.sum(axis=0), counts.sum(axis=1) / counts.sum()])
    order = rng.permutation(len(shares))
    n_test = np.abs(shares[order, -1].cumsum() - test_size).argmin() + 1
    in_test = np.zeros(len(shares), dtype=bool)
    in_test[order[: min(n_test, len(shares) - 1)]] = True
    excess = shares[in_test].sum(axis=0) - test_size
    while True:
        moved = np.where(in_test[:, np.newaxis], -shares, shares)
        errors = np.square(excess + moved).sum(axis=1)
        # The last patient of a side stays there.
        for side in (in_test, ~in_test):
            if side.sum() == 1:
                errors[side] = np.inf
        best = errors.argmin()
        # A tolerance, so that rounding errors cannot move a patient to and fro for ever.
        if errors[best] > np.square(excess).sum() - 1e-12:
            return in_test
        excess += moved[best]
        in_test[best] = ~in_test[best]
