"""What every network promises beyond scikit-learn's checks."""

import inspect
import random

import joblib
import keras
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import StratifiedKFold, check_cv, cross_val_predict
from sklearn.utils import estimator_html_repr, get_tags

from skecg import ECGConvNetClassifier
from tests.estimators import networks, signals, small

every_network = pytest.mark.parametrize("cls", networks())


@pytest.fixture(scope="module", params=networks())
def fitted(request):
    X, y = signals()
    return small(request.param, epochs=2).fit(X, y), X, y


@every_network
def test_is_a_classifier_to_scikit_learn(cls):
    estimator = small(cls)
    assert is_classifier(estimator)
    assert isinstance(
        check_cv(5, np.array(["N", "V"] * 10), classifier=is_classifier(estimator)), StratifiedKFold
    )


@every_network
def test_signature_shows_all_parameters(cls):
    shown = set(inspect.signature(cls).parameters)
    assert shown == set(cls().get_params())
    assert {"epochs", "batch_size", "optimizer", "optimizer__learning_rate", "loss"} <= shown
    assert {"class_weight", "callbacks", "random_state", "warm_start", "verbose"} <= shown
    assert {"early_stopping", "validation_fraction", "n_iter_no_change"} <= shown


@every_network
def test_parameters_round_trip(cls):
    estimator = small(cls, optimizer__weight_decay=0.01)
    copy = cls().set_params(**estimator.get_params())
    assert copy.get_params() == estimator.get_params()
    assert copy.get_params()["optimizer__weight_decay"] == 0.01
    with pytest.raises(ValueError, match="kernel_sizes"):
        copy.set_params(kernel_sizes=3)
    with pytest.raises(TypeError, match="kernel_sizes"):
        cls(kernel_sizes=3)


@every_network
def test_repr_shows_what_differs_from_the_defaults(cls):
    assert repr(cls(random_state=3)) == f"{cls.__name__}(random_state=3)"
    assert cls.__name__ in estimator_html_repr(cls())


def test_clone_after_fit_is_unfitted_with_the_same_parameters(fitted):
    estimator, X, _ = fitted
    copy = clone(estimator)
    assert copy.get_params() == estimator.get_params()
    with pytest.raises(NotFittedError):
        copy.predict(X)


def test_probabilities(fitted):
    estimator, X, y = fitted
    probability = estimator.predict_proba(X)
    assert probability.shape == (len(X), 3)
    assert probability.dtype == np.float32
    np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-5)
    assert_array_equal(estimator.classes_, np.unique(y))
    assert_array_equal(estimator.predict(X), estimator.classes_[probability.argmax(axis=1)])
    assert estimator.score(X, y) == np.mean(estimator.predict(X) == y)


def test_history(fitted):
    estimator, _, _ = fitted
    assert estimator.n_iter_ == 2
    assert {"loss", "accuracy"} <= set(estimator.history_)
    assert all(len(v) == 2 and isinstance(v[0], float) for v in estimator.history_.values())


def test_embedding(fitted):
    estimator, X, _ = fitted
    features = estimator.embed(X)
    assert features.shape[0] == len(X)
    assert features.ndim == 2
    assert_array_equal(features, estimator.embed(X))


def test_predictions_survive_joblib(fitted, tmp_path):
    estimator, X, _ = fitted
    joblib.dump(estimator, tmp_path / "model.joblib")
    loaded = joblib.load(tmp_path / "model.joblib")
    assert_array_equal(loaded.predict_proba(X), estimator.predict_proba(X))


@every_network
def test_same_seed_same_network_and_nothing_leaks(cls):
    X, y = signals()
    random.seed(1)
    np.random.seed(1)
    keras.utils.set_random_seed(1)
    before = random.getstate(), np.random.get_state()[1].copy()
    expected = keras.random.uniform((3,))
    keras.utils.set_random_seed(1)

    first = small(cls, epochs=2).fit(X, y).predict_proba(X)
    assert random.getstate() == before[0]
    assert_array_equal(np.random.get_state()[1], before[1])
    assert_array_equal(keras.random.uniform((3,)), expected)
    assert_array_equal(small(cls, epochs=2).fit(X, y).predict_proba(X), first)
    assert not np.array_equal(
        small(cls, epochs=2, random_state=1).fit(X, y).predict_proba(X), first
    )
    # SciKeras' way of seeding makes every later fit without a seed raise.
    unseeded = small(cls, epochs=1, random_state=None).fit(X, y)
    assert np.isfinite(unseeded.predict_proba(X)).all()


@pytest.mark.usefixtures("without_graphs")
@every_network
def test_a_random_state_instance_is_drawn_from(cls):
    X, y = signals()
    estimator = small(cls, epochs=1, random_state=np.random.RandomState(0))
    first = estimator.fit(X, y).predict_proba(X)
    assert not np.array_equal(estimator.fit(X, y).predict_proba(X), first)


def test_parallel_fits_give_the_same_as_serial_ones():
    X, y = signals()
    model = small(ECGConvNetClassifier, epochs=2)
    serial, parallel = (
        cross_val_predict(model, X, y, cv=2, method="predict_proba", n_jobs=n) for n in (1, 2)
    )
    assert_array_equal(serial, parallel)


