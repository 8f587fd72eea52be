import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from skecg import (
    ECGBatchNormCNNClassifier,
    ECGConvNetClassifier,
    ECGEmbedding,
    ECGResNetClassifier,
    ECGSeq2SeqClassifier,
    transfer,
)
from skecg.datasets import make_heartbeats
from tests.estimators import signals, small


@pytest.fixture(scope="module")
def source():
    """A network with batch normalisation, whose averages must be frozen, too."""
    X, y = signals()
    return small(ECGBatchNormCNNClassifier, epochs=2).fit(X, y)


def weights_by_layer(estimator):
    return [layer.get_weights() for layer in estimator.model_.layers]


def assert_same(first, second):
    for one, other in zip(first, second, strict=True):
        for a, b in zip(one, other, strict=True):
            assert_array_equal(a, b)


def test_features_help_where_samples_are_few():
    settings = {"n_blocks": 2, "filters": 16, "epochs": 20, "random_state": 0}
    classes = dict.fromkeys("NSVF", 1)
    X, y, _ = make_heartbeats(2000, class_weights=classes, random_state=0, return_X_y_groups=True)
    source = ECGResNetClassifier(**settings, batch_size=64).fit(X, y)
    X, y, _ = make_heartbeats(1000, class_weights=classes, random_state=1, return_X_y_groups=True)
    y = np.isin(y, ["V", "F"])  # beats that begin in a ventricle, of other people
    gains = []
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(y))
        train, test = order[:20], order[20:]
        networks = transfer(source), ECGResNetClassifier(**settings)
        moved, scratch = (
            network.set_params(batch_size=16, random_state=seed)
            .fit(X[train], y[train])
            .score(X[test], y[test])
            for network in networks
        )
        gains.append(moved - scratch)
    assert np.mean(gains) > 0.1, gains
    assert np.min(gains) > 0, gains


def test_frozen_features_stay_and_thaw(source, tmp_path):
    X, y = signals(n_classes=4, seed=1)
    before = weights_by_layer(source)
    frozen = transfer(source, freeze="features", keep_optimizer=True).fit(X, y)
    assert len(frozen.classes_) == 4
    assert_same(weights_by_layer(frozen)[:-1], before[:-1])
    assert_array_equal(frozen.embed(X), source.embed(X))
    assert_same(weights_by_layer(source), before)

    joblib.dump(frozen, tmp_path / "model.joblib")
    loaded = joblib.load(tmp_path / "model.joblib")
    assert_array_equal(loaded.predict_proba(X), frozen.predict_proba(X))
    for estimator in (frozen, loaded):
        estimator.set_params(warm_start=True, epochs=1).fit(X, y)
        assert_same(weights_by_layer(estimator)[:-1], before[:-1])
    assert_array_equal(loaded.predict_proba(X), frozen.predict_proba(X))

    frozen.set_params(freeze=None).fit(X, y)
    assert frozen.n_iter_ == 4
    for now, then in zip(weights_by_layer(frozen), before, strict=True):
        assert all(not np.array_equal(a, b) for a, b in zip(now, then, strict=True))


def test_training_starts_from_the_features(source):
    X, y = signals(n_classes=4, seed=1)
    estimator = transfer(source, optimizer__learning_rate=1e-9, epochs=1).fit(X, y)
    kernels, before = (
        [layer.kernel for layer in e.model_.layers[:-1] if hasattr(layer, "kernel")]
        for e in (estimator, source)
    )
    assert len(kernels) == 2
    for kernel, then in zip(kernels, before, strict=True):
        np.testing.assert_allclose(kernel, then, atol=1e-6)


@pytest.mark.usefixtures("without_graphs")
def test_a_fitted_network_can_be_given_as_a_parameter(source):
    X, y = signals(n_classes=4, seed=1)
    settings = {"init_from": source, "freeze": "features", "epochs": 1}
    estimator = small(ECGBatchNormCNNClassifier, **settings).fit(X, y)
    np.testing.assert_allclose(estimator.embed(X), source.embed(X), rtol=1e-5, atol=1e-6)
    assert estimator.predict_proba(X).shape == (60, 4)


def test_it_can_be_cloned_and_searched(source):
    X, y = signals(n_classes=4, seed=1)
    estimator = transfer(source, epochs=1)
    assert clone(estimator).init_from.estimator is source
    search = GridSearchCV(estimator, {"freeze": [None, "features"]}, cv=2, error_score="raise")
    search.fit(X, y)
    assert search.predict(X).shape == y.shape


def test_a_decoder_learns_other_labels_anew():
    X, y = signals()
    source = small(ECGSeq2SeqClassifier, epochs=1).fit(X, y)
    X, y = signals(n_classes=5)
    few = transfer(source, freeze="features").fit(X, y)
    assert_same(weights_by_layer(few)[:-1], weights_by_layer(source)[:-1])
    assert few.predict_proba(X).shape == (60, 5)


def test_what_cannot_be_started_from(source):
    X, y = signals()
    with pytest.raises(ValueError, match="init_from must be a fitted ECGConvNetClassifier"):
        small(ECGConvNetClassifier, init_from=source).fit(X, y)
    with pytest.raises(ValueError, match=r"transfer\(estimator\)"):
        clone(small(ECGBatchNormCNNClassifier, init_from=source)).fit(X, y)
    with pytest.raises(ValueError, match="kernel_size is 3 there and 5 here"):
        transfer(source, kernel_size=5).fit(X, y)
    with pytest.raises(ValueError, match=r"input_shape_ is \(40, 1\) there and \(40, 2\) here"):
        transfer(source).fit(np.stack([X, X], axis=2), y)
    with pytest.raises(ValueError, match="freeze='features'"):
        small(ECGBatchNormCNNClassifier, freeze="features").fit(X, y)
    with pytest.raises(ValueError, match="freeze"):
        transfer(source, freeze="all").fit(X, y)
    with pytest.raises(ValueError, match="fitted network"):
        transfer(LogisticRegression())
    with pytest.raises(ValueError, match="not fitted"):
        transfer(clone(source))


def test_embedding_in_front_of_a_support_vector_machine(source):
    X, y = signals(seed=1)
    classifier = make_pipeline(ECGEmbedding(FrozenEstimator(source)), SVC())
    before = weights_by_layer(source)
    assert classifier.fit(X, y).score(X, y) > 0.5
    assert_same(weights_by_layer(source), before)
    assert_array_equal(classifier[0].transform(X), source.embed(X))
    names = classifier[0].get_feature_names_out()
    assert names.tolist() == [f"ecgembedding{i}" for i in range(source.embed(X).shape[1])]

    trained = ECGEmbedding(clone(source)).fit(X, y, groups=np.arange(60) // 2)
    assert trained.transform(X).dtype == np.float32
    assert not np.array_equal(trained.transform(X), source.embed(X))
    with pytest.raises(ValueError, match="'estimator' parameter of ECGEmbedding"):
        ECGEmbedding(LogisticRegression()).fit(X, y)
