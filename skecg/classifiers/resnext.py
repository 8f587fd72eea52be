"""ResNeXt with input injection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval

from skecg.classifiers._base import BaseECGClassifier
from skecg.classifiers._keras import keras
from skecg.classifiers._layers import batch_norm, class_probabilities, pad_to, per_block
from skecg.classifiers._losses import focal_alpha

_KERNEL, _POOL = 7, 3  # of the stem, and of what is injected


@keras.saving.register_keras_serializable(package="skecg")
class GroupedConv1D(keras.layers.Conv1D):
    """Convolution in groups, as one dense convolution with zeros between the groups.

    That is a hundred times as fast on a CPU as Keras' own, which TensorFlow only has there
    through XLA, and takes a fraction of what the blocks' other convolutions take.
    """

    def call(self, inputs: Any) -> Any:
        """Convolve."""
        _, n_in, n_out = self.kernel.shape
        group_in = np.repeat(np.arange(self.groups), n_in)
        group_out = np.repeat(np.arange(self.groups), n_out // self.groups)
        same = (group_in[:, np.newaxis] == group_out).astype(self.compute_dtype)
        dense = keras.ops.tile(self.kernel, (1, self.groups, 1)) * same
        return keras.ops.conv(inputs, dense, self.strides, self.padding) + self.bias


def _block(x: Any, width: int, cardinality: int, strides: int) -> Any:
    """Add to the input, projected, its convolution in groups."""
    shortcut = batch_norm(keras.layers.Conv1D(2 * width, 1, strides, padding="same")(x))
    x = keras.layers.LeakyReLU()(batch_norm(keras.layers.Conv1D(width, 1)(x)))
    x = GroupedConv1D(width, 3, strides, padding="same", groups=cardinality)(x)
    x = keras.layers.LeakyReLU()(batch_norm(x))
    x = batch_norm(keras.layers.Conv1D(2 * width, 1)(x))
    return keras.layers.LeakyReLU()(keras.layers.Add()([x, shortcut]))


def _inject(x: Any, signal: Any, n_halvings: int) -> Any:
    """Append the signal, in the channels and length of ``x``, along time."""
    channels = x.shape[-1]
    signal = batch_norm(keras.layers.Conv1D(channels, _KERNEL)(signal))
    signal = keras.layers.Conv1D(channels, 1)(signal)
    signal = keras.layers.AveragePooling1D(_POOL)(signal)
    for _ in range(n_halvings):
        signal = keras.layers.AveragePooling1D(2, padding="same")(signal)
    return keras.layers.Concatenate(axis=1)([x, batch_norm(signal)])


def resnext(
    input_shape: tuple[int, int],
    n_classes: int,
    *,
    units: Sequence[int],
    blocks_per_unit: int,
    cardinality: int,
    width: int,
    stem_filters: int,
    dense_units: int,
    dropout: float,
    input_injection: bool,
) -> keras.Model:
    """Build the graph; see `ECGResNeXtClassifier` for the parameters."""
    units = per_block(units, len(units), "units")
    if width % cardinality:
        raise ValueError(f"width={width} must be a multiple of cardinality={cardinality}.")

    inputs = keras.Input(input_shape)
    signal = pad_to(inputs, _KERNEL - 1 + _POOL)
    x = batch_norm(keras.layers.Conv1D(stem_filters, _KERNEL)(signal))
    x = keras.layers.MaxPooling1D(_POOL)(keras.layers.LeakyReLU()(x))
    for stage, n_units in enumerate(units):
        injected = input_injection and stage < len(units) - 1
        for unit in range(n_units):
            # What was injected doubled the length, for the next unit of the stage to halve.
            halve = (stage > 0 and unit == 0) or (injected and unit > 0)
            for block in range(blocks_per_unit):
                x = _block(x, width * 2**stage, cardinality, 2 if halve and block == 0 else 1)
            if injected:
                x = _inject(x, signal, stage)
        if injected:
            x = batch_norm(keras.layers.AveragePooling1D(2)(x))
            x = keras.layers.LeakyReLU()(x)
            x = keras.layers.Conv1D(x.shape[-1], 1, name=f"stage_{stage + 1}")(x)
    x = keras.layers.Dense(dense_units)(keras.layers.GlobalAveragePooling1D()(x))
    x = keras.layers.LeakyReLU()(keras.layers.Dropout(dropout)(x))
    return keras.Model(inputs, class_probabilities(x, n_classes))


class ECGResNeXtClassifier(BaseECGClassifier):
    """ResNeXt into which the signal is injected again after every unit.

    Residual blocks of convolutions in groups, in stages that halve the time steps and double
    the channels. After every unit of all stages but the last, the signal itself is brought to
    the unit's channels and length and appended along time; the next unit halves the length
    again. The defaults have 62,168,773 parameters for beats of 187 samples in one lead and
    five classes, which asks for a GPU; with ``units=(1, 1, 1)``, ``blocks_per_unit=1`` and
    ``width=32`` they are 173,669, which a laptop trains.

    Parameters
    ----------
    units : sequence of int, default=(4, 4, 4, 1)
        Number of units, one a stage.
    blocks_per_unit : int, default=3
        Number of residual blocks in each unit.
    cardinality : int, default=32
        Number of groups in the convolutions.
    width : int, default=128
        Channels of these convolutions in the first stage, a multiple of ``cardinality``. They
        double in every stage; the blocks have twice as many at their ends.
    stem_filters : int, default=64
        Filters of the first convolution.
    dense_units : int, default=32
        Units of the dense layer before the last.
    dropout : float, default=0.3
        Share of activations dropped after that layer.
    input_injection : bool, default=True
        Inject the signal. If False, this is the plain ResNeXt.
    loss : str, keras.losses.Loss, class or callable, default="focal"
        ``"focal"`` makes well classified samples count less; the others are as in
        `BaseECGClassifier`.
    loss__gamma : float or None, default=None
        How much less, in the focal loss; None means 2.
    loss__alpha : dict, "balanced", float or None, default=None
        Weights of the classes in the focal loss: by class label, in inverse proportion to the
        classes' shares, or the same for all. None means those of the reference, N 0.15,
        S 0.75, V 0.65, F 0.75, Q 0.25, where there are no other labels, and 1 otherwise.
    epochs : int, default=200
        Passes over the training samples.
    batch_size : int, default=128
        Samples a training step.
    optimizer : str, keras.optimizers.Optimizer or class, default="adabound"
        `AdaBound`, from a rate of 1e-3 to one of 0.1, or any other.
    **training
        The other parameters of training: see `BaseECGClassifier`.

    Notes
    -----
    Signals shorter than the shortest that the stem can take (9 samples) are zero-padded at
    the end.

    The reference validated on its own training data: its figures say nothing about other
    beats.

    References
    ----------
    .. [1] S. Xie, R. Girshick, P. Dollár, Z. Tu and K. He, "Aggregated residual
       transformations for deep neural networks", CVPR 2017. :arxiv:`1611.05431`
    .. [2] T.-Y. Lin, P. Goyal, R. Girshick, K. He and P. Dollár, "Focal loss for dense object
       detection", ICCV 2017. :arxiv:`1708.02002`

    Examples
    --------
    >>> from skecg import ECGResNeXtClassifier
    >>> from skecg.datasets import make_heartbeats
    >>> X, y, groups = make_heartbeats(100, random_state=0, return_X_y_groups=True)
    >>> classifier = ECGResNeXtClassifier(
    ...     units=(1, 1), blocks_per_unit=1, width=32, epochs=1, random_state=0
    ... ).fit(X, y)
    >>> classifier.predict_proba(X).shape
    (100, 5)
    """

    _network = staticmethod(resnext)
    _reference = ((187, 1), 5)

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseECGClassifier._parameter_constraints,
        "units": ["array-like"],
        "blocks_per_unit": [Interval(Integral, 1, None, closed="left")],
        "cardinality": [Interval(Integral, 1, None, closed="left")],
        "width": [Interval(Integral, 1, None, closed="left")],
        "stem_filters": [Interval(Integral, 1, None, closed="left")],
        "dense_units": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "input_injection": ["boolean"],
        "loss__gamma": [Interval(Real, 0, None, closed="left"), None],
    }

    def __init__(
        self,
        *,
        units: Sequence[int] = (4, 4, 4, 1),
        blocks_per_unit: int = 3,
        cardinality: int = 32,
        width: int = 128,
        stem_filters: int = 64,
        dense_units: int = 32,
        dropout: float = 0.3,
        input_injection: bool = True,
        loss: Any = "focal",
        loss__gamma: float | None = None,
        loss__alpha: Mapping[Any, float] | str | float | None = None,
        epochs: int = 200,
        batch_size: int = 128,
        optimizer: Any = "adabound",
        **training: Any,
    ) -> None:
        super().__init__(
            loss=loss, epochs=epochs, batch_size=batch_size, optimizer=optimizer, **training
        )
        self.units = units
        self.blocks_per_unit = blocks_per_unit
        self.cardinality = cardinality
        self.width = width
        self.stem_filters = stem_filters
        self.dense_units = dense_units
        self.dropout = dropout
        self.input_injection = input_injection
        self.loss__gamma = loss__gamma
        self.loss__alpha = loss__alpha

    def _train(self, X: np.ndarray, encoded: np.ndarray, *args: Any, **kwargs: Any) -> None:
        if self.loss == "focal":
            alpha = focal_alpha(self.loss__alpha, self.classes_, encoded)
            if alpha != getattr(self, "_alpha", alpha):
                self._compiled.clear()
            self._alpha = alpha
        super()._train(X, encoded, *args, **kwargs)

    def _compile_settings(self, wrapper: Any) -> dict[str, Any]:
        if wrapper.loss == "focal":
            wrapper.loss = keras.losses.CategoricalFocalCrossentropy
            wrapper.loss__gamma = 2.0 if self.loss__gamma is None else self.loss__gamma
            wrapper.loss__alpha = self._alpha
        return super()._compile_settings(wrapper)