@pytest.mark.usefixtures("without_graphs")
@every_network
@pytest.mark.parametrize(("n_leads", "n_classes"), [(None, 1), (None, 2), (1, 2), (3, 5)])
def test_any_number_of_leads_and_classes(cls, n_leads, n_classes):
    X, y = signals(n_leads=n_leads, n_classes=n_classes)
    if n_leads and not get_tags(small(cls)).input_tags.three_d_array:
        with pytest.raises(ValueError, match=rf"n_features.*\(60, 40, {n_leads}\)"):
            small(cls).fit(X, y)
        return
    estimator = small(cls, epochs=1).fit(X, y)
    probability = estimator.predict_proba(X)
    assert probability.shape == (len(X), n_classes)
    np.testing.assert_allclose(probability.sum(axis=1), 1, rtol=1e-5)
    assert set(estimator.predict(X)) <= set(y)


@pytest.mark.usefixtures("without_graphs")
@every_network
def test_any_numeric_type(cls):
    X, y = signals(dtype=np.int16)
    expected = small(cls, epochs=1).fit(X.astype(np.float32), y).predict_proba(X)
    for dtype in (np.int16, np.float16, np.float64):
        estimator = small(cls, epochs=1).fit(X.astype(dtype), y)
        assert_array_equal(estimator.predict_proba(X.astype(dtype)), expected)


@pytest.mark.usefixtures("without_graphs")
@every_network
def test_a_data_frame_names_the_columns(cls):
    X, y = signals()
    frame = pd.DataFrame(X, columns=[f"t{i}" for i in range(X.shape[1])])
    estimator = small(cls, epochs=1).fit(frame, pd.Series(y))
    assert_array_equal(estimator.feature_names_in_, frame.columns)
    with pytest.raises(ValueError, match="feature names"):
        estimator.predict(frame[frame.columns[::-1]])


@pytest.mark.usefixtures("without_graphs")
@every_network
def test_partial_fit(cls):
    X, y = signals()
    estimator = small(cls)
    with pytest.raises(ValueError, match="classes"):
        estimator.partial_fit(X, y)
    estimator.partial_fit(X[y != "V"], y[y != "V"], classes=["V", "N", "Q"])
    assert estimator.predict_proba(X).shape == (len(X), 3)
    estimator.partial_fit(X, y)
    assert estimator.n_iter_ == 2
    with pytest.raises(ValueError, match="classes"):
        estimator.partial_fit(X, y, classes=["N", "Q"])
    with pytest.raises(ValueError, match="F"):
        estimator.partial_fit(X, np.where(y == "V", "F", y))
    with pytest.raises(ValueError, match="balanced"):
        small(cls, class_weight="balanced").partial_fit(X, y, classes=["V", "N", "Q"])


@every_network
def test_warm_start_continues(cls):
    X, y = signals()
    whole = small(cls, epochs=4).fit(X, y)
    estimator = small(cls, epochs=2, warm_start=True).fit(X, y)
    assert_array_equal(estimator.fit(X, y).predict_proba(X), whole.predict_proba(X))
    assert estimator.n_iter_ == 4
    assert estimator.history_ == whole.history_
    with pytest.raises(ValueError, match="F"):
        estimator.fit(X, np.where(y == "V", "F", y))
    with pytest.raises(ValueError, match="features"):
        estimator.fit(X[:, :-1], y)


@every_network
def test_a_kept_optimizer_continues_as_if_never_pickled(cls, tmp_path):
    X, y = signals()
    settings = {"epochs": 2, "warm_start": True, "keep_optimizer": True}
    estimator = small(cls, **settings).fit(X, y)
    joblib.dump(estimator, tmp_path / "model.joblib")
    loaded = joblib.load(tmp_path / "model.joblib")
    assert_array_equal(loaded.fit(X, y).predict_proba(X), estimator.fit(X, y).predict_proba(X))


@every_network
def test_a_rank_that_it_cannot_take_is_refused_before_anything_is_built(cls, monkeypatch):
    monkeypatch.setattr(cls, "_network", None)
    with pytest.raises(ValueError, match=r"\(6, 40, 2, 2\)"):
        small(cls).fit(np.ones((6, 40, 2, 2)), list("NVNVNV"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X: np.where(np.arange(X.size).reshape(X.shape) == 7, np.nan, X), "NaN"),
        (lambda X: np.where(np.arange(X.size).reshape(X.shape) == 7, np.inf, X), "inf"),
        (lambda X: X[:, :-1], "features"),
        (lambda X: X[0], "1D|Expected 2D"),
        (lambda X: X[:0], "0 sample"),
        (lambda X: np.array([[None] * X.shape[1]] * 3), "NaN|None|float"),
        (lambda X: np.array([["a"] * X.shape[1]] * 3), "numeric|convert"),
    ],
    ids=["nan", "inf", "short", "1d", "empty", "object", "text"],
)
def test_bad_samples_are_refused_and_do_no_harm(fitted, change, message):
    estimator, X, y = fitted
    before = estimator.predict_proba(X)
    with pytest.raises((ValueError, TypeError), match=message):
        estimator.predict(change(X))
    if message != "features":
        with pytest.raises((ValueError, TypeError)):
            clone(estimator).fit(change(X), y)
    assert_array_equal(estimator.predict_proba(X), before)


@every_network
@pytest.mark.parametrize(
    "parameters",
    [
        {"epochs": 0},
        {"epochs": 1.5},
        {"batch_size": -1},
        {"batch_size": 2.0},
        {"validation_fraction": 1.0},
        {"n_iter_no_change": 0},
        {"verbose": 2},
        {"class_weight": "balance"},
        {"random_state": "seed"},
    ],
    ids=str,
)
def test_bad_parameters_are_named(cls, parameters):
    X, y = signals()
    (name,) = parameters
    with pytest.raises(ValueError, match=name):
        small(cls, **parameters).fit(X, y)
