import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skecg import BeatSequenceClassifier, ECGSeq2SeqClassifier
from skecg.metrics import context_scorer
from tests.classifiers.test_sequences import neighbours
from tests.estimators import small

RECORD = np.repeat(["b", "a", "c"], [11, 9, 2])
POSITION = np.r_[np.arange(11), np.arange(9), [0, 1]]
X = np.arange(22.0)[:, np.newaxis] * [1, 0, 0]
Y = np.where(np.arange(22) % 3, "N", "V")
CONTEXT = {"groups": RECORD, "position": POSITION}


class Echo(ClassifierMixin, BaseEstimator):
    """Predicts of each beat the number that it holds, and of which sequence it is."""

    def fit(self, X, y, groups=None):
        self.seen_, self.classes_, self.groups_ = X, np.unique(y), groups
        return self

    def predict(self, X):
        first = X[:, 0, 0] if X.ndim == 3 else X[:, 0]
        return X[..., 0] + 100 * first.reshape(-1, *[1] * (X.ndim - 2))


def echo(**parameters):
    return BeatSequenceClassifier(Echo(), **{"n_beats": 4, **parameters})


def test_the_network_learns_from_sequences_of_neighbours():
    classifier = echo().fit(X, Y, **CONTEXT)
    assert_array_equal(classifier.estimator_.seen_[..., 0], np.r_[0:8, 11:19].reshape(4, 4))
    assert_array_equal(classifier.estimator_.groups_, ["b", "b", "a", "a"])
    assert_array_equal(classifier.leftover_, [8, 9, 10, 19, 20, 21])
    assert_array_equal(classifier.classes_, ["N", "V"])
    assert classifier.n_features_in_ == 3


def test_every_beat_gets_its_label():
    predicted = echo().fit(X, Y, **CONTEXT).predict(X, **CONTEXT)
    row, sequence = predicted % 100, predicted // 100
    assert_array_equal(row, np.arange(22))
    # Beats left over are in one more sequence, of full length where the recording has it.
    assert_array_equal(sequence, np.repeat([0, 4, 7, 11, 15, 16, 20], [4, 4, 3, 4, 4, 1, 2]))


def test_a_gap_parts_neighbours():
    position = np.where(np.arange(22) < 6, POSITION, POSITION + 5)
    classifier = echo(max_gap=2).fit(X, Y, RECORD, position)
    assert_array_equal(classifier.estimator_.seen_[:, 0, 0], [0, 6, 11, 15])
    sequence = classifier.predict(X, RECORD, position) // 100
    assert_array_equal(sequence[:11], np.repeat([0, 2, 6, 7], [4, 2, 4, 1]))


def test_one_recording_needs_no_groups():
    classifier = echo().fit(X, Y, position=np.arange(22))
    assert_array_equal(classifier.leftover_, [20, 21])


def test_without_positions_every_beat_stands_alone():
    classifier = echo().fit(X, Y)
    assert_array_equal(classifier.estimator_.seen_, X)
    assert_array_equal(classifier.predict(X), 101 * X[:, 0])
    single = echo(n_beats=1).fit(X, Y, **CONTEXT)
    assert_array_equal(single.predict(X, **CONTEXT), 101 * X[:, 0])
    assert_array_equal(single.predict(X), 101 * X[:, 0])
    assert_array_equal(single.estimator_.groups_, RECORD)


def test_neighbours_are_told_in_training_and_in_prediction_or_in_neither():
    with pytest.raises(ValueError, match="predict the position"):
        echo().fit(X, Y, **CONTEXT).predict(X)
    with pytest.raises(ValueError, match="predict no position"):
        echo().fit(X, Y).predict(X, **CONTEXT)
    with pytest.raises(ValueError, match="groups need position"):
        echo().fit(X, Y, groups=RECORD)
    with pytest.raises(ValueError, match="groups need position"):
        echo().fit(X, Y, **CONTEXT).predict(X, groups=RECORD)


