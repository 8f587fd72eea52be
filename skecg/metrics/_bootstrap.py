"""Intervals by drawing patients."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import Bunch, check_random_state

from skecg.metrics._confusion import encode_groups


def patient_bootstrap(
    metric: Callable[[np.ndarray, np.ndarray], float],
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    groups: ArrayLike,
    confidence_level: float = 0.95,
    n_resamples: int = 1000,
    random_state: int | np.random.RandomState | None = None,
) -> Bunch:
    """Estimate how far a score depends on which patients happened to be tested.

    Beats of one patient resemble each other, so that an interval over beats is far too
    narrow. Here whole patients are drawn with replacement, as many as there are.

    Parameters
    ----------
    metric : callable
        ``metric(y_true, y_pred)`` gives a number.
    y_true : array-like of shape (n_samples, ...)
        Reference.
    y_pred : array-like of shape (n_samples, ...)
        Predicted classes, or probabilities if `metric` takes such.
    groups : array-like of shape (n_samples,)
        Patient of each sample.
    confidence_level : float, default=0.95
        Share of the resamples that lies in the interval.
    n_resamples : int, default=1000
        Number of times that patients are drawn.
    random_state : int, RandomState instance or None, default=None
        Controls which patients are drawn. Pass an int for the same ones in every call.

    Returns
    -------
    result : Bunch
        ``score`` of the data as given, ``low`` and ``high`` end of the interval, and
        ``resamples``, an ndarray of shape (n_resamples,).

    Raises
    ------
    ValueError
        If lengths differ, there are fewer than two patients, or a number is out of range.

    Notes
    -----
    The interval is that of the percentiles. With few patients, and 22 are few, it is still
    too narrow rather than too wide. Resamples for which the metric gives NaN are left out.

    References
    ----------
    .. [1] C. A. Field and A. H. Welsh, "Bootstrapping clustered data", Journal of the Royal
       Statistical Society B 69(3), 369-390, 2007. :doi:`10.1111/j.1467-9868.2007.00593.x`

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.metrics import accuracy_score
    >>> from skecg.metrics import patient_bootstrap
    >>> patient = np.repeat(np.arange(20), 50)
    >>> y_true = np.tile(["N", "V"], 500)
    >>> y_pred = np.where(patient < 4, "N", y_true)
    >>> result = patient_bootstrap(
    ...     accuracy_score, y_true, y_pred, groups=patient, random_state=0
    ... )
    >>> print(f"{result.score:.3f} ({result.low:.3f} to {result.high:.3f})")
    0.900 (0.800 to 0.975)
    """
    if not callable(metric):
        raise ValueError(f"metric must be a function of y_true and y_pred, got {metric!r}.")
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if min(y_true.ndim, y_pred.ndim) == 0 or len(y_true) != len(y_pred):
        raise ValueError(
            "y_true and y_pred must be arrays of one length, got shapes "
            f"{y_true.shape} and {y_pred.shape}."
        )
    patients, patient = encode_groups(groups, y_true.shape[:1])
    draws = draw_patients(len(patients), confidence_level, n_resamples, random_state)
    rows_of = np.split(np.argsort(patient, kind="stable"), np.bincount(patient).cumsum()[:-1])
    resamples = np.empty(n_resamples)
    for i, times in enumerate(draws):
        rows = np.concatenate([np.tile(r, k) for r, k in zip(rows_of, times, strict=True)])
        resamples[i] = metric(y_true[rows], y_pred[rows])
    low, high = interval(resamples, confidence_level)
    return Bunch(
        score=float(metric(y_true, y_pred)),
        low=float(low),
        high=float(high),
        resamples=resamples,
    )


def draw_patients(
    n_patients: int,
    confidence_level: float,
    n_resamples: int,
    random_state: int | np.random.RandomState | None,
) -> np.ndarray:
    """Draw how often each patient is taken: (n_resamples, n_patients)."""
    if n_patients < 2:
        raise ValueError(f"groups must name at least two patients, got {n_patients}.")
    if not (isinstance(confidence_level, Real) and 0 < confidence_level < 1):
        raise ValueError(f"confidence_level must be between 0 and 1, got {confidence_level!r}.")
    if not isinstance(n_resamples, Integral) or n_resamples < 1:
        raise ValueError(f"n_resamples must be a positive integer, got {n_resamples!r}.")
    rng = check_random_state(random_state)
    return rng.multinomial(n_patients, np.full(n_patients, 1 / n_patients), size=n_resamples)


def interval(resamples: np.ndarray, confidence_level: float) -> np.ndarray:
    """Return the low and the high end, (2, ...), of resamples (n_resamples, ...)."""
    tail = 50 * (1 - confidence_level)
    with warnings.catch_warnings():
        # A class that no patient has gives NaN, and that is the answer.
        warnings.filterwarnings("ignore", "All-NaN slice encountered", RuntimeWarning)
        return np.nanpercentile(resamples, [tail, 100 - tail], axis=0)
