import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression

from skecg import ECGSeq2SeqClassifier
from skecg.classifiers._keras import layers_seeded
from skecg.classifiers.seq2seq import seq2seq, teacher_forced
from tests.classifiers.test_sequences import neighbours
from tests.estimators import architecture, small

DEFAULTS = architecture(ECGSeq2SeqClassifier)
LEARNING = {
    "filters": (8, 16),
    "lstm_units": 16,
    "epochs": 6,
    "batch_size": 16,
    "optimizer__learning_rate": 5e-3,
}


def test_the_reference_network():
    model = seq2seq((187, 1), 5, **{**DEFAULTS, "attention": False})
    assert [type(layer).__name__ for layer in model.layers] == [
        "InputLayer",
        "FoldBeats",
        *["Conv1D", "MaxPooling1D"] * 2,
        *["Conv1D", "Flatten", "UnfoldBeats", "LSTM", "LabelDecoder"],
    ]
    convolutions = [layer for layer in model.layers if hasattr(layer, "filters")]
    assert [layer.filters for layer in convolutions] == [32, 64, 128]
    assert {layer.kernel_size for layer in convolutions} == {(2,)}
    convolving = 96 + 4_160 + 16_512
    encoding = 4 * 128 * (47 * 128 + 128 + 1)  # 47 time steps are left of 187
    decoding = 6 * 10 + 4 * 128 * (10 + 128 + 1) + 128 * 5 + 5
    assert model.count_params() == convolving + encoding + decoding
    attending = 128 * 128 + 256 * 128 + 128 + 1
    whole = seq2seq((187, 1), 5, **DEFAULTS)
    assert whole.count_params() - model.count_params() == attending


def test_the_reference_training():
    params = ECGSeq2SeqClassifier().get_params()
    assert (params["batch_size"], params["optimizer"], params["l2"]) == (20, "rmsprop", 1e-3)
    assert params["optimizer__learning_rate"] == 1e-3


@pytest.fixture(scope="module")
def fitted():
    X, y = neighbours(12, seed=0)
    return small(ECGSeq2SeqClassifier, epochs=2).fit(X, y), X


@pytest.mark.parametrize("parameters", [{}, {"attention": False}, {"bidirectional": True}], ids=str)
def test_training_and_prediction_are_one_network(parameters):
    settings = {**DEFAULTS, "filters": (4,), "lstm_units": 6, **parameters}
    with layers_seeded(2):
        predicting = seq2seq((24, 1), 3, **settings)
    training = teacher_forced(predicting)
    assert {id(v) for v in training.weights} == {id(v) for v in predicting.weights}

    X = 5 * neighbours(6, seed=0)[0][..., np.newaxis]
    greedy = np.asarray(predicting(X))
    labels = greedy.argmax(axis=-1).astype(np.int32)
    assert len(np.unique(labels)) > 1
    # Told what it would have said itself, the decoder says the same in training.
    assert_allclose(training([X, labels], training=True), greedy, atol=1e-6)
    other = labels.copy()
    other[:, 4] = (other[:, 4] + 1) % 3
    told = np.asarray(training([X, other], training=True))
    assert_allclose(told[:, :5], greedy[:, :5], atol=1e-6)
    assert (np.abs(told - greedy)[:, 5:] > 1e-6).any(axis=2).all()
    # In validation it is not told.
    assert_array_equal(training([X, other], training=False), greedy)


def test_prediction_is_one_call(fitted, monkeypatch):
    network, X = fitted
    calls = []
    run = keras.Model.predict_on_batch
    monkeypatch.setattr(
        keras.Model, "predict_on_batch", lambda self, x: calls.append(len(x)) or run(self, x)
    )
    network.predict(X)
    assert calls == [12]


def test_attention_finds_the_neighbours():
    X, y = neighbours(400, seed=0)
    scores = {}
    for attention in (True, False):
        network = small(ECGSeq2SeqClassifier, attention=attention, **LEARNING)
        scores[attention] = network.fit(X[:300], y[:300]).score(X[300:], y[300:])
    linear = LogisticRegression().fit(X[:300].reshape(3000, -1), y[:300].ravel())
    assert scores[True] > 0.95
    assert scores[True] > linear.score(X[300:].reshape(1000, -1), y[300:].ravel()) + 0.1
    assert scores[False] < scores[True] - 0.2


def test_a_bidirectional_encoder_learns_too():
    X, y = neighbours(400, seed=0)
    network = small(ECGSeq2SeqClassifier, bidirectional=True, **LEARNING).fit(X[:300], y[:300])
    assert network.score(X[300:], y[300:]) > 0.95
    assert network.embed(X[300:]).shape == (100, 10, 32)


@pytest.mark.parametrize(
    "parameters",
    [
        {"filters": 8},
        {"kernel_size": (2, 2, 2)},
        {"pool_size": (2, 2)},
        {"lstm_units": 0},
        {"label_units": 1.5},
        {"attention": "on"},
        {"bidirectional": 2},
        {"l2": -1},
    ],
    ids=str,
)
def test_parameters_that_cannot_be(parameters):
    X, y = neighbours(4, seed=0)
    (name,) = parameters
    with pytest.raises(ValueError, match=name):
        small(ECGSeq2SeqClassifier, **parameters).fit(X, y)


def test_short_beats_need_no_padding():
    X, y = neighbours(4, seed=0)
    network = small(ECGSeq2SeqClassifier, epochs=1).fit(X[:, :, :1], y)
    assert network.predict(X[:, :, :1]).shape == y.shape
