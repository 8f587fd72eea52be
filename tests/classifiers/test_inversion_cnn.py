import pytest

from skecg import ECGInversionCNNClassifier
from skecg.classifiers.inversion_cnn import inversion_cnn
from tests.estimators import (
    architecture,
    gain_over_logistic_regression,
    opposed_leads,
    signals,
    small,
)

DEFAULTS = architecture(ECGInversionCNNClassifier)


def test_the_reference_network():
    model = inversion_cnn((750, 12), 2, **DEFAULTS)
    assert model.count_params() == 149_185
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == [
        "InputLayer",
        *["Conv1D", "MaxPooling1D"] * 3,
        *["Flatten", "Dropout", "Dense"],
    ]
    outputs = [layer.output.shape[1:] for layer in model.layers[2:8:2]]
    assert outputs == [(374, 64), (186, 128), (92, 256)]
    activations = [layer.activation.__name__ for layer in model.layers if hasattr(layer, "kernel")]
    assert activations == ["relu", "relu", "relu", "sigmoid"]
    assert model.layers[-1].units == 1


def test_the_reference_training():
    defaults = ECGInversionCNNClassifier().get_params()
    assert (defaults["epochs"], defaults["early_stopping"]) == (20, True)
    assert defaults["n_iter_no_change"] == 3


def test_more_classes_than_two_end_in_a_softmax():
    assert inversion_cnn((40, 12), 3, **DEFAULTS).output_shape == (None, 3)


def test_short_signals_are_padded_to_the_shortest_possible():
    assert inversion_cnn((1, 12), 2, **DEFAULTS).layers[1].output.shape[1] == 22
    assert type(inversion_cnn((22, 12), 2, **DEFAULTS).layers[1]).__name__ == "Conv1D"


@pytest.mark.parametrize(
    "parameters",
    [{"filters": (8, -1)}, {"kernel_size": (3, 3)}, {"pool_size": 0}, {"dropout": 1.0}],
    ids=str,
)
def test_parameters_that_cannot_be(parameters):
    X, y = signals(n_samples=9)
    (name,) = parameters
    with pytest.raises(ValueError, match=name):
        small(ECGInversionCNNClassifier, **parameters).fit(X, y)


def test_it_learns_what_a_logistic_regression_cannot():
    X, y = opposed_leads(900, 48, 12)
    network = ECGInversionCNNClassifier(
        filters=(16, 16),
        epochs=5,
        early_stopping=False,
        random_state=0,
        optimizer__learning_rate=3e-3,
    )
    assert gain_over_logistic_regression(network, X, y, 700) > 0.3
