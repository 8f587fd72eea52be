"""The samples that early stopping looks at."""

import numpy as np

from skecg._groups import choose_patients, count_by_patient


def validation_split(
    y: np.ndarray, fraction: float, groups: np.ndarray | None, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray]:
    """Set aside a share of every class, or of the groups.

    Parameters
    ----------
    y : ndarray of shape (n_samples,) or (n_sequences, n_beats)
        Encoded labels. A sequence counts for its rarest class.
    fraction : float
        Share of the samples, between 0 and 1.
    groups : ndarray of shape (n_samples,) or None
        Patients: none is on both sides.
    rng : RandomState
        Source of randomness.

    Returns
    -------
    train, validation : ndarray of int
        Ascending indices.

    Raises
    ------
    ValueError
        If one side would be empty.
    """
    if y.ndim == 2:
        count = np.bincount(y.ravel())
        y = np.take_along_axis(y, count[y].argmin(axis=1, keepdims=True), axis=1)[:, 0]
    if groups is not None:
        train, validation = _by_group(y, fraction, groups, rng)
    else:
        validation = np.sort(
            np.concatenate([_share(np.flatnonzero(y == k), fraction, rng) for k in np.unique(y)])
        )
        train = np.setdiff1d(np.arange(len(y)), validation)
    if not len(train) or not len(validation):
        raise ValueError(
            f"validation_fraction={fraction} of {len(y)} samples leaves {len(train)} to train on "
            f"and {len(validation)} to validate with: give more samples of each class, X_val and "
            "y_val, or early_stopping=False."
        )
    return train, validation


def _share(rows: np.ndarray, fraction: float, rng: np.random.RandomState) -> np.ndarray:
    # At least one of each class that can spare one, so that no class goes unwatched.
    count = min(max(round(fraction * len(rows)), 1), len(rows) - 1)
    return rng.permutation(rows)[:count]


def _by_group(
    y: np.ndarray, fraction: float, groups: np.ndarray, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray]:
    patient, counts = count_by_patient(groups, y)
    if len(counts) < 2:
        raise ValueError("groups names one group only: none can be set aside for validation.")
    chosen = choose_patients(counts, fraction, rng)
    for of_class in counts.T:
        # What can only be trained on or validated with is trained on.
        if not of_class[~chosen].any() and chosen.sum() > 1:
            chosen[np.argmax(np.where(chosen, of_class, -1))] = False
    kept = chosen[patient]
    return np.flatnonzero(~kept), np.flatnonzero(kept)
