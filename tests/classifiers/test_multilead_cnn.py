import keras
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from skecg import ECGMultiLeadCNNClassifier
from skecg.classifiers.multilead_cnn import multilead_cnn
from tests.estimators import (
    architecture,
    gain_over_logistic_regression,
    opposed_leads,
    signals,
    small,
)

DEFAULTS = architecture(ECGMultiLeadCNNClassifier)


@pytest.mark.parametrize(("strides", "n_timesteps"), [(10, 476), (5, 951)])
def test_the_reference_network(strides, n_timesteps):
    model = multilead_cnn((5000, 4), 2, **{**DEFAULTS, "strides": strides})
    assert model.count_params() == 2_598_145
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == [
        "InputLayer",
        *["Conv1D", "BatchNormalization", "ReLU"] * 4,
        "Dropout",
        *["Conv1D", "BatchNormalization", "ReLU"],
        *["GlobalAveragePooling1D", "Dense"],
    ]
    convolutions = [layer for layer in model.layers if hasattr(layer, "kernel_size")]
    assert [layer.kernel_size for layer in convolutions] == [(250,), *[(5,)] * 4]
    assert [layer.output.shape[2] for layer in convolutions] == [256, 512, 512, 128, 64]
    assert convolutions[0].output.shape[1] == n_timesteps
    assert [layer.rate for layer in model.layers if hasattr(layer, "rate")] == [0.5]
    assert (model.layers[-1].units, model.layers[-1].activation.__name__) == (1, "sigmoid")


def test_the_first_convolution_is_that_of_an_image():
    X = np.random.default_rng(0).normal(size=(2, 500, 4)).astype(np.float32)
    first = multilead_cnn((500, 4), 2, **DEFAULTS).layers[1]
    image = keras.layers.Conv2D(256, (250, 4), (10, 1))
    image.build((None, 500, 4, 1))
    image.set_weights([first.get_weights()[0][..., np.newaxis, :], np.zeros(256)])
    expected = image(X[..., np.newaxis])[:, :, 0]
    np.testing.assert_allclose(first(X), expected, atol=1e-5)


def test_kernel_and_stride_can_be_any_that_the_reference_searched():
    for kernel_size in (250, 400, 500):
        for strides in (5, 10, 50, 125):
            settings = {**DEFAULTS, "kernel_size": kernel_size, "strides": strides}
            model = multilead_cnn((5000, 4), 2, **{**settings, "filters": (2, 2, 2, 2, 2)})
            assert model.layers[1].output.shape[1] == (5000 - kernel_size) // strides + 1


@pytest.mark.usefixtures("without_graphs")
def test_kernel_and_stride_can_be_searched():
    X, y = signals(n_samples=12, n_leads=2, n_classes=2)
    grid = {"kernel_size": [3, 7], "strides": [1, 2]}
    network = small(ECGMultiLeadCNNClassifier, epochs=1)
    search = GridSearchCV(network, grid, cv=2, error_score="raise").fit(X, y)
    first = search.best_estimator_.model_.layers[1]
    found = {"kernel_size": first.kernel_size[0], "strides": first.strides[0]}
    assert found == search.best_params_


def test_dropout_everywhere():
    model = multilead_cnn((500, 4), 3, **{**DEFAULTS, "dropout": 0.5})
    kinds = [type(layer).__name__ for layer in model.layers]
    assert [kinds[i + 1] for i, k in enumerate(kinds) if k == "Dropout"] == ["Conv1D"] * 4
    assert kinds[1] == "Conv1D"
    assert model.output_shape == (None, 3)


def test_short_signals_are_padded_to_the_shortest_possible():
    assert multilead_cnn((4, 4), 2, **DEFAULTS).layers[1].output.shape[1] == 410
    assert type(multilead_cnn((410, 4), 2, **DEFAULTS).layers[1]).__name__ == "Conv1D"


@pytest.mark.parametrize(
    "parameters",
    [{"filters": (8, -1)}, {"kernel_size": 0}, {"strides": 0}, {"dropout": (0.1, 0.1)}],
    ids=str,
)
def test_parameters_that_cannot_be(parameters):
    X, y = signals(n_samples=9)
    (name,) = parameters
    with pytest.raises(ValueError, match=name):
        small(ECGMultiLeadCNNClassifier, **parameters).fit(X, y)


def test_it_learns_what_a_logistic_regression_cannot():
    X, y = opposed_leads(700, 48, 4)
    network = ECGMultiLeadCNNClassifier(
        filters=(16, 16, 16), kernel_size=10, strides=2, dropout=0.1, epochs=4, random_state=0
    )
    assert gain_over_logistic_regression(network, X, y, 500) > 0.3
