"""Layers and arithmetic that more than one graph uses."""

from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

from skecg.classifiers._keras import keras


def per_block(value: Any, n_blocks: int, name: str, *, fraction: bool = False) -> tuple[Any, ...]:
    """Give every block its value of a parameter that takes one or a sequence.

    Parameters
    ----------
    value : number or sequence of numbers
        For all blocks, or one for each.
    n_blocks : int
        Number of blocks.
    name : str
        The parameter's name, for the message.
    fraction : bool, default=False
        Numbers from 0 to below 1 instead of positive integers.

    Returns
    -------
    tuple of length n_blocks

    Raises
    ------
    ValueError
        If the count or a number does not fit.
    """
    values = (value,) * n_blocks if isinstance(value, Real) else tuple(value)
    if fraction:
        fits = all(isinstance(v, Real) and 0 <= float(v) < 1 for v in values)
        kind = "number in [0, 1)"
    else:
        fits = all(isinstance(v, Integral) and int(v) >= 1 for v in values)
        kind = "positive int"
    if not fits or len(values) != n_blocks:
        raise ValueError(
            f"{name} must be a {kind} or one for each of {n_blocks} blocks, got {value!r}."
        )
    return values


def shortest_input(windows: Iterable[tuple[int, int]]) -> int:
    """Give the length that leaves one time step after unpadded convolutions and pools.

    Parameters
    ----------
    windows : iterable of (int, int)
        Size and stride of each, in order; those that pad to the same length have size 1.

    Returns
    -------
    int
    """
    n_timesteps = 1
    for size, stride in reversed(list(windows)):
        n_timesteps = (n_timesteps - 1) * stride + size
    return n_timesteps


def pad_to(x: Any, n_timesteps: int) -> Any:
    """Append zeros up to a length, where the signal is shorter."""
    missing = n_timesteps - x.shape[1]
    return keras.layers.ZeroPadding1D((0, missing))(x) if missing > 0 else x


@keras.saving.register_keras_serializable("skecg")
class FoldBeats(keras.layers.Layer):
    """Make the beats of all sequences samples: (n_sequences * n_beats, ...)."""

    def call(self, inputs: Any) -> Any:
        """Reshape."""
        return keras.ops.reshape(inputs, (-1, *inputs.shape[2:]))


@keras.saving.register_keras_serializable("skecg")
class UnfoldBeats(keras.layers.Layer):
    """Make sequences of the beats again; takes the beats and the input of `FoldBeats`."""

    def call(self, inputs: Any) -> Any:
        """Reshape."""
        beats, sequences = inputs
        n_beats = keras.ops.shape(sequences)[1]
        return keras.ops.reshape(beats, (-1, n_beats, *beats.shape[1:]))


def batch_norm(x: Any) -> Any:
    """Normalise over the batch.

    The averages used in prediction settle within some 50 training steps, not within the 500
    of Keras' default, which small data sets reach late: until then predictions are far worse
    than training shows, and early stopping stops.
    """
    return keras.layers.BatchNormalization(momentum=0.9)(x)


def dense_layers(x: Any, units: Sequence[int], activation: Any) -> Any:
    """Stack dense layers."""
    for n in units:
        x = keras.layers.Dense(n, activation=activation)(x)
    return x


def class_probabilities(x: Any, n_classes: int, *, sigmoid: bool = False) -> Any:
    """End a network: one sigmoid unit for two classes where asked for, softmax otherwise."""
    if sigmoid and n_classes == 2:
        return keras.layers.Dense(1, activation="sigmoid")(x)
    return keras.layers.Dense(n_classes, activation="softmax")(x)
