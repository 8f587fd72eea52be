import pytest

from skecg import ECGBatchNormCNNClassifier
from skecg.classifiers.batchnorm_cnn import batchnorm_cnn
from skecg.datasets import make_heartbeats
from tests.estimators import architecture, gain_over_logistic_regression, signals, small

DEFAULTS = architecture(ECGBatchNormCNNClassifier)


def test_the_reference_network():
    model = batchnorm_cnn((187, 1), 5, **DEFAULTS)
    assert model.count_params() == 118_341
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == [
        "InputLayer",
        *["Conv1D", "BatchNormalization", "MaxPooling1D"] * 3,
        "Flatten",
        *["Dense"] * 3,
    ]
    outputs = [layer.output.shape[1:] for layer in model.layers]
    assert outputs[1:11:3] == [(182, 64), (89, 64), (43, 64), (22 * 64,)]
    assert outputs[3:10:3] == [(91, 64), (45, 64), (22, 64)]
    assert [layer.units for layer in model.layers[-3:]] == [64, 32, 5]
    activations = [layer.activation.__name__ for layer in model.layers if hasattr(layer, "kernel")]
    assert activations == [*["relu"] * 5, "softmax"]


def test_the_reference_training():
    defaults = ECGBatchNormCNNClassifier().get_params()
    assert (defaults["batch_size"], defaults["epochs"]) == (32, 40)
    assert (defaults["early_stopping"], defaults["n_iter_no_change"]) == (True, 8)
    assert (defaults["optimizer"], defaults["loss"]) == ("adam", "auto")


def test_short_signals_are_padded_to_the_shortest_possible():
    assert batchnorm_cnn((1, 1), 2, **DEFAULTS).layers[1].output.shape[1] == 18
    assert type(batchnorm_cnn((18, 1), 2, **DEFAULTS).layers[1]).__name__ == "Conv1D"


@pytest.mark.parametrize(
    "parameters",
    [
        {"filters": (8, -1)},
        {"kernel_size": (5, 3, 3)},
        {"pool_size": 0},
        {"pool_strides": (2, 2, 2)},
        {"dense_units": (64, 0)},
    ],
    ids=str,
)
def test_parameters_that_cannot_be(parameters):
    X, y = signals(n_samples=9)
    (name,) = parameters
    with pytest.raises(ValueError, match=name):
        small(ECGBatchNormCNNClassifier, **parameters).fit(X, y)


def test_it_learns_what_a_logistic_regression_cannot():
    X, y, _ = make_heartbeats(1500, random_state=0, return_X_y_groups=True)
    network = ECGBatchNormCNNClassifier(
        filters=(16, 16, 16), epochs=4, early_stopping=False, random_state=0
    )
    assert gain_over_logistic_regression(network, X, y, 1000) > 0.05
