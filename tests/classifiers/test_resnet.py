import keras
import pytest

from skecg import ECGResNetClassifier
from skecg.classifiers.resnet import resnet
from tests.estimators import (
    architecture,
    gain_over_logistic_regression,
    opposed_leads,
    signals,
    small,
)

DEFAULTS = architecture(ECGResNetClassifier)


def learning_rate(model):
    return float(model.model_.optimizer.learning_rate)


def test_the_reference_network():
    model = resnet((187, 1), 5, **DEFAULTS)
    assert model.count_params() == 55_013
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == [
        *["InputLayer", "Conv1D"],
        *["Conv1D", "Conv1D", "Add", "ReLU", "MaxPooling1D"] * 5,
        *["Flatten", "Dense", "Dense", "Dense"],
    ]
    assert model.layers[1].output.shape[1:] == (183, 32)
    pools = [layer.output.shape[1] for layer in model.layers if "max_pooling" in layer.name]
    assert pools == [90, 43, 20, 8, 2]
    inner = [layer.activation.__name__ for layer in model.layers[2:4]]
    assert inner == ["relu", "linear"]


def test_the_reference_training():
    X, y = signals(n_samples=30)
    model = ECGResNetClassifier(epochs=1, decay_steps=10, batch_size=3, n_blocks=1).fit(X, y)
    assert learning_rate(model) == pytest.approx(1e-3 * 0.75, rel=1e-5)
    defaults = ECGResNetClassifier().get_params()
    assert (defaults["learning_rate_decay"], defaults["decay_steps"]) == (0.75, 10_000)
    assert defaults["optimizer"] == "adam"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"optimizer__learning_rate": 0.1, "learning_rate_decay": 0.5}, 0.05),
        ({"optimizer__learning_rate": 0.1, "learning_rate_decay": 1}, 0.1),
        ({"optimizer": keras.optimizers.SGD(0.2), "optimizer__learning_rate": None}, 0.15),
        (
            {
                "optimizer__learning_rate": keras.optimizers.schedules.PiecewiseConstantDecay(
                    [1], [0.3, 0.6]
                )
            },
            0.6,
        ),
    ],
    ids=["a rate", "no decay", "an optimizer", "a schedule"],
)
def test_the_learning_rate_decays_unless_told_otherwise(parameters, expected):
    X, y = signals(n_samples=9)
    model = small(ECGResNetClassifier, epochs=2, decay_steps=2, **parameters).fit(X, y)
    assert learning_rate(model) == pytest.approx(expected, rel=1e-5)


def test_another_decay_takes_effect_when_training_continues():
    X, y = signals(n_samples=9)
    settings = {"epochs": 1, "decay_steps": 1, "optimizer__learning_rate": 5e-3}
    model = small(ECGResNetClassifier, **settings, warm_start=True).fit(X, y)
    model.set_params(learning_rate_decay=0.5).fit(X, y)
    assert learning_rate(model) == pytest.approx(5e-3 * 0.5, rel=1e-5)


def test_short_signals_are_padded_to_the_shortest_possible():
    assert resnet((1, 1), 2, **DEFAULTS).layers[1].output.shape[1] == 129
    assert type(resnet((129, 1), 2, **DEFAULTS).layers[1]).__name__ == "Conv1D"


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_blocks": 0},
        {"filters": -1},
        {"dense_units": (8, 0)},
        {"learning_rate_decay": 1.5},
        {"decay_steps": 0},
    ],
    ids=str,
)
def test_parameters_that_cannot_be(parameters):
    X, y = signals(n_samples=9)
    (name,) = parameters
    with pytest.raises(ValueError, match=name):
        small(ECGResNetClassifier, **parameters).fit(X, y)


def test_it_learns_what_a_logistic_regression_cannot():
    X, y = opposed_leads(900, 130, 2)
    network = ECGResNetClassifier(
        filters=16, epochs=5, random_state=0, optimizer__learning_rate=3e-3
    )
    assert gain_over_logistic_regression(network, X, y, 700) > 0.3
