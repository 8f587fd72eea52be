"""Augmenters that move the signal in time."""

from __future__ import annotations

from numbers import Integral, Real

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions

from skecg.augmentation._base import BaseAugmenter, inside_signal, signal_length


class TimeShift(BaseAugmenter):
    """Shift signals in time.

    Each signal moves by a random whole number of time steps to either side, all its leads
    alike. What moves in at one end continues the signal, what moves out at the other is
    lost, and the zeros at the end stay where they are.

    Parameters
    ----------
    max_shift : int or float, default=0.05
        Largest shift: time steps if an int, a share of `n_timesteps` if a float below 1.
    mode : {"reflect", "edge", "wrap"}, default="reflect"
        What moves in: the signal mirrored at its end, its last value, or what moves out
        at the other end.
    random_state : int, RandomState instance or None, default=None
        Determines what `fit_transform` draws. Pass an int for the same shifts in every
        call.

    Attributes
    ----------
    n_features_in_ : int
        Number of time steps.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names of `X`, where it has such.

    See Also
    --------
    TimeWarp : Makes parts of the signal faster and others slower.
    AugmentedCopies : Adds shifted copies instead of shifting the samples.

    Notes
    -----
    Beats cut from the R peak on lose that peak when they move to the left by more than
    half a QRS complex, about 6 time steps at 125 Hz.

    Examples
    --------
    >>> import numpy as np
    >>> from skecg.augmentation import TimeShift
    >>> X = np.tile([1.0, 2.0, 3.0, 4.0, 0.0], (3, 1))
    >>> TimeShift(max_shift=1, mode="edge", random_state=3).fit_transform(X)
    array([[1., 2., 3., 4., 0.],
           [1., 1., 2., 3., 0.],
           [2., 3., 4., 4., 0.]])
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        **BaseAugmenter._parameter_constraints,
        "max_shift": [
            Interval(Integral, 0, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="left"),
        ],
        "mode": [StrOptions({"reflect", "edge", "wrap"})],
    }

    def __init__(self, max_shift=0.05, *, mode="reflect", random_state=None):
        self.max_shift = max_shift
        self.mode = mode
        self.random_state = random_state

    def _augment(self, signals, rng):
        n_samples, n_timesteps, n_leads = signals.shape
        reach = self.max_shift
        if not isinstance(reach, Integral):
            reach = int(reach * n_timesteps)
        reach = min(reach, n_timesteps - 1)
        # Signals, each continued by `reach` time steps at both ends ...
        rows = np.arange(n_samples)[:, np.newaxis]
        ahead = np.arange(reach)
        length = signal_length(signals)
        inside = inside_signal(signals, length)
        length = length[:, np.newaxis]
        last = np.maximum(length - 1, 0)
        before, after = {
            "reflect": (reach - ahead, last - 1 - ahead),
            "edge": (0 * ahead, last + 0 * ahead),
            "wrap": (last + 1 - reach + ahead, ahead),
        }[self.mode]
        long = np.zeros((n_samples, n_timesteps + 2 * reach, n_leads), signals.dtype)
        long[:, reach : reach + n_timesteps] = signals
        long[:, :reach] = signals[rows, np.clip(before, 0, last)]
        long[rows, reach + length + ahead] = signals[rows, np.clip(after, 0, last)]
        # ... of which a window of the old length is taken.
        windows = sliding_window_view(long.reshape(n_samples, -1), n_timesteps * n_leads, axis=1)
        start = n_leads * rng.integers(2 * reach, size=n_samples, endpoint=True)
        np.multiply(windows[rows[:, 0], start].reshape(signals.shape), inside, out=signals)


class TimeWarp(BaseAugmenter):
    """Make parts of a signal faster and others slower.

    Time is bent by a smooth random curve that leaves both ends of the signal, and the
    zeros after it, where they are. All leads are bent alike.

    Parameters
    ----------
    max_warp : float, default=0.1
        Largest change of speed, at least 0 and below 1: with 0.1, parts run up to 10 %
        faster or slower.
    random_state : int, RandomState instance or None, default=None
        Determines what `fit_transform` draws. Pass an int for the same change in every
        call.

    Attributes
    ----------
    n_features_in_ : int
        Number of time steps.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names of `X`, where it has such.

    See Also
    --------
    TimeShift : Moves the signal without bending time.

    Notes
    -----
    Linear interpolation rounds off sharp peaks a little. With ``max_warp=0.2`` a QRS
    complex of 100 ms can become one of 120 ms, a wide one.

    Examples
    --------
    >>> from skecg.augmentation import TimeWarp
    >>> from skecg.datasets import make_heartbeats
    >>> X = make_heartbeats(100, random_state=0).data
    >>> warped = TimeWarp(max_warp=0.1, random_state=0).fit_transform(X)
    >>> bool((warped[:, 0] == X[:, 0]).all())
    True
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        **BaseAugmenter._parameter_constraints,
        "max_warp": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(self, max_warp=0.1, *, random_state=None):
        self.max_warp = max_warp
        self.random_state = random_state

    def _augment(self, signals, rng):
        n_samples, n_timesteps, n_leads = signals.shape
        if n_timesteps < 3:
            return  # Nothing lies between the ends.
        # Time u (0 to 1) is bent to u + u (1 - u) (first + second (1 - 2 u)), a curve whose
        # slope stays within 1 -+ (|first| + |second|): a polynomial in steps = u * last.
        share = rng.random(n_samples)
        change = rng.uniform(-self.max_warp, self.max_warp, (2, n_samples)) * (share, 1 - share)
        first, second = change.astype(np.float32)[..., np.newaxis]
        length = signal_length(signals)[:, np.newaxis]
        last = np.maximum(length - 1, 1).astype(np.float32)
        steps = np.minimum(np.arange(n_timesteps, dtype=np.float32), last)
        position = steps * (2 * second / last**2)
        position -= (first + 3 * second) / last
        position *= steps
        position += 1 + first + second
        position *= steps
        before = np.minimum(position, last - 1, out=steps)
        np.floor(before, out=before)
        position -= before
        before += n_timesteps * np.arange(n_samples, dtype=np.float32)[:, np.newaxis]
        index = before.astype(np.int32).astype(np.intp)  # Twice as fast as in one step.
        inside = inside_signal(signals[..., :1], length[:, 0])[..., 0]
        for lead in range(n_leads):
            flat = signals[..., lead].ravel()
            warped = flat.take(index)
            step = flat[1:].take(index)
            step -= warped
            step *= position
            warped += step
            np.multiply(warped, inside, out=signals[..., lead])
