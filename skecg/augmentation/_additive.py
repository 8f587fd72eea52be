"""Augmenters that add something to the signal."""

from __future__ import annotations

import math
from numbers import Real

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.utils._param_validation import Interval

from skecg.augmentation._base import BaseAugmenter, inside_signal

_POOL_SIZE = 2**16


class GaussianNoise(BaseAugmenter):
    """Add white Gaussian noise.

    Parameters
    ----------
    std : float, default=0.05
        Standard deviation of the noise, in the unit of the signals. On beats scaled to
        [0, 1], 0.05 is a noisy recording and 0.5 drowns the beat.
    fill_padding : bool, default=False
        Whether the zeros at the end of a signal get noise too.
    random_state : int, RandomState instance or None, default=None
        Determines what `fit_transform` draws. Pass an int for the same noise in every
        call.

    Attributes
    ----------
    n_features_in_ : int
        Number of time steps.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names of `X`, where it has such.

    See Also
    --------
    BaselineWander : Slow noise.
    AugmentedCopies : Adds changed copies instead of changing the samples.

    Notes
    -----
    Time steps at the end of a signal at which all leads are exactly zero are padding.
    Augment before a transformer that moves the zero.

    Noise for more than 65,536 values in one call is cut at random places from that many
    draws, which is many times faster; each value is normally distributed nevertheless.

    Examples
    --------
    >>> from skecg.augmentation import GaussianNoise
    >>> from skecg.datasets import make_heartbeats
    >>> X = make_heartbeats(100, random_state=0).data
    >>> noisy = GaussianNoise(std=0.02, random_state=0).fit_transform(X)
    >>> round(float((noisy - X)[X != 0].std()), 3)
    0.02
    >>> bool((GaussianNoise().fit(X).transform(X) == X).all())
    True
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        **BaseAugmenter._parameter_constraints,
        "std": [Interval(Real, 0, None, closed="left")],
        "fill_padding": ["boolean"],
    }

    def __init__(self, std=0.05, *, fill_padding=False, random_state=None):
        self.std = std
        self.fill_padding = fill_padding
        self.random_state = random_state

    def _augment_parts(self, parts, shape, rng):
        size = math.prod(shape[1:])
        if shape[0] * size <= _POOL_SIZE + size:
            super()._augment_parts(parts, shape, rng)
            return
        pool = rng.standard_normal(_POOL_SIZE + size, np.float32)
        windows = sliding_window_view(pool * np.float32(self.std), size)
        for signals, changed in parts:
            noise = windows[rng.integers(len(windows), size=len(signals))]
            self._add(noise, signals, changed)

    def _augment(self, signals, rng):
        noise = self.std * rng.standard_normal(signals.shape, np.float32)
        self._add(noise, signals, signals)

    def _add(self, noise, signals, changed):
        noise = noise.reshape(signals.shape)
        if not self.fill_padding:
            noise *= inside_signal(signals)
        np.add(signals, noise, out=changed)


class BaselineWander(BaseAugmenter):
    """Let the baseline move with the breath.

    Each signal gets a sine wave of random frequency and phase; its amplitude, up to
    `max_amplitude`, and sign are drawn for each lead, as the leads see the chest move
    differently.

    Parameters
    ----------
    max_amplitude : float, default=0.1
        Largest amplitude, in the unit of the signals.
    min_frequency : float, default=0.05
        Lowest frequency in Hz.
    max_frequency : float, default=0.5
        Highest frequency in Hz. Below 0.5 Hz lie the breath and most movements, above it
        begins the ST segment.
    fs : float, default=125
        Sampling rate of the signals in Hz.
    fill_padding : bool, default=False
        Whether the zeros at the end of a signal move too.
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
    GaussianNoise : Noise of all frequencies.

    Examples
    --------
    >>> from skecg.augmentation import BaselineWander
    >>> from skecg.datasets import make_heartbeats
    >>> X = make_heartbeats(100, random_state=0).data
    >>> moved = BaselineWander(max_amplitude=0.2, random_state=0).fit_transform(X)
    >>> bool(abs(moved - X).max() <= 0.2)
    True
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        **BaseAugmenter._parameter_constraints,
        "max_amplitude": [Interval(Real, 0, None, closed="left")],
        "min_frequency": [Interval(Real, 0, None, closed="left")],
        "max_frequency": [Interval(Real, 0, None, closed="left")],
        "fs": [Interval(Real, 0, None, closed="neither")],
        "fill_padding": ["boolean"],
    }

    def __init__(
        self,
        max_amplitude=0.1,
        *,
        min_frequency=0.05,
        max_frequency=0.5,
        fs=125,
        fill_padding=False,
        random_state=None,
    ):
        self.max_amplitude = max_amplitude
        self.min_frequency = min_frequency
        self.max_frequency = max_frequency
        self.fs = fs
        self.fill_padding = fill_padding
        self.random_state = random_state

    def _augment(self, signals, rng):
        if self.min_frequency > self.max_frequency:
            raise ValueError(
                f"min_frequency ({self.min_frequency}) must not be above max_frequency "
                f"({self.max_frequency})."
            )
        column = (len(signals), 1)
        frequency = rng.uniform(self.min_frequency, self.max_frequency, column)
        step = (2 * np.pi / self.fs * frequency).astype(np.float32)
        wave = step * np.arange(signals.shape[1], dtype=np.float32)
        wave += rng.uniform(0, 2 * np.pi, column).astype(np.float32)
        np.sin(wave, out=wave)
        if not self.fill_padding:
            wave *= inside_signal(signals)[..., 0]
        for lead in range(signals.shape[2]):
            amplitude = rng.uniform(-self.max_amplitude, self.max_amplitude, column)
            signals[..., lead] += wave * amplitude.astype(np.float32)
