import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline
from numpy.testing import assert_array_equal
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from skecg import ECGConvNetClassifier
from skecg.early_stopping import EarlyStoppingClassifier
from skecg.ensemble import FoldEnsembleClassifier
from tests.estimators import signals, small
from tests.test_ensemble import Doubler, Recorder


def pipeline():
    return make_pipeline(Doubler(), RandomOverSampler(random_state=0), Recorder())


def test_no_validation_sample_or_copy_of_one_is_trained_on():
    X = np.arange(200.0)[:, np.newaxis] * np.ones(4)
    X[100:] = X[:100]  # every sample is there twice, as one patient's
    y = np.tile(np.repeat(["N", "V"], [80, 20]), 2)
    patients = np.tile(np.arange(100), 2)
    model = EarlyStoppingClassifier(pipeline(), validation_fraction=0.2, random_state=0)
    model.fit(X, y, groups=patients)
    trained, labels, _, X_val, y_val = model.estimator_[-1].seen_
    assert not set(trained[:, 0] - 1) & set(X_val[:, 0])
    assert_array_equal(X_val, X[model.validation_indices_])
    assert_array_equal(y_val, y[model.validation_indices_])
    counts = np.unique(labels, return_counts=True)[1]
    assert counts[0] == counts[1]
    assert 30 <= len(X_val) <= 50


def test_without_groups_every_class_gives_its_share():
    X = np.arange(100.0)[:, np.newaxis] * np.ones(4)
    y = np.repeat(["N", "V"], [80, 20])
    model = EarlyStoppingClassifier(pipeline(), random_state=0).fit(X, y)
    trained, _, _, X_val, y_val = model.estimator_[-1].seen_
    assert not set(trained[:, 0] - 1) & set(X_val[:, 0])
    assert_array_equal(np.unique(y_val, return_counts=True)[1], [8, 2])


@pytest.mark.parametrize(
    "estimator",
    [LogisticRegression(), make_pipeline(Doubler(), GridSearchCV(Recorder(), {}))],
    ids=["no_validation", "search"],
)
def test_what_would_never_look_at_the_samples_set_aside_is_refused(estimator):
    X, y = signals(n_samples=30)
    with pytest.raises(ValueError, match="X_val and y_val"):
        EarlyStoppingClassifier(estimator).fit(X, y)


@pytest.mark.slow
def test_a_network_in_a_pipeline_stops_early_and_can_be_searched():
    X, y = signals(n_samples=90)
    network = small(
        ECGConvNetClassifier, epochs=100, n_iter_no_change=2, optimizer__learning_rate=0.05
    )
    model = EarlyStoppingClassifier(
        make_pipeline(RandomOverSampler(random_state=0), network), random_state=0
    )
    search = GridSearchCV(
        model, {"estimator__ecgconvnetclassifier__kernel_size": [3, 5]}, cv=2
    ).fit(X, y)
    fitted = search.best_estimator_.estimator_[-1]
    assert fitted.n_iter_ < 100
    assert len(fitted.history_["val_loss"]) == fitted.n_iter_
    assert search.predict_proba(X).shape == (90, 3)


class Scores(Recorder):
    """Gives every class that it has seen the same probability."""

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


def test_probabilities_have_a_column_for_a_class_that_only_validates():
    X, y, groups = np.arange(8.0)[:, np.newaxis], np.array(list("aaaabbbb")), [1] * 4 + [2] * 4
    model = EarlyStoppingClassifier(Scores(), validation_fraction=0.5, random_state=0)
    with pytest.raises(ValueError, match="no validation sample is of a class trained on"):
        model.fit(X, y, groups=groups)
    y[0], y[7] = "c", "c"  # now both patients have it
    model.fit(X, y, groups=groups)
    assert model.classes_.tolist() == ["a", "b", "c"]
    known = np.isin(model.classes_, model.estimator_.classes_)
    assert known.sum() == 2
    assert_array_equal(model.predict_proba(X), np.tile(known / 2, (8, 1)))


def test_weights_reach_the_training():
    X, y = signals(n_samples=60)
    weight = np.arange(60.0)
    model = EarlyStoppingClassifier(Recorder(), random_state=0).fit(X, y, sample_weight=weight)
    trained = np.setdiff1d(np.arange(60), model.validation_indices_)
    assert_array_equal(model.estimator_.seen_[2], trained)
    ensemble = FoldEnsembleClassifier(EarlyStoppingClassifier(Scores(), random_state=0), cv=2)
    assert len(ensemble.fit(X, y, sample_weight=weight).estimators_) == 2


def test_a_failed_fit_leaves_classes_and_names_of_an_earlier_one_go():
    X, y = signals(n_samples=60)
    frame = pd.DataFrame(X.reshape(60, -1)).rename(columns="t{}".format)
    model = EarlyStoppingClassifier(HistGradientBoostingClassifier(max_iter=2), random_state=0)
    model.fit(frame, y)
    kept = model.validation_indices_
    with pytest.raises(ValueError, match="validation"):
        model.fit(frame[:1], np.array(["other"]))
    assert_array_equal(model.classes_, np.unique(y))
    assert_array_equal(model.validation_indices_, kept)
    assert not hasattr(model.fit(frame.to_numpy(), y), "feature_names_in_")
