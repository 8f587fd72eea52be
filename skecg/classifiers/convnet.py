"""VGG-style convolutional network."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

from sklearn.utils._param_validation import Interval

from skecg.classifiers._base import BaseECGClassifier
from skecg.classifiers._keras import keras
from skecg.classifiers._layers import dense_layers, pad_to, per_block, shortest_input

_CONVOLUTIONS = 2


def convolution_blocks(
    x: Any,
    last: keras.layers.Layer,
    *,
    filters: Sequence[int],
    kernel_size: int | Sequence[int],
    pool_size: int | Sequence[int],
    dropout: float | Sequence[float],
    activation: Any,
) -> Any:
    """Stack the blocks; `last` takes the place of the last one's pooling."""
    n_blocks = len(filters)
    filters = per_block(filters, n_blocks, "filters")
    kernels = per_block(kernel_size, n_blocks, "kernel_size")
    pools = per_block(pool_size, n_blocks - 1, "pool_size")
    rates = per_block(dropout, n_blocks, "dropout", fraction=True)

    windows = [
        window
        for kernel, pool in zip(kernels, (*pools, 1), strict=True)
        for window in (*[(kernel, 1)] * _CONVOLUTIONS, (pool, pool))
    ]
    x = pad_to(x, shortest_input(windows))
    poolings = (*(keras.layers.MaxPooling1D(pool) for pool in pools), last)
    for n, kernel, pooling, rate in zip(filters, kernels, poolings, rates, strict=True):
        for _ in range(_CONVOLUTIONS):
            x = keras.layers.Conv1D(n, kernel, activation=activation)(x)
        x = keras.layers.Dropout(rate)(pooling(x))
    return x


def convnet(
    input_shape: tuple[int, int],
    n_classes: int,
    *,
    filters: Sequence[int],
    kernel_size: int | Sequence[int],
    pool_size: int | Sequence[int],
    dropout: float | Sequence[float],
    dense_units: Sequence[int],
    activation: Any,
) -> keras.Model:
    """Build the graph; see `ECGConvNetClassifier` for the parameters."""
    dense_units = per_block(dense_units, len(dense_units), "dense_units")

    inputs = keras.Input(input_shape)
    x = convolution_blocks(
        inputs,
        keras.layers.GlobalMaxPooling1D(),
        filters=filters,
        kernel_size=kernel_size,
        pool_size=pool_size,
        dropout=dropout,
        activation=activation,
    )
    x = dense_layers(x, dense_units, activation)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation="softmax")(x))


class ECGConvNetClassifier(BaseECGClassifier):
    """VGG-style convolutional network on beats or short signals.

    Blocks of two convolutions, each block followed by max-pooling and dropout; the last
    one is pooled over all of time. The defaults have 254,901 parameters for beats of 187
    samples in one lead and five classes.

    Parameters
    ----------
    filters : sequence of int, default=(16, 32, 32, 256)
        Filters of the convolutions, one number a block.
    kernel_size : int or sequence of int, default=(5, 3, 3, 3)
        Length of the convolutions in samples, for all blocks or one for each.
    pool_size : int or sequence of int, default=2
        Max-pooling after each block but the last, for all of them or one for each.
    dropout : float or sequence of float, default=(0.1, 0.1, 0.1, 0.2)
        Share of activations dropped after each block, for all or one for each.
    dense_units : sequence of int, default=(64, 64)
        Units of the dense layers before the last.
    activation : str or callable, default="relu"
        Activation of all layers but the last.
    epochs : int, default=300
        At most so many passes over the training samples.
    early_stopping : bool, default=True
        Stop when the validation loss no longer improves; see `BaseECGClassifier`.
    **training
        The other parameters of training: see `BaseECGClassifier`.

    Notes
    -----
    Signals shorter than the shortest that the convolutions can take (72 samples by
    default) are zero-padded at the end.

    References
    ----------
    .. [1] K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale
       image recognition", ICLR 2015: the form of the blocks. :arxiv:`1409.1556`

    Examples
    --------
    >>> from skecg import ECGConvNetClassifier
    >>> from skecg.datasets import make_heartbeats
    >>> X, y, groups = make_heartbeats(300, random_state=0, return_X_y_groups=True)
    >>> classifier = ECGConvNetClassifier(epochs=2, random_state=0).fit(X, y)
    >>> classifier.predict_proba(X).shape
    (300, 5)
    >>> classifier.model_.count_params()
    254901
    """

    _network = staticmethod(convnet)
    _reference = ((187, 1), 5)

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseECGClassifier._parameter_constraints,
        "filters": ["array-like"],
        "kernel_size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "pool_size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
        "dense_units": ["array-like"],
        "activation": [str, callable],
    }

    def __init__(
        self,
        *,
        filters: Sequence[int] = (16, 32, 32, 256),
        kernel_size: int | Sequence[int] = (5, 3, 3, 3),
        pool_size: int | Sequence[int] = 2,
        dropout: float | Sequence[float] = (0.1, 0.1, 0.1, 0.2),
        dense_units: Sequence[int] = (64, 64),
        activation: Any = "relu",
        epochs: int = 300,
        early_stopping: bool = True,
        **training: Any,
    ) -> None:
        super().__init__(epochs=epochs, early_stopping=early_stopping, **training)
        self.filters = filters
        self.kernel_size = kernel_size
        self.pool_size = pool_size
        self.dropout = dropout
        self.dense_units = dense_units
        self.activation = activation
