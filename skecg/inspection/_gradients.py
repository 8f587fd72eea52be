"""Gradients of a Keras computation with respect to its input, on any backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def gradient(function: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """Differentiate a scalar with respect to an array; Keras itself has no way to.

    Parameters
    ----------
    function : callable
        Takes a float32 tensor of the backend and returns a scalar one.
    x : ndarray of float32
        Where to differentiate.

    Returns
    -------
    ndarray of the shape of x
        The gradient.

    Raises
    ------
    ValueError
        If the backend cannot differentiate.
    """
    import keras

    backend = keras.config.backend()
    tensor = keras.ops.convert_to_tensor(x)
    if backend == "tensorflow":
        import tensorflow

        with tensorflow.GradientTape() as tape:
            tape.watch(tensor)
            value = function(tensor)
        result = tape.gradient(value, tensor)
    elif backend == "jax":
        import jax

        result = jax.grad(function)(tensor)
    elif backend == "torch":
        import torch

        tensor = tensor.detach().requires_grad_()
        (result,) = torch.autograd.grad(function(tensor), tensor)
    else:
        raise ValueError(f"saliency needs gradients, which Keras on {backend!r} does not have.")
    return keras.ops.convert_to_numpy(result)
