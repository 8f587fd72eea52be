"""Residual network of Kachuee et al."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

from sklearn.utils._param_validation import Interval

from skecg.classifiers._base import BaseECGClassifier
from skecg.classifiers._keras import keras
from skecg.classifiers._layers import (
    class_probabilities,
    dense_layers,
    pad_to,
    per_block,
    shortest_input,
)


def resnet(
    input_shape: tuple[int, int],
    n_classes: int,
    *,
    n_blocks: int,
    filters: int,
    kernel_size: int,
    pool_size: int,
    pool_strides: int,
    dense_units: Sequence[int],
) -> keras.Model:
    """Build the graph; see `ECGResNetClassifier` for the parameters."""
    dense_units = per_block(dense_units, len(dense_units), "dense_units")

    inputs = keras.Input(input_shape)
    windows = [(kernel_size, 1), *[(pool_size, pool_strides)] * n_blocks]
    x = pad_to(inputs, shortest_input(windows))
    x = keras.layers.Conv1D(filters, kernel_size)(x)
    for _ in range(n_blocks):
        shortcut = x
        x = keras.layers.Conv1D(filters, kernel_size, padding="same", activation="relu")(x)
        x = keras.layers.Conv1D(filters, kernel_size, padding="same")(x)
        x = keras.layers.ReLU()(keras.layers.Add()([x, shortcut]))
        x = keras.layers.MaxPooling1D(pool_size, pool_strides)(x)
    x = dense_layers(keras.layers.Flatten()(x), dense_units, "relu")
    return keras.Model(inputs, class_probabilities(x, n_classes))


class ECGResNetClassifier(BaseECGClassifier):
    """Residual convolutional network of Kachuee et al. on beats or short signals.

    A convolution, then blocks of two convolutions around which the input is added again,
    each block followed by max-pooling. The defaults have 55,013 parameters for beats of
    187 samples in one lead and five classes.

    Parameters
    ----------
    n_blocks : int, default=5
        Number of residual blocks.
    filters : int, default=32
        Filters of all convolutions.
    kernel_size : int, default=5
        Length of all convolutions in samples.
    pool_size : int, default=5
        Max-pooling after each block.
    pool_strides : int, default=2
        Steps of the max-pooling.
    dense_units : sequence of int, default=(32, 32)
        Units of the dense layers before the last.
    learning_rate_decay : float, default=0.75
        The learning rate falls exponentially, by this factor every ``decay_steps``; 1 keeps
        it as it is. A schedule given as ``optimizer__learning_rate`` is used instead.
    decay_steps : int, default=10000
        Training steps, that is batches, to a decay.
    **training
        The parameters of training: see `BaseECGClassifier`.

    Notes
    -----
    Signals shorter than the shortest that the convolutions can take (129 samples by
    default) are zero-padded at the end.

    The authors report an accuracy of 93.4 % on a balanced test set of beats, and 95.9 % for
    myocardial infarction with the features learnt from the beats.

    References
    ----------
    .. [1] M. Kachuee, S. Fazeli and M. Sarrafzadeh, "ECG heartbeat classification: a deep
       transferable representation", IEEE ICHI 2018. :arxiv:`1805.00794`

    Examples
    --------
    >>> from skecg import ECGResNetClassifier
    >>> from skecg.datasets import make_heartbeats
    >>> X, y, groups = make_heartbeats(300, random_state=0, return_X_y_groups=True)
    >>> classifier = ECGResNetClassifier(epochs=2, random_state=0).fit(X, y)
    >>> classifier.predict_proba(X).shape
    (300, 5)
    >>> classifier.model_.count_params()
    55013
    """

    _network = staticmethod(resnet)
    _reference = ((187, 1), 5)
    _compiled_with = (*BaseECGClassifier._compiled_with, "learning_rate_decay", "decay_steps")

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseECGClassifier._parameter_constraints,
        "n_blocks": [Interval(Integral, 1, None, closed="left")],
        "filters": [Interval(Integral, 1, None, closed="left")],
        "kernel_size": [Interval(Integral, 1, None, closed="left")],
        "pool_size": [Interval(Integral, 1, None, closed="left")],
        "pool_strides": [Interval(Integral, 1, None, closed="left")],
        "dense_units": ["array-like"],
        "learning_rate_decay": [Interval(Real, 0, 1, closed="right")],
        "decay_steps": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        n_blocks: int = 5,
        filters: int = 32,
        kernel_size: int = 5,
        pool_size: int = 5,
        pool_strides: int = 2,
        dense_units: Sequence[int] = (32, 32),
        learning_rate_decay: float = 0.75,
        decay_steps: int = 10_000,
        **training: Any,
    ) -> None:
        super().__init__(**training)
        self.n_blocks = n_blocks
        self.filters = filters
        self.kernel_size = kernel_size
        self.pool_size = pool_size
        self.pool_strides = pool_strides
        self.dense_units = dense_units
        self.learning_rate_decay = learning_rate_decay
        self.decay_steps = decay_steps

    def _compile_settings(self, wrapper: Any) -> dict[str, Any]:
        settings = super()._compile_settings(wrapper)
        optimizer = settings["optimizer"]
        rate = optimizer.get_config()["learning_rate"]
        if self.learning_rate_decay < 1 and isinstance(rate, Real):
            optimizer.learning_rate = keras.optimizers.schedules.ExponentialDecay(
                rate, self.decay_steps, self.learning_rate_decay
            )
        return settings
