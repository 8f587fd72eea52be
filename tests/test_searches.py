"""Searches as users run them: with other resources, and on other processes."""

import sys

import pytest
from imblearn.pipeline import make_pipeline
from joblib import parallel_config
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV

from skecg import ECGConvNetClassifier
from skecg.augmentation import GaussianNoise, TimeShift
from skecg.sampling import RandomResampler
from tests.estimators import signals, small

pytestmark = pytest.mark.slow


def pipeline(**parameters):
    return make_pipeline(
        RandomResampler(random_state=0),
        small(ECGConvNetClassifier, **{"filters": (4,), "epochs": 1, **parameters}),
    )


def test_a_dask_cluster_finds_what_one_process_finds():
    distributed = pytest.importorskip("distributed")
    X, y = signals()
    search = GridSearchCV(
        pipeline(augment=[GaussianNoise()]),
        {"ecgconvnetclassifier__kernel_size": [3, 5]},
        cv=2,
        scoring="neg_log_loss",
    ).fit(X, y)
    elsewhere = clone(search)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
        parallel_config("dask"),
    ):
        elsewhere.fit(X, y)
        has_trained = client.run(lambda: "tensorflow" in sys.modules)
    assert any(has_trained.values())  # the scheduler may give one worker all the work
    assert_array_equal(
        elsewhere.cv_results_["mean_test_score"], search.cv_results_["mean_test_score"]
    )
    assert elsewhere.best_params_ == search.best_params_
    assert_array_equal(elsewhere.predict_proba(X), search.predict_proba(X))


def test_epochs_are_a_resource():
    X, y = signals()
    search = HalvingGridSearchCV(
        pipeline(),
        {"ecgconvnetclassifier__kernel_size": [3, 5]},
        resource="ecgconvnetclassifier__epochs",
        min_resources=1,
        max_resources=2,
        factor=2,
        cv=2,
    ).fit(X, y)
    assert search.n_resources_ == [1, 2]
    assert search.best_estimator_[-1].n_iter_ == 2


def test_augmenters_are_values_of_a_grid():
    X, y = signals(n_samples=48)
    grid = {"ecgconvnetclassifier__augment": [None, [GaussianNoise(0.5), TimeShift(5)]]}
    search = GridSearchCV(pipeline(), grid, cv=2, scoring="neg_log_loss", refit=False).fit(X, y)
    without, with_noise = search.cv_results_["mean_test_score"]
    assert without != with_noise