def test_bad_input_is_refused():
    classifier = echo().fit(X, Y, **CONTEXT)
    with pytest.raises(ValueError, match="position must ascend"):
        classifier.predict(X, RECORD, POSITION[::-1])
    with pytest.raises(ValueError, match="inconsistent"):
        classifier.predict(X, RECORD, POSITION[:-1])
    with pytest.raises(ValueError, match=r"2 features.*3"):
        classifier.predict(X[:, :2], **CONTEXT)
    with pytest.raises(ValueError, match="n_beats=12"):
        echo(n_beats=12).fit(X, Y, **CONTEXT)
    with pytest.raises(ValueError, match="n_beats"):
        echo(n_beats=0).fit(X, Y, **CONTEXT)
    with pytest.raises(ValueError, match="must be a classifier"):
        BeatSequenceClassifier(LinearRegression()).fit(X, Y)


def test_probabilities_are_there_where_the_estimator_has_them():
    assert not hasattr(echo(), "predict_proba")
    classifier = BeatSequenceClassifier(LogisticRegression(), n_beats=1).fit(X, Y)
    assert classifier.predict_proba(X).shape == (22, 2)


def beats(seed):
    """Recordings of 25 beats, whose kind only their neighbours tell."""
    X, y = neighbours(16, seed=seed, n_beats=25)
    position = np.tile(np.arange(25), 16)
    return X.reshape(400, -1), y.ravel(), np.repeat(np.arange(16), 25), position


def test_it_competes_in_a_search_in_a_pipeline():
    X, y, groups, position = beats(0)
    training = {"epochs": 25, "batch_size": 4, "optimizer__learning_rate": 5e-3, "l2": 1e-4}
    sequences = small(ECGSeq2SeqClassifier, filters=(8, 16), lstm_units=16, **training)
    pipeline = make_pipeline(MinMaxScaler(), BeatSequenceClassifier(sequences))
    name = "beatsequenceclassifier__"
    search = GridSearchCV(
        pipeline,
        [
            {name + "n_beats": [5]},
            {name + "estimator": [LogisticRegression()], name + "n_beats": [1]},
        ],
        scoring=context_scorer("f1_macro"),
        cv=GroupKFold(2),
        error_score="raise",
    )
    with config_context(enable_metadata_routing=True):
        search.fit(X, y, groups=groups, position=position)
        assert search.best_params_ == {name + "n_beats": 5}
        first, second = search.cv_results_["mean_test_score"]
        assert first > second + 0.1
        X_test, y_test, groups, position = beats(1)
        best = search.best_estimator_
        predicted = best.predict(X_test, groups=groups, position=position)
        score = f1_score(y_test, predicted, average="macro")
        assert search.score(X_test, y_test, groups=groups, position=position) == score
    assert score > second + 0.1


def test_scorers_hand_the_context_on():
    classifier = BeatSequenceClassifier(LogisticRegression(), n_beats=1)
    with config_context(enable_metadata_routing=True):
        scores = cross_validate(
            classifier,
            X,
            Y,
            scoring={
                "loss": context_scorer("neg_log_loss"),
                "accuracy": context_scorer("accuracy"),
            },
            params=CONTEXT,
            cv=2,
            error_score="raise",
        )
        plain = cross_validate(clone(classifier), X, Y, scoring="accuracy", params=CONTEXT, cv=2)
    assert_array_equal(scores["test_accuracy"], plain["test_score"])
    assert np.all(scores["test_loss"] < 0)

    in_sequences = echo().fit(X, Y, **CONTEXT)
    scorer = context_scorer("accuracy")
    assert scorer(in_sequences, X, in_sequences.predict(X, **CONTEXT), **CONTEXT) == 1
    # Estimators that take no context are scored without.
    plain = LogisticRegression().fit(X, Y)
    assert scorer(plain, X, Y, **CONTEXT) == plain.score(X, Y)
