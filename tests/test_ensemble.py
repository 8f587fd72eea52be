import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, StratifiedKFold

from skecg import BeatSequenceClassifier, EarlyStoppingClassifier, ECGConvNetClassifier
from skecg import model_selection as skecg_model_selection
from skecg._pipelines import fit_with_validation
from skecg.ensemble import FoldEnsembleClassifier
from skecg.model_selection import GroupOverlapWarning
from tests.estimators import signals, small


class Doubler(TransformerMixin, BaseEstimator):
    """Adds one to training data only, as augmentation does."""

    def fit(self, X, y=None):
        return self

    def fit_transform(self, X, y=None):
        return X + 1

    def transform(self, X):
        return X


class Recorder(ClassifierMixin, BaseEstimator):
    """Keeps what it was fitted on."""

    def fit(self, X, y, sample_weight=None, X_val=None, y_val=None):
        self.seen_ = X, y, sample_weight, X_val, y_val
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))

    def predict(self, X):
        return self.classes_[np.zeros(len(X), dtype=int)]


def test_it_is_the_mean_of_one_classifier_a_fold():
    X, y = signals(n_samples=90)
    ensemble = FoldEnsembleClassifier(LogisticRegression(), cv=3).fit(X, y)
    expected, oof = np.zeros((len(X), 3)), np.zeros((len(X), 3))
    for train, held_out in StratifiedKFold(3).split(X, y):
        model = LogisticRegression().fit(X[train], y[train])
        expected += model.predict_proba(X) / 3
        oof[held_out] = model.predict_proba(X[held_out])
    assert_allclose(ensemble.predict_proba(X), expected)
    assert_allclose(ensemble.oof_proba_, oof)
    assert ensemble.oof_score_ == np.mean(ensemble.classes_[oof.argmax(axis=1)] == y)


def test_validation_samples_pass_transformers_and_no_samplers():
    X, y = signals(n_samples=60)
    y = np.where(np.arange(60) < 50, "N", "V")
    pipeline = make_pipeline(Doubler(), RandomOverSampler(random_state=0), Recorder())
    fit_with_validation(pipeline, X[:55], y[:55], X[55:], y[55:])
    seen, labels, _, X_val, y_val = pipeline[-1].seen_
    assert len(seen) == 100
    assert_array_equal(np.unique(labels, return_counts=True)[1], [50, 50])
    assert_array_equal(X_val, X[55:])
    assert_array_equal(y_val, y[55:])
    with pytest.raises(ValueError, match="RandomOverSampler"):
        fit_with_validation(pipeline, X, y, X, y, sample_weight=np.ones(60))


def test_no_network_is_trained_on_its_validation_samples_or_their_copies():
    X = np.arange(60.0)[:, np.newaxis] * np.ones(4)
    y = np.repeat(["N", "V"], [50, 10])
    pipeline = make_pipeline(RandomOverSampler(random_state=0), Recorder())
    ensemble = FoldEnsembleClassifier(pipeline, cv=StratifiedKFold(5)).fit(X, y)
    held_out = []
    for model in ensemble.estimators_:
        trained, _, _, X_val, _ = model[-1].seen_
        assert not set(trained[:, 0]) & set(X_val[:, 0])
        held_out.extend(X_val[:, 0])
    assert sorted(held_out) == list(range(60))


def test_patients_stay_apart():
    X, y = signals(n_samples=60)
    groups = np.arange(60) // 6
    X[:, 0] = groups
    ensemble = FoldEnsembleClassifier(Recorder(), cv=StratifiedGroupKFold(5))
    ensemble.fit(X, y, groups=groups, sample_weight=np.arange(60.0))
    for model in ensemble.estimators_:
        trained, _, weight, X_val, _ = model.seen_
        assert not set(trained[:, 0]) & set(X_val[:, 0])
        assert len(weight) == len(trained)


