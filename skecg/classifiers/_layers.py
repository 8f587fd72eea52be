"""Layers and arithmetic that more than one graph uses."""

from collections.abc import Sequence
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
        fits = all(isinstance(v, Real) and 0 <= v < 1 for v in values)
        kind = "number in [0, 1)"
    else:
        fits = all(isinstance(v, Integral) and v >= 1 for v in values)
        kind = "positive int"
    if not fits or len(values) != n_blocks:
        raise ValueError(
            f"{name} must be a {kind} or one for each of {n_blocks} blocks, got {value!r}."
        )
    return values


def pad_to(x: Any, n_timesteps: int) -> Any:
    """Append zeros up to a length, where the signal is shorter."""
    missing = n_timesteps - x.shape[1]
    return keras.layers.ZeroPadding1D((0, missing))(x) if missing > 0 else x


def dense_layers(x: Any, units: Sequence[int], activation: Any) -> Any:
    """Stack dense layers."""
    for n in units:
        x = keras.layers.Dense(n, activation=activation)(x)
    return x
