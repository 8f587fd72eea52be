"""What every network on sequences of beats promises beyond what every network does."""

import joblib
import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.metrics import accuracy_score
from sklearn.model_selection import cross_val_predict
from sklearn.utils.class_weight import compute_sample_weight

from skecg.classifiers import BaseSequenceClassifier, ECGCNNLSTMClassifier
from skecg.classifiers._validation import validation_split
from tests.estimators import networks, signals, small

SEQUENCE_NETWORKS = [cls for cls in networks() if issubclass(cls, BaseSequenceClassifier)]
every_sequence_network = pytest.mark.parametrize("cls", SEQUENCE_NETWORKS)


def neighbours(n_sequences, seed, n_beats=10, n_timesteps=24):
    """Narrow beats, N, and wide ones, which are V alone and R next to another wide one."""
    rng = np.random.default_rng(seed)
    wide = rng.random((n_sequences, n_beats)) < 0.5
    alone = np.zeros((n_sequences, 1), dtype=bool)
    beside = np.hstack([alone, wide[:, :-1]]) | np.hstack([wide[:, 1:], alone])
    width = np.where(wide, 0.15, 0.06)[..., np.newaxis]
    wave = np.exp(-(((np.linspace(0, 1, n_timesteps) - 0.3) / width) ** 2))
    X = wave + rng.normal(0, 0.15, wave.shape)
    return X.astype(np.float32), np.where(wide, np.where(beside, "R", "V"), "N")


def sequences(**parameters):
    X, y = signals(**parameters)
    return X.reshape(12, 5, *X.shape[1:]), y.reshape(12, 5)


@pytest.fixture(scope="module", params=SEQUENCE_NETWORKS)
def fitted(request):
    X, y = sequences()
    return small(request.param, epochs=2).fit(X, y), X, y


def test_every_beat_gets_a_label(fitted):
    estimator, X, y = fitted
    probability = estimator.predict_proba(X)
    assert probability.shape == (12, 5, 3)
    assert probability.dtype == np.float32
    assert_allclose(probability.sum(axis=-1), 1, rtol=1e-5)
    assert_array_equal(estimator.predict(X), np.unique(y)[probability.argmax(axis=-1)])
    features = estimator.embed(X)
    assert features.shape[:2] == (12, 5)
    assert features.ndim == 3
    assert (estimator.n_features_in_, estimator.input_shape_) == (40, (40, 1))


def test_lists_do(fitted):
    estimator, X, y = fitted
    assert_array_equal(estimator.predict(X.tolist()), estimator.predict(X))
    assert estimator.score(X.tolist(), y.tolist()) == estimator.score(X, y)


def test_sequences_of_any_length_are_predicted(fitted):
    estimator, X, _ = fitted
    assert estimator.predict(X[:, :3]).shape == (12, 3)
    assert estimator.predict(X.reshape(6, 10, 40)).shape == (6, 10)


def test_score_counts_beats(fitted):
    estimator, X, y = fitted
    right = estimator.predict(X) == y
    assert estimator.score(X, y) == right.mean()
    by_sequence = np.arange(12)
    assert estimator.score(X, y, by_sequence) == pytest.approx(
        np.average(right.mean(axis=1), weights=by_sequence)
    )
    by_beat = np.arange(60).reshape(12, 5)
    assert estimator.score(X, y, by_beat) == pytest.approx(np.average(right, weights=by_beat))


def test_predictions_survive_joblib_and_keras(fitted, tmp_path):
    estimator, X, _ = fitted
    joblib.dump(estimator, tmp_path / "model.joblib")
    loaded = joblib.load(tmp_path / "model.joblib")
    assert_array_equal(loaded.predict_proba(X), estimator.predict_proba(X))
    estimator.model_.save(tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras")
    assert_allclose(model.predict_on_batch(X[..., np.newaxis]), estimator.predict_proba(X), 1e-6)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.ones((6, 5, 40)), np.ones((6, 4)), r"y must have a label for every beat.*\(6, 4\)"),
        (np.ones((6, 5, 40)), np.ones((5, 6)), "label for every beat"),
        (np.ones((6, 5, 40, 1)), np.ones(6), r"label for every beat.*\(6,\)"),
        (np.ones((6, 5, 40, 1, 1)), np.ones((6, 5)), "n_beats, n_timesteps, n_leads"),
        (np.ones((6, 5, 3, 40)), np.ones((6, 5)), "transpose"),
        (np.ones((6, 0, 40)), np.ones((6, 0)), "0 sample"),
        (np.full((6, 5, 40), np.nan), np.ones((6, 5)), "NaN"),
        (np.ones((6, 40)), np.ones((6, 5)), "1d array"),
        (np.ones((6, 5, 40)), np.ones(6), r"label for every beat, shape \(6, 5\).*transposed"),
    ],
    ids=["short", "turned", "plain y", "rank 5", "transposed", "empty", "nan", "plain X", "one y"],
)
@every_sequence_network
def test_what_is_no_sequence_is_refused(cls, X, y, message):
    with pytest.raises(ValueError, match=message):
        small(cls).fit(X, y)