def test_an_int_keeps_patients_apart_where_there_are_some():
    X, y = signals(n_samples=60)
    groups = np.arange(60) // 6
    X[:, 0] = groups
    for cv in (5, None):
        ensemble = FoldEnsembleClassifier(Recorder(), cv=cv).fit(X, y, groups=groups)
        assert len(ensemble.estimators_) == 5
        for model in ensemble.estimators_:
            assert not set(model.seen_[0][:, 0]) & set(model.seen_[3][:, 0])


def test_folds_that_share_patients_are_told(monkeypatch):
    monkeypatch.setattr(skecg_model_selection, "_overlap_is_told", False)
    X, y = signals(n_samples=60)
    ensemble = FoldEnsembleClassifier(Recorder(), cv=StratifiedKFold(3))
    with pytest.warns(GroupOverlapWarning, match="10 of 10 patients"):
        ensemble.fit(X, y, groups=np.arange(60) % 10)


@pytest.mark.parametrize("scaled", [False, True])
def test_patients_stay_apart_in_what_sets_samples_aside_itself(scaled):
    X, y = signals(n_samples=120)
    groups = np.arange(120) // 6
    X[:, 0] = groups
    inner = EarlyStoppingClassifier(
        make_pipeline(RandomOverSampler(random_state=0), Recorder()), random_state=0
    )
    estimator = make_pipeline("passthrough", inner) if scaled else inner
    for outer in (estimator, FoldEnsembleClassifier(estimator, cv=2)):
        ensemble = FoldEnsembleClassifier(outer, cv=3).fit(X, y, groups=groups)
        models = ensemble.estimators_
        if outer is not estimator:
            models = [model for each in models for model in each.estimators_]
        for model in models:
            stopped = model[-1] if scaled else model
            trained, _, _, X_val, _ = stopped.estimator_[-1].seen_
            assert not set(trained[:, 0]) & set(X_val[:, 0])


