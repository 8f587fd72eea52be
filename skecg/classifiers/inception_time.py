"""InceptionTime."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar

from sklearn.utils._param_validation import Interval

from skecg.classifiers._base import BaseECGClassifier
from skecg.classifiers._keras import keras
from skecg.classifiers._layers import batch_norm, class_probabilities, per_block

_RESIDUAL_EVERY = 3


def _convolve(x: Any, filters: int, kernel_size: int) -> Any:
    return keras.layers.Conv1D(filters, kernel_size, padding="same", use_bias=False)(x)


def _inception_module(x: Any, filters: int, kernels: Sequence[int], bottleneck: int) -> Any:
    narrow = _convolve(x, bottleneck, 1) if x.shape[-1] > 1 else x
    branches = [_convolve(narrow, filters, kernel) for kernel in kernels]
    pooled = keras.layers.MaxPooling1D(3, strides=1, padding="same")(x)
    branches.append(_convolve(pooled, filters, 1))
    return keras.layers.ReLU()(batch_norm(keras.layers.Concatenate()(branches)))


def inception_time(
    input_shape: tuple[int, int],
    n_classes: int,
    *,
    depth: int,
    filters: int,
    kernel_size: Sequence[int],
    bottleneck: int,
) -> keras.Model:
    """Build the graph; see `ECGInceptionTimeClassifier` for the parameters."""
    kernels = per_block(kernel_size, len(kernel_size), "kernel_size")

    x = shortcut = inputs = keras.Input(input_shape)
    for i in range(1, depth + 1):
        x = _inception_module(x, filters, kernels, bottleneck)
        if i % _RESIDUAL_EVERY == 0:
            shortcut = batch_norm(_convolve(shortcut, x.shape[-1], 1))
            x = shortcut = keras.layers.ReLU()(keras.layers.Add()([x, shortcut]))
    x = keras.layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, class_probabilities(x, n_classes))


class ECGInceptionTimeClassifier(BaseECGClassifier):
    """InceptionTime: parallel convolutions of several lengths, with residual connections.

    Every module convolves its input, narrowed to few channels, with kernels of several
    lengths, and its max-pooled input with one of length 1, all side by side. The defaults
    have 422,885 parameters for beats of 187 samples in one lead and five classes.

    Parameters
    ----------
    depth : int, default=6
        Number of modules; after every third, the input of these three is added.
    filters : int, default=32
        Filters of every branch of a module.
    kernel_size : sequence of int, default=(40, 20, 10)
        Length of the convolutions in samples, one for each branch.
    bottleneck : int, default=32
        Channels that the input of a module is narrowed to, where it has more than one.
    epochs : int, default=1500
        At most so many passes over the training samples.
    batch_size : int, default=64
        Samples a training step.
    early_stopping : bool, default=True
        Stop when the validation loss no longer improves; see `BaseECGClassifier`.
    n_iter_no_change : int, default=50
        Epochs without improvement to wait for.
    **training
        The other parameters of training: see `BaseECGClassifier`.

    Notes
    -----
    The authors train for all 1500 epochs, keep the weights of the lowest training loss and
    halve the learning rate whenever that loss has not fallen for 50 epochs. Here a
    validation share decides what to keep and when to stop; for the halving, pass
    ``callbacks=[keras.callbacks.ReduceLROnPlateau("loss", 0.5, patience=50, min_lr=1e-4)]``.

    The authors average five such networks: use `sklearn.ensemble.VotingClassifier` with
    ``voting="soft"`` over five ``random_state``, or an ensemble of folds.

    References
    ----------
    .. [1] H. Ismail Fawaz et al., "InceptionTime: finding AlexNet for time series
       classification", Data Mining and Knowledge Discovery 34, 2020. :arxiv:`1909.04939`

    Examples
    --------
    >>> from skecg import ECGInceptionTimeClassifier
    >>> from skecg.datasets import make_heartbeats
    >>> X, y, groups = make_heartbeats(100, random_state=0, return_X_y_groups=True)
    >>> classifier = ECGInceptionTimeClassifier(epochs=1, random_state=0).fit(X, y)
    >>> classifier.predict_proba(X).shape
    (100, 5)
    >>> classifier.model_.count_params()
    422885
    """

    _network = staticmethod(inception_time)
    _reference = ((187, 1), 5)

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseECGClassifier._parameter_constraints,
        "depth": [Interval(Integral, 1, None, closed="left")],
        "filters": [Interval(Integral, 1, None, closed="left")],
        "kernel_size": ["array-like"],
        "bottleneck": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        depth: int = 6,
        filters: int = 32,
        kernel_size: Sequence[int] = (40, 20, 10),
        bottleneck: int = 32,
        epochs: int = 1500,
        batch_size: int = 64,
        early_stopping: bool = True,
        n_iter_no_change: int = 50,
        **training: Any,
    ) -> None:
        super().__init__(
            epochs=epochs,
            batch_size=batch_size,
            early_stopping=early_stopping,
            n_iter_no_change=n_iter_no_change,
            **training,
        )
        self.depth = depth
        self.filters = filters
        self.kernel_size = kernel_size
        self.bottleneck = bottleneck