def test_bad_plain_beats_do_a_network_on_sequences_no_harm(fitted):
    estimator, X, _ = fitted
    before = estimator.predict_proba(X)
    with pytest.raises(ValueError, match="NaN"):
        estimator.fit(np.full((6, 40), np.nan), np.ones(6))
    assert_array_equal(estimator.predict_proba(X), before)


def test_prediction_wants_what_was_fitted(fitted):
    estimator, X, y = fitted
    with pytest.raises(ValueError, match=r"n_sequences, n_beats.*\(60, 40\)"):
        estimator.predict(X.reshape(60, 40))
    with pytest.raises(ValueError, match=r"39 features.*40"):
        estimator.predict(X[:, :, :-1])
    with pytest.raises(ValueError, match=r"\(12, 5\).*\(60,\)"):
        estimator.score(X, y.ravel())


@every_sequence_network
def test_plain_beats_are_sequences_of_length_one(cls):
    X, y = signals(n_leads=2)
    plain = small(cls, epochs=1).fit(X, y)  # rank 3, and rank 1 of y says that these are leads
    single = small(cls, epochs=1).fit(X[:, np.newaxis], y[:, np.newaxis])
    assert_array_equal(plain.predict_proba(X), single.predict_proba(X[:, np.newaxis])[:, 0])
    assert_array_equal(plain.embed(X), single.embed(X[:, np.newaxis])[:, 0])
    assert plain.score(X, y) == accuracy_score(y, plain.predict(X))
    with pytest.raises(ValueError, match=r"\(n_samples, n_timesteps\)|features"):
        plain.predict(X[:, np.newaxis])


@every_sequence_network
def test_leads_weights_and_classes(cls):
    X, y = sequences(n_leads=2)
    by_sequence = np.linspace(0, 1, 12)
    by_class = {"N": 3, "Q": 1, "V": 0.1}
    by_beat = by_sequence[:, np.newaxis] * compute_sample_weight(by_class, y.ravel()).reshape(12, 5)
    weighted = small(cls, epochs=1, class_weight=by_class).fit(X, y, sample_weight=by_sequence)
    same = small(cls, epochs=1).fit(X, y, sample_weight=by_beat)
    assert_allclose(same.predict_proba(X), weighted.predict_proba(X), rtol=1e-5)
    other = small(cls, epochs=1).fit(X, y, sample_weight=by_sequence)
    assert not np.allclose(other.predict_proba(X), weighted.predict_proba(X), rtol=1e-5)

    for wrong in (np.ones((12, 1)), np.ones(60), np.ones((5, 12))):
        with pytest.raises(ValueError, match=r"sample_weight must have shape \(12,\)"):
            small(cls).fit(X, y, sample_weight=wrong)


@every_sequence_network
@pytest.mark.filterwarnings("ignore:.*softmax over axis")
def test_one_class(cls):
    X, y = sequences(n_classes=1)
    assert_array_equal(small(cls, epochs=1).fit(X, y).predict(X), y)


def test_one_hot_losses(fitted):
    estimator, X, y = fitted
    network = clone(estimator).set_params(loss="categorical_crossentropy").fit(X, y)
    assert_allclose(network.predict_proba(X), estimator.predict_proba(X), atol=1e-6)


@every_sequence_network
def test_validation_sequences(cls):
    X, y = sequences()
    network = small(cls, epochs=1)
    with pytest.raises(ValueError, match="y_val must have a label for every beat"):
        network.fit(X, y, X_val=X, y_val=y[:, :-1])
    with pytest.raises(ValueError, match="X_val"):
        network.fit(X, y, X_val=X[:, :, :-1], y_val=y)
    network.fit(X, y, X_val=X[:, :3], y_val=y[:, :3])
    # In validation, too, a decoder goes on from its own labels.
    assert network.history_["val_accuracy"][0] == pytest.approx(network.score(X[:, :3], y[:, :3]))


def test_cross_validation_of_sequences():
    X, y = sequences()
    network = small(ECGCNNLSTMClassifier, epochs=1, early_stopping=True)
    assert cross_val_predict(network, X, y, cv=2).shape == (12, 5)


def test_a_sequence_is_drawn_for_validation_by_its_rarest_class():
    y = np.zeros((40, 5), dtype=int)
    y[:10, 2] = 1
    y[3, 4] = y[5, 0] = 2
    _, kept = validation_split(y, 0.1, None, np.random.RandomState(0))
    assert np.isin(kept, [3, 5]).sum() == 1
    assert np.isin(kept, np.setdiff1d(np.arange(10), [3, 5])).sum() == 1
    assert (kept >= 10).sum() == 3
    groups = np.arange(40) % 8
    train, kept = validation_split(y, 0.25, groups, np.random.RandomState(0))
    assert not set(groups[train]) & set(groups[kept])
