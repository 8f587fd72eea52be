"""Convolutional network on whole recordings of several leads."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar

from sklearn.utils._param_validation import Interval

from skecg.classifiers._base import BaseECGClassifier
from skecg.classifiers._keras import keras
from skecg.classifiers._layers import (
    batch_norm,
    class_probabilities,
    pad_to,
    per_block,
    shortest_input,
)


def multilead_cnn(
    input_shape: tuple[int, int],
    n_classes: int,
    *,
    filters: Sequence[int],
    kernel_size: int,
    strides: int,
    inner_kernel_size: int,
    dropout: float | Sequence[float],
) -> keras.Model:
    """Build the graph; see `ECGMultiLeadCNNClassifier` for the parameters."""
    n_inner = len(filters) - 1
    filters = per_block(filters, len(filters), "filters")
    rates = per_block(dropout, n_inner, "dropout", fraction=True)
    windows = [(kernel_size, strides), *[(inner_kernel_size, 1)] * n_inner]

    # A two-dimensional kernel as wide as the leads are many has one dimension to move in.
    inputs = keras.Input(input_shape)
    x = pad_to(inputs, shortest_input(windows))
    for n, (kernel, stride), rate in zip(filters, windows, (0, *rates), strict=True):
        if rate:
            x = keras.layers.Dropout(rate)(x)
        x = keras.layers.Conv1D(n, kernel, stride)(x)
        x = keras.layers.ReLU()(batch_norm(x))
    x = keras.layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, class_probabilities(x, n_classes, sigmoid=True))


class ECGMultiLeadCNNClassifier(BaseECGClassifier):
    """Convolutional network on whole recordings of several leads.

    A long kernel over all leads moves along the recording in large steps; four more
    convolutions and an average over time follow. For two classes the last layer is one
    sigmoid unit. The defaults have 2,598,145 parameters for two classes and recordings of
    5000 samples (10 s at 500 Hz) in four leads, whatever ``strides`` are.

    Parameters
    ----------
    filters : sequence of int, default=(256, 512, 512, 128, 64)
        Filters of the convolutions.
    kernel_size : int, default=250
        Length of the first convolution in samples. The reference tried 250, 400 and 500.
    strides : int, default=10
        Steps of the first convolution in samples. The reference tried 5, 10, 50 and 125.
    inner_kernel_size : int, default=5
        Length of the other convolutions, in steps of the first.
    dropout : float or sequence of float, default=(0.0, 0.0, 0.0, 0.5)
        Share of activations dropped before each convolution but the first, for all or one
        for each.
    **training
        The parameters of training: see `BaseECGClassifier`.

    Notes
    -----
    Recordings shorter than the shortest that the convolutions can take (410 samples by
    default) are zero-padded at the end.

    The reference took leads aVL, V1, V5 and V6 of LUDB, each scaled to [0, 1] in each
    record, to find left ventricular hypertrophy. It reports an accuracy of 95.51 % over
    seven folds, of which the first has 76 to 83 % and the later ones 96 to 100 %: the pattern
    of one network trained on from fold to fold, which has seen the later test folds. On its
    one held-out test set it reports 82 %. A new network for each of the same folds had 61 % here
    with these strides and 64 % with 50, stopped early. The criteria of hypertrophy are in
    millivolts: amplitudes that are not scaled away help, as in `ECGWideDeepClassifier`.

    References
    ----------
    .. [1] A. I. Kalyakulina et al., "LUDB: a new open-access validation tool for
       electrocardiogram delineation algorithms", IEEE Access 8, 2020: the recordings.
       :arxiv:`1809.03393`

    Examples
    --------
    >>> import numpy as np
    >>> from skecg import ECGMultiLeadCNNClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(8, 5000, 4)).astype(np.float32)
    >>> y = np.repeat(["LVH", "normal"], 4)
    >>> classifier = ECGMultiLeadCNNClassifier(strides=50, epochs=1, random_state=0)
    >>> classifier.fit(X, y).predict_proba(X).shape
    (8, 2)
    >>> classifier.model_.count_params()
    2598145
    """

    _network = staticmethod(multilead_cnn)
    _reference = ((5000, 4), 2)

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseECGClassifier._parameter_constraints,
        "filters": ["array-like"],
        "kernel_size": [Interval(Integral, 1, None, closed="left")],
        "strides": [Interval(Integral, 1, None, closed="left")],
        "inner_kernel_size": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
    }

    def __init__(
        self,
        *,
        filters: Sequence[int] = (256, 512, 512, 128, 64),
        kernel_size: int = 250,
        strides: int = 10,
        inner_kernel_size: int = 5,
        dropout: float | Sequence[float] = (0.0, 0.0, 0.0, 0.5),
        **training: Any,
    ) -> None:
        super().__init__(**training)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.inner_kernel_size = inner_kernel_size
        self.dropout = dropout
