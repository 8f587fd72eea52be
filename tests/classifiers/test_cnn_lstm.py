import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression

from skecg import ECGCNNLSTMClassifier
from skecg.classifiers.cnn_lstm import cnn_lstm
from skecg.classifiers.convnet import convolution_blocks
from tests.classifiers.test_sequences import neighbours
from tests.estimators import architecture, small

DEFAULTS = architecture(ECGCNNLSTMClassifier)
CONVOLUTIONS = {
    name: DEFAULTS[name]
    for name in ("filters", "kernel_size", "pool_size", "dropout", "activation")
}


def time_distributed(n_timesteps, n_classes):
    """The network as the reference writes it."""
    layers = keras.layers
    beat = keras.Input((n_timesteps, 1))
    per_beat = keras.Model(beat, convolution_blocks(beat, layers.Flatten(), **CONVOLUTIONS))
    inputs = keras.Input((None, n_timesteps, 1))
    x = layers.TimeDistributed(per_beat)(inputs)
    x = layers.LSTM(78, activation="relu", return_sequences=True)(x)
    x = layers.LSTM(11, activation="relu", return_sequences=True)(x)
    x = layers.Dense(75, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x))


def test_the_reference_network():
    model = cnn_lstm((187, 1), 5, **DEFAULTS)
    assert model.count_params() == 1_461_936
    assert [type(layer).__name__ for layer in model.layers] == [
        "InputLayer",
        "FoldBeats",
        *["Conv1D", "Conv1D", "MaxPooling1D", "Dropout"] * 3,
        *["Conv1D", "Conv1D", "Flatten", "Dropout"],
        "UnfoldBeats",
        *["LSTM"] * 2,
        *["Dense"] * 2,
    ]
    recurrent = [layer for layer in model.layers if type(layer).__name__ == "LSTM"]
    assert [layer.activation.__name__ for layer in recurrent] == ["relu", "relu"]


def test_the_reference_training():
    defaults = ECGCNNLSTMClassifier().get_params()
    assert (defaults["batch_size"], defaults["epochs"]) == (32, 300)
    assert (defaults["optimizer"], defaults["early_stopping"]) == ("adam", True)


def test_folding_the_beats_into_the_batch_gives_the_numbers_of_time_distribution():
    X = np.random.default_rng(0).normal(0, 30, (3, 4, 100, 1)).astype(np.float32)
    folded, distributed = cnn_lstm((100, 1), 5, **DEFAULTS), time_distributed(100, 5)
    distributed.set_weights(folded.get_weights())
    found = folded.predict_on_batch(X)
    assert np.ptp(found, axis=(0, 1)).max() > 1e-3  # there is something to compare
    assert_allclose(found, distributed.predict_on_batch(X), atol=1e-5)


def test_it_learns_from_the_beats_before():
    X, y = neighbours(260, seed=0)
    # What is wide after a narrow beat and what is wide after a wide one.
    y[:, 1:] = np.where(y[:, 1:] == "N", "N", np.where(y[:, :-1] == "N", "V", "R"))
    y[:, 0] = np.where(y[:, 0] == "N", "N", "V")
    network = small(ECGCNNLSTMClassifier, epochs=15, dropout=0.0, lstm_units=(16,))
    score = network.fit(X[:200], y[:200]).score(X[200:], y[200:])
    linear = LogisticRegression().fit(X[:200].reshape(2000, -1), y[:200].ravel())
    assert score > linear.score(X[200:].reshape(600, -1), y[200:].ravel()) + 0.15


def test_later_beats_change_nothing():
    X, y = neighbours(8, seed=0)
    network = small(ECGCNNLSTMClassifier, epochs=1).fit(X, y)
    changed = X.copy()
    changed[:, 6] += 1
    before, after = network.predict_proba(X), network.predict_proba(changed)
    assert_array_equal(before[:, :6], after[:, :6])
    assert (before[:, 6:] != after[:, 6:]).any(axis=(0, 2)).all()


def test_short_beats_are_padded():
    assert cnn_lstm((72, 1), 2, **DEFAULTS).count_params() == (
        cnn_lstm((1, 1), 2, **DEFAULTS).count_params()
    )


@pytest.mark.parametrize(
    "parameters",
    [{"lstm_units": (8, 0)}, {"lstm_units": 8}, {"dense_units": (0,)}, {"kernel_size": (3, 3, 3)}],
    ids=str,
)
def test_parameters_that_cannot_be(parameters):
    X, y = neighbours(4, seed=0)
    (name,) = parameters
    with pytest.raises(ValueError, match=name):
        small(ECGCNNLSTMClassifier, **parameters).fit(X, y)
