"""Waveforms and a table of features, decided on together."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval

from skecg.classifiers._base import BaseECGClassifier
from skecg.classifiers._keras import keras
from skecg.classifiers._layers import batch_norm, class_probabilities, per_block


def wide_deep(
    input_shape: tuple[int],
    n_classes: int,
    *,
    n_wide: int,
    n_leads: int,
    filters: Sequence[int],
    kernel_size: int | Sequence[int],
    pool_size: int | Sequence[int],
    dense_units: Sequence[int],
    dropout: float,
    l2: float,
    activation: Any,
) -> keras.Model:
    """Build the graph; see `ECGWideDeepClassifier` for the parameters."""
    n_blocks = len(filters)
    filters = per_block(filters, n_blocks, "filters")
    kernels = per_block(kernel_size, n_blocks, "kernel_size")
    pools = per_block(pool_size, n_blocks, "pool_size")
    dense_units = per_block(dense_units, len(dense_units), "dense_units")
    layers = keras.layers

    inputs = keras.Input(input_shape)
    n_deep = input_shape[0] - n_wide
    deep = layers.Reshape((n_deep // n_leads, n_leads))(inputs[:, :n_deep])
    for n, kernel, pool in zip(filters, kernels, pools, strict=True):
        deep = layers.Conv1D(n, kernel, padding="same", use_bias=False)(deep)
        deep = layers.Activation(activation)(batch_norm(deep))
        deep = layers.MaxPooling1D(pool, padding="same")(deep)
    deep = layers.GlobalAveragePooling1D()(deep)
    wide = batch_norm(inputs[:, n_deep:])

    x = layers.Concatenate()([deep, wide])
    regularizer = keras.regularizers.L2(l2) if l2 else None
    for n in dense_units:
        x = layers.Dropout(dropout)(x)
        x = layers.Dense(n, activation=activation, kernel_regularizer=regularizer)(x)
    return keras.Model(inputs, class_probabilities(x, n_classes, sigmoid=True))


class ECGWideDeepClassifier(BaseECGClassifier):
    """Network in which waveforms and a table of features decide together.

    A convolutional branch sees the waveforms; a wide branch has the features, such as
    voltages, intervals, age and sex, each normalised by its mean and spread in the training
    data. Dense layers decide from both. For two classes the last layer is one sigmoid unit.

    Samples are rows of one table: first the waveform, time step by time step with all leads of
    each, then the features. So pipelines, searches, cross-validation and samplers work as
    with any table, and :class:`~sklearn.pipeline.FeatureUnion` makes it of recordings, with
    :class:`~skecg.feature_extraction.WaveformFeatures` first. For arrays it is
    ``np.hstack([signals.reshape(len(signals), -1), features])``.

    Parameters
    ----------
    n_wide : int, default=96
        Columns at the end of `X` that are features. The others are the waveform. The default
        is what :class:`~skecg.feature_extraction.VoltageFeatures`,
        :class:`~skecg.feature_extraction.IntervalFeatures` and
        ``Demographics(age="years")`` have.
    n_leads : int, default=12
        Leads of the waveform.
    filters : sequence of int, default=(16, 32, 32)
        Filters of the convolutions, one number a block: convolution, batch normalisation,
        activation, max-pooling.
    kernel_size : int or sequence of int, default=7
        Length of the convolutions in samples, for all blocks or one for each.
    pool_size : int or sequence of int, default=4
        Max-pooling after each block, for all or one for each.
    dense_units : sequence of int, default=(64,)
        Units of the dense layers on both branches, before the last.
    dropout : float, default=0.3
        Share of activations dropped before each of these dense layers.
    l2 : float, default=1e-2
        Penalty on their squared weights.
    activation : str or callable, default="relu"
        Activation of all layers but the last.
    **training
        The parameters of training: see `BaseECGClassifier`.

    See Also
    --------
    ECGTabularDNNClassifier : Features alone.
    ECGMultiLeadCNNClassifier : Waveforms alone.
    skecg.feature_extraction.WaveformFeatures : Waveforms as columns of a table.

    Notes
    -----
    Features need no scaling of their own, but missing values must be filled in. Let
    :class:`~sklearn.impute.SimpleImputer` have ``keep_empty_features=True``: by default it drops
    columns that are missing in all training samples, and `n_wide` would count too many.

    Wide and deep networks have their name from [1]_; features of the ECG beside learned ones
    won the PhysioNet challenge of 2020 [2]_.

    References
    ----------
    .. [1] H.-T. Cheng et al., "Wide & deep learning for recommender systems", DLRS, 2016.
       :arxiv:`1606.07792`
    .. [2] A. Natarajan et al., "A wide and deep transformer neural network for 12-lead ECG
       classification", Computing in Cardiology, 2020. :doi:`10.22489/CinC.2020.107`

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGWideDeepClassifier
    >>> rng = np.random.default_rng(0)
    >>> signals = rng.normal(size=(8, 1000, 12))
    >>> features = rng.normal(size=(8, 3))
    >>> X = np.hstack([signals.reshape(8, -1), features])
    >>> y = np.repeat(["LVH", "normal"], 4)
    >>> classifier = ECGWideDeepClassifier(n_wide=3, epochs=1, random_state=0)
    >>> classifier.fit(X, y).predict_proba(X).shape
    (8, 2)
    """

    _network = staticmethod(wide_deep)
    _reference = ((12 * 1000 + 96,), 2)

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseECGClassifier._parameter_constraints,
        "n_wide": [Interval(Integral, 1, None, closed="left")],
        "n_leads": [Interval(Integral, 1, None, closed="left")],
        "filters": ["array-like"],
        "kernel_size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "pool_size": [Interval(Integral, 1, None, closed="left"), "array-like"],
        "dense_units": ["array-like"],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "l2": [Interval(Real, 0, 1, closed="left")],
        "activation": [str, callable],
    }

    def __init__(
        self,
        *,
        n_wide: int = 96,
        n_leads: int = 12,
        filters: Sequence[int] = (16, 32, 32),
        kernel_size: int | Sequence[int] = 7,
        pool_size: int | Sequence[int] = 4,
        dense_units: Sequence[int] = (64,),
        dropout: float = 0.3,
        l2: float = 1e-2,
        activation: Any = "relu",
        **training: Any,
    ) -> None:
        super().__init__(**training)
        self.n_wide = n_wide
        self.n_leads = n_leads
        self.filters = filters
        self.kernel_size = kernel_size
        self.pool_size = pool_size
        self.dense_units = dense_units
        self.dropout = dropout
        self.l2 = l2
        self.activation = activation

    def _arrange(self, X: np.ndarray) -> np.ndarray:
        if X.ndim != 2:
            raise ValueError(
                f"X must be (n_samples, n_timesteps * n_leads + n_features) for "
                f"{type(self).__name__}, got shape {X.shape}."
            )
        n_deep = X.shape[1] - self.n_wide
        if n_deep < self.n_leads or n_deep % self.n_leads:
            raise ValueError(
                f"X with n_features = {X.shape[1]} columns, of which n_wide={self.n_wide} are "
                f"features, leaves {n_deep} for the waveform: not the same number, at least one, "
                f"for each of n_leads={self.n_leads}."
            )
        return X

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = False
        return tags