def test_groups_cannot_follow_through_a_sampler():
    X, y = signals(n_samples=60)
    inner = EarlyStoppingClassifier(Recorder())
    pipeline = make_pipeline(RandomOverSampler(random_state=0), inner)
    with pytest.raises(ValueError, match="RandomOverSampler to EarlyStoppingClassifier"):
        FoldEnsembleClassifier(pipeline, cv=2).fit(X, y, groups=np.arange(60) // 6)


def test_what_takes_groups_for_neighbours_is_not_given_patients():
    X, y = signals(n_samples=60)
    beats = BeatSequenceClassifier(LogisticRegression(), n_beats=3)
    ensemble = FoldEnsembleClassifier(beats, cv=2).fit(X, y, groups=np.arange(60) // 6)
    assert ensemble.predict(X).shape == (60,)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_gradient_boosting_stops_early_only_where_asked_to(early_stopping):
    X, y = signals(n_samples=60)
    trees = HistGradientBoostingClassifier(
        max_iter=3, min_samples_leaf=2, early_stopping=early_stopping, random_state=0
    )
    ensemble = FoldEnsembleClassifier(trees, cv=2).fit(X, y)
    for model in ensemble.estimators_:
        assert (len(model.validation_score_) > 0) is early_stopping


def test_hard_voting():
    X, y = signals(n_samples=90)
    ensemble = FoldEnsembleClassifier(LogisticRegression(), cv=3, voting="hard").fit(X, y)
    votes = np.array([model.predict(X) for model in ensemble.estimators_])
    agreed = (votes == votes[0]).all(axis=0)
    assert_array_equal(ensemble.predict(X)[agreed], votes[0][agreed])
    assert not hasattr(ensemble, "predict_proba")


@pytest.mark.slow
def test_networks_in_parallel():
    X, y = signals(n_samples=60)
    network = small(ECGConvNetClassifier, epochs=3, early_stopping=True, n_iter_no_change=1)
    serial, parallel = (
        FoldEnsembleClassifier(network, cv=2, n_jobs=n).fit(X, y) for n in (None, 2)
    )
    assert_array_equal(serial.predict_proba(X), parallel.predict_proba(X))
    assert all("val_loss" in model.history_ for model in serial.estimators_)


def test_it_can_be_searched():
    X, y = signals(n_samples=60)
    ensemble = FoldEnsembleClassifier(LogisticRegression(), cv=2)
    grid = {"estimator__C": [1e-9, 1e-3]}
    search = GridSearchCV(ensemble, grid, scoring="neg_log_loss", cv=2, error_score="raise")
    assert search.fit(X, y).best_params_ == {"estimator__C": 1e-3}


def test_classes_of_one_fold_alone_do_not_validate():
    X, y = np.arange(12.0)[:, np.newaxis], np.array(list("aabbaabbaacc"))
    folds = [(np.arange(8), np.arange(8, 12)), (np.arange(8, 12), np.arange(8))]
    ensemble = FoldEnsembleClassifier(Recorder(), cv=folds).fit(X, y)
    assert [e.seen_[4].tolist() for e in ensemble.estimators_] == [["a"] * 2, ["a"] * 4]
    assert [len(e.seen_[3]) for e in ensemble.estimators_] == [2, 4]
    assert ensemble.oof_proba_.shape == (12, 3)


def test_a_held_out_fold_of_unknown_classes_is_no_validation():
    X, y = np.arange(12.0)[:, np.newaxis], np.array(list("ababababcccc"))
    folds = [(np.arange(8), np.arange(8, 12))]
    with pytest.raises(ValueError, match=r"no validation sample is of a class trained on: \['c'\]"):
        FoldEnsembleClassifier(Recorder(), cv=folds).fit(X, y)


def test_folds_of_lists_and_ranges():
    X, y = signals(n_samples=90)
    halves = list(range(0, 90, 2)), range(1, 90, 2)
    given = FoldEnsembleClassifier(LogisticRegression(), cv=[halves, halves[::-1]]).fit(X, y)
    folds = [tuple(map(np.array, half)) for half in (halves, halves[::-1])]
    expected = FoldEnsembleClassifier(LogisticRegression(), cv=folds).fit(X, y)
    assert_array_equal(given.oof_proba_, expected.oof_proba_)


def test_a_failed_fit_leaves_the_fitted_ensemble():
    X, y = signals(n_samples=90)
    ensemble = FoldEnsembleClassifier(LogisticRegression(), cv=3)
    with pytest.raises(ValueError, match="NaN"):
        ensemble.fit(X * np.nan, y)
    with pytest.raises(NotFittedError):
        ensemble.predict(X)
    expected = ensemble.fit(X, y).predict(X)
    with pytest.raises(ValueError, match="NaN"):
        ensemble.fit(X * np.nan, np.char.add("other ", y.astype(str)))
    assert_array_equal(ensemble.predict(X), expected)


def test_folds_and_column_names_of_an_earlier_fit_are_forgotten():
    X, y = signals(n_samples=90)
    ensemble = FoldEnsembleClassifier(LogisticRegression(), cv=StratifiedKFold(3).split(X, y))
    ensemble.fit(pd.DataFrame(X).add_prefix("sample "), y)
    with pytest.raises(ValueError, match="cv gives no folds"):
        ensemble.fit(X, y)
    ensemble.set_params(cv=3).fit(X, y)
    assert not hasattr(ensemble, "feature_names_in_")


def test_a_transformer_need_not_fit_and_transform_at_once():
    class Halver(BaseEstimator):
        def fit(self, X, y=None):
            return self

        def transform(self, X):
            return X / 2

    X, y = signals(n_samples=90)
    ensemble = FoldEnsembleClassifier(make_pipeline(Halver(), LogisticRegression()), cv=3)
    direct = FoldEnsembleClassifier(LogisticRegression(), cv=3).fit(X / 2, y)
    assert_allclose(ensemble.fit(X, y).predict_proba(X), direct.predict_proba(X / 2))
