import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skecg import ECGConvNetClassifier
from skecg.classifiers.convnet import convnet
from skecg.datasets import make_heartbeats
from tests.estimators import signals, small

DEFAULTS = {
    name: getattr(ECGConvNetClassifier(), name)
    for name in ECGConvNetClassifier._architecture_names()
}


def test_the_reference_network():
    model = convnet((187, 1), 5, **DEFAULTS)
    assert model.count_params() == 254_901
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == [
        "InputLayer",
        *["Conv1D", "Conv1D", "MaxPooling1D", "Dropout"] * 3,
        *["Conv1D", "Conv1D", "GlobalMaxPooling1D", "Dropout"],
        *["Dense"] * 3,
    ]
    kernels = [la.kernel_size[0] for la in model.layers if hasattr(la, "kernel_size")]
    assert kernels == [5, 5, 3, 3, 3, 3, 3, 3]
    rates = [la.rate for la in model.layers if hasattr(la, "rate")]
    assert rates == [0.1, 0.1, 0.1, 0.2]
    weighted = [la for la in model.layers if la.weights]
    assert {la.activation.__name__ for la in weighted[:-1]} == {"relu"}
    assert [la.kernel.shape[-1] for la in weighted] == [
        *[16, 16, 32, 32, 32, 32, 256, 256],
        *[64, 64, 5],
    ]


def test_the_reference_training():
    defaults = ECGConvNetClassifier().get_params()
    assert (defaults["batch_size"], defaults["epochs"]) == (32, 300)


@pytest.mark.parametrize(
    ("parameters", "shortest"), [({}, 72), ({"kernel_size": 3, "filters": (4, 4)}, 14)]
)
def test_short_signals_are_padded_to_the_shortest_possible(parameters, shortest):
    parameters = {**DEFAULTS, **parameters}
    if "filters" in parameters and len(parameters["filters"]) == 2:
        parameters["dropout"] = 0.1
    padded = convnet((1, 1), 2, **parameters)
    assert padded.layers[1].output.shape[1] == shortest
    assert type(convnet((shortest, 1), 2, **parameters).layers[1]).__name__ == "Conv1D"


@pytest.mark.parametrize(
    "parameters",
    [
        {"kernel_size": (5, 3, 3)},
        {"kernel_size": 0},
        {"kernel_size": 3.5},
        {"filters": (8, -1)},
        {"filters": 8},
        {"pool_size": (2, 2)},
        {"dropout": 1.0},
        {"dropout": (0.1, 0.1, 0.1)},
        {"dense_units": (64, 0)},
    ],
    ids=str,
)
def test_parameters_that_cannot_be(parameters):
    X, y = signals(n_samples=9)
    (name,) = parameters
    with pytest.raises(ValueError, match=name):
        small(ECGConvNetClassifier, **parameters).fit(X, y)


def test_one_kernel_size_serves_all_blocks():
    X, y = signals(n_samples=9)
    model = ECGConvNetClassifier(kernel_size=7, epochs=1, early_stopping=False).fit(X, y)
    kernels = [la.kernel_size for la in model.model_.layers if hasattr(la, "kernel_size")]
    assert kernels == [(7,)] * 8


def test_it_learns_what_a_logistic_regression_cannot():
    X, y, _ = make_heartbeats(3000, random_state=0, return_X_y_groups=True)
    train, test = np.arange(2000), np.arange(2000, 3000)
    linear = LogisticRegression(max_iter=300).fit(X[train], y[train]).score(X[test], y[test])
    network = ECGConvNetClassifier(epochs=10, early_stopping=False, random_state=0)
    assert network.fit(X[train], y[train]).score(X[test], y[test]) > linear + 0.03
