"""What all augmenters share."""

from __future__ import annotations

import math
from abc import ABCMeta, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin, _fit_context
from sklearn.utils import gen_batches
from sklearn.utils.validation import FLOAT_DTYPES, validate_data

from skecg._random import as_generator
from skecg._signals import check_signal_shape


class BaseAugmenter(OneToOneFeatureMixin, TransformerMixin, BaseEstimator, metaclass=ABCMeta):
    """Base class of the augmenters.

    A subclass stores its parameters, ``random_state`` among them, and defines
    ``_augment``, which changes an array of signals in place.
    """

    _parameter_constraints: dict = {"random_state": ["random_state"]}  # noqa: RUF012

    @abstractmethod
    def _augment(self, signals: np.ndarray, rng: np.random.Generator) -> None:
        """Change signals of shape (n_samples, n_timesteps, n_leads) in place."""

    def _augment_into(
        self, signals: np.ndarray, changed: np.ndarray, rng: np.random.Generator
    ) -> None:
        """Write changed signals into another array, or into their own."""
        changed[...] = signals
        self._augment(changed, rng)

    def _augment_parts(
        self,
        parts: Iterator[tuple[np.ndarray, np.ndarray]],
        shape: tuple[int, ...],
        rng: np.random.Generator,
    ) -> None:
        """Change an array of the given shape, which comes in parts with a place for each."""
        for signals, changed in parts:
            self._augment_into(signals, changed, rng)

    def augment(self, X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return a changed copy of a batch of signals.

        This is what networks call for every batch, with new random numbers each time. It
        needs no fit, and ``random_state`` has no say in it.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals. They are left as they are.
        rng : numpy.random.Generator
            Where the random numbers come from.

        Returns
        -------
        ndarray of the shape of X
            Of the type of `X`, or float64 where `X` has integers.

        Raises
        ------
        ValueError
            If a parameter is out of range or `X` has the wrong rank or more leads than
            time steps.
        """
        self._validate_params()
        X = np.asarray(X)
        check_signal_shape(X)
        augmented = np.empty(X.shape, X.dtype if X.dtype.kind == "f" else np.float64)
        if X.size:
            self._augment_parts(_in_parts(X, augmented), X.shape, rng)
        return augmented

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> BaseAugmenter:
        """Check the signals; there is nothing to learn from them.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The augmenter itself.
        """
        self._check_signals(X, reset=True)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """Augment training signals.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals to train on.
        y : None
            Ignored.

        Returns
        -------
        ndarray of the shape of X
            Changed signals, drawn from `random_state`.
        """
        self._validate_params()
        X = self._check_signals(X, reset=True)
        return self.augment(X, as_generator(self.random_state))

    def transform(self, X: Any) -> np.ndarray:
        """Return the signals as they are: what is to be predicted is not augmented.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_timesteps) or (n_samples, n_timesteps, n_leads)
            Signals.

        Returns
        -------
        ndarray of the shape of X
            The same signals.
        """
        return self._check_signals(X, reset=False)

    def _check_signals(self, X: Any, reset: bool) -> np.ndarray:
        X = validate_data(self, X, reset=reset, dtype=FLOAT_DTYPES, allow_nd=True)
        check_signal_shape(X)
        return X

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        # fit_transform draws anew and differs from transform by intent, so the checks that
        # compare the two have nothing to check.
        tags.non_deterministic = True
        tags.requires_fit = False
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32", "float16"]
        return tags


def _in_parts(X: np.ndarray, target: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield some signals and their targets at a time, few enough for the processor's cache."""
    if X.ndim == 2:
        X, target = X[..., np.newaxis], target[..., np.newaxis]
    for rows in gen_batches(len(X), max(1, 2**18 // math.prod(X.shape[1:]))):
        yield X[rows], target[rows]


def signal_length(signals: np.ndarray) -> np.ndarray:
    """Return how long each signal is without the zeros that it ends with.

    Parameters
    ----------
    signals : ndarray of shape (n_samples, n_timesteps, n_leads)
        Signals; only time steps at which all leads are zero count as padding.

    Returns
    -------
    ndarray of int, shape (n_samples,)
        In samples.
    """
    flat = signals.reshape(len(signals), -1)
    size = flat.shape[1]
    # In the smallest integers, of which a processor handles most at once.
    number = np.arange(1, size + 1, dtype=np.min_scalar_type(size))
    last = np.multiply(flat != 0, number).max(axis=1, initial=0)
    return -(-last.astype(np.intp) // signals.shape[2])


def inside_signal(signals: np.ndarray, length: np.ndarray | None = None) -> np.ndarray:
    """Return where the signals are, as against the padding after them.

    Parameters
    ----------
    signals : ndarray of shape (n_samples, n_timesteps, n_leads)
        Signals.
    length : ndarray of int, shape (n_samples,), optional
        What `signal_length` says about them, where it is known already.

    Returns
    -------
    ndarray of bool, shape (n_samples, n_timesteps, n_leads)
        False at the padding.
    """
    n_timesteps, n_leads = signals.shape[1:]
    if length is None:
        length = signal_length(signals)
    # Laid out flat, as axes of few leads make slow loops, and in small integers.
    size = n_timesteps * n_leads
    dtype = np.min_scalar_type(-size - 1)
    end = (n_leads * length).astype(dtype)[:, np.newaxis]
    return (np.arange(size, dtype=dtype) < end).reshape(signals.shape)
