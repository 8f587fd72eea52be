import numpy as np
import pytest

from skecg import ECGTabularDNNClassifier
from skecg.classifiers.tabular_dnn import tabular_dnn
from tests.estimators import architecture, gain_over_logistic_regression, signals, small

DEFAULTS = architecture(ECGTabularDNNClassifier)


def test_the_reference_network():
    model = tabular_dnn((117,), 2, **DEFAULTS)
    assert model.count_params() == 10_289
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == [
        "InputLayer",
        *["Dense", "BatchNormalization"] * 2,
        *["Dense"] * 2,
    ]
    dense = [layer for layer in model.layers if hasattr(layer, "units")]
    assert [layer.units for layer in dense] == [64, 32, 8, 1]
    penalties = [layer.kernel_regularizer for layer in dense]
    assert [p is None for p in penalties] == [True, False, True, True]
    assert float(penalties[1].l2) == pytest.approx(1e-3)
    assert [layer.activation.__name__ for layer in dense] == ["relu"] * 3 + ["sigmoid"]


def test_the_reference_training():
    defaults = ECGTabularDNNClassifier().get_params()
    assert (defaults["batch_size"], defaults["epochs"]) == (32, 120)
    assert (defaults["early_stopping"], defaults["n_iter_no_change"]) == (False, 30)
    X, y = signals(n_samples=9, n_classes=2)
    network = small(ECGTabularDNNClassifier, epochs=1).fit(X, y).model_
    assert type(network.optimizer).__name__ == "Adam"
    assert network.loss.__name__ == "binary_crossentropy"


def test_more_classes_than_two_end_in_a_softmax():
    assert tabular_dnn((117,), 3, **DEFAULTS).output_shape == (None, 3)


@pytest.mark.parametrize(
    "parameters", [{"dense_units": (8, 0)}, {"l2": (0.1,)}, {"l2": -0.1}], ids=str
)
def test_parameters_that_cannot_be(parameters):
    X, y = signals(n_samples=9)
    (name,) = parameters
    with pytest.raises(ValueError, match=name):
        small(ECGTabularDNNClassifier, **parameters).fit(X, y)


def test_it_learns_what_a_logistic_regression_cannot():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 8))
    y = np.where(X[:, 0] * X[:, 1] > 0, "LVH", "normal")
    network = ECGTabularDNNClassifier(epochs=15, random_state=0)
    assert gain_over_logistic_regression(network, X, y, 1000) > 0.3
