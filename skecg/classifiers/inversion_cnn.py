"""Convolutional network on beats of many leads."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

from sklearn.utils._param_validation import Interval

from skecg.classifiers._base import BaseECGClassifier
from skecg.classifiers._keras import keras
from skecg.classifiers._layers import class_probabilities, pad_to, per_block, shortest_input


def inversion_cnn(
    input_shape: tuple[int, int],
    n_classes: int,
    *,
    filters: Sequence[int],
    kernel_size: int | Sequence[int],
    pool_size: int | Sequence[int],
    dropout: float,
    activation: Any,
) -> keras.Model:
    """Build the graph; see `ECGInversionCNNClassifier` for the parameters."""
    n_blocks = len(filters)
    filters = per_block(filters, n_blocks, "filters")
    kernels = per_block(kernel_size, n_blocks, "kernel_size")
    pools = per_block(pool_size, n_blocks, "pool_size")

    windows = [w for k, p in zip(kernels, pools, strict=True) for w in ((k, 1), (p, p))]
    inputs = keras.Input(input_shape)
    x = pad_to(inputs, shortest_input(windows))
    for n, kernel, pool in zip(filters, kernels, pools, strict=True):
        x = keras.layers.Conv1D(n, kernel, activation=activation)(x)
        x = keras.layers.MaxPooling1D(pool)(x)
    x = keras.layers.Dropout(dropout)(keras.layers.Flatten()(x))
    return keras.Model(inputs, class_probabilities(x, n_classes, sigmoid=True))


class ECGInversionCNNClassifier(BaseECGClassifier):
    """Convolutional network that tells beats of exchanged electrodes from others.

    Blocks of a convolution and max-pooling, then a single dense layer on all that is left:
    one sigmoid unit for two classes. The defaults have 149,185 parameters for two classes
    and beats of 750 samples in twelve leads.

    Parameters
    ----------
    filters : sequence of int, default=(64, 128, 256)
        Filters of the convolutions, one number a block.
    kernel_size : int or sequence of int, default=3
        Length of the convolutions in samples, for all blocks or one for each.
    pool_size : int or sequence of int, default=2
        Max-pooling after each block, for all or one for each.
    dropout : float, default=0.5
        Share of activations dropped before the last layer.
    activation : str or callable, default="relu"
        Activation of all layers but the last.
    epochs : int, default=20
        At most so many passes over the training samples.
    early_stopping : bool, default=True
        Stop when the validation loss no longer improves; see `BaseECGClassifier`.
    n_iter_no_change : int, default=3
        Epochs without improvement to wait for.
    **training
        The other parameters of training: see `BaseECGClassifier`.

    Notes
    -----
    Signals shorter than the shortest that the convolutions can take (22 samples by
    default) are zero-padded at the end.

    The reference trained on five more copies of every beat, each shifted in time by a random
    amount: `skecg.augmentation.AugmentedCopies` with `skecg.augmentation.TimeShift`.

    References
    ----------
    .. [1] V. Krasteva, I. Jekova and R. Schmid, "Simulating arbitrary electrode reversals in
       standard 12-lead ECG", Sensors 19(13), 2019: the task. :doi:`10.3390/s19132920`

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGInversionCNNClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(20, 750, 12)).astype(np.float32)
    >>> y = np.repeat(["correct", "inverted"], 10)
    >>> X[10:, :, 0] *= -1
    >>> classifier = ECGInversionCNNClassifier(epochs=1, random_state=0).fit(X, y)
    >>> classifier.predict_proba(X).shape
    (20, 2)
    >>> classifier.model_.count_params()
    149185
    """

    _network = staticmethod(inversion_cnn)
    _reference = ((750, 12), 2)

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseECGClassifier._parameter_constraints,
        "filters": ["array-like"],
        "kernel_size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "pool_size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "activation": [str, callable],
    }

    def __init__(
        self,
        *,
        filters: Sequence[int] = (64, 128, 256),
        kernel_size: int | Sequence[int] = 3,
        pool_size: int | Sequence[int] = 2,
        dropout: float = 0.5,
        activation: Any = "relu",
        epochs: int = 20,
        early_stopping: bool = True,
        n_iter_no_change: int = 3,
        **training: Any,
    ) -> None:
        super().__init__(
            epochs=epochs,
            early_stopping=early_stopping,
            n_iter_no_change=n_iter_no_change,
            **training,
        )
        self.filters = filters
        self.kernel_size = kernel_size
        self.pool_size = pool_size
        self.dropout = dropout
        self.activation = activation
