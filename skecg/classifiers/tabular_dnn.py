"""Dense network on tables of features."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval

from skecg.classifiers._base import BaseECGClassifier
from skecg.classifiers._keras import keras
from skecg.classifiers._layers import batch_norm, class_probabilities, per_block


def tabular_dnn(
    input_shape: tuple[int],
    n_classes: int,
    *,
    dense_units: Sequence[int],
    l2: float | Sequence[float],
    activation: Any,
) -> keras.Model:
    """Build the graph; see `ECGTabularDNNClassifier` for the parameters."""
    dense_units = per_block(dense_units, len(dense_units), "dense_units")
    penalties = per_block(l2, len(dense_units), "l2", fraction=True)

    x = inputs = keras.Input(input_shape)
    for i, (n, penalty) in enumerate(zip(dense_units, penalties, strict=True)):
        if i:
            x = batch_norm(x)
        regularizer = keras.regularizers.L2(penalty) if penalty else None
        x = keras.layers.Dense(n, activation=activation, kernel_regularizer=regularizer)(x)
    return keras.Model(inputs, class_probabilities(x, n_classes, sigmoid=True))


class ECGTabularDNNClassifier(BaseECGClassifier):
    """Dense network on tables of features: annotations, demographics, voltages.

    Dense layers with batch normalisation between them. For two classes the last layer is
    one sigmoid unit. The defaults have 10,289 parameters for two classes and 117 columns:
    sex, eight decades of age, and nine values from the wave delineation in each of twelve
    leads.

    Parameters
    ----------
    dense_units : sequence of int, default=(64, 32, 8)
        Units of the dense layers before the last.
    l2 : float or sequence of float, default=(0.0, 1e-3, 0.0)
        Penalty on the squared weights of each dense layer before the last, for all of them
        or one for each.
    activation : str or callable, default="relu"
        Activation of all layers but the last.
    epochs : int, default=120
        Passes over the training samples.
    n_iter_no_change : int, default=30
        Epochs without improvement to wait for with ``early_stopping``. The reference had
        200 epochs with it, and 120 without.
    **training
        The other parameters of training: see `BaseECGClassifier`.

    Notes
    -----
    Columns should be of similar magnitude: put a
    :class:`~sklearn.preprocessing.StandardScaler` in front where they are not.

    Seven-fold cross-validation of the reference, for left ventricular hypertrophy in LUDB,
    gave an accuracy of 79.6 %.

    References
    ----------
    .. [1] A. I. Kalyakulina et al., "LUDB: a new open-access validation tool for
       electrocardiogram delineation algorithms", IEEE Access 8, 2020: the recordings and
       their delineation. :arxiv:`1809.03393`

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from skecg import ECGTabularDNNClassifier
    >>> X, y = make_classification(200, n_features=117, random_state=0)
    >>> classifier = ECGTabularDNNClassifier(epochs=2, random_state=0).fit(X, y)
    >>> classifier.predict_proba(X).shape
    (200, 2)
    >>> classifier.model_.count_params()
    10289
    """

    _network = staticmethod(tabular_dnn)
    _reference = ((117,), 2)

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseECGClassifier._parameter_constraints,
        "dense_units": ["array-like"],
        "l2": [Interval(Real, 0, 1, closed="left"), "array-like"],
        "activation": [str, callable],
    }

    def __init__(
        self,
        *,
        dense_units: Sequence[int] = (64, 32, 8),
        l2: float | Sequence[float] = (0.0, 1e-3, 0.0),
        activation: Any = "relu",
        epochs: int = 120,
        n_iter_no_change: int = 30,
        **training: Any,
    ) -> None:
        super().__init__(epochs=epochs, n_iter_no_change=n_iter_no_change, **training)
        self.dense_units = dense_units
        self.l2 = l2
        self.activation = activation

    def _arrange(self, X: np.ndarray) -> np.ndarray:
        if X.ndim != 2:
            raise ValueError(
                f"X must be (n_samples, n_features) for {type(self).__name__}, got shape {X.shape}."
            )
        return X

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = False
        return tags
