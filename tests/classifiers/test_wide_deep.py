from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline, make_union

from skecg import ECGWideDeepClassifier
from skecg.augmentation import TimeShift
from skecg.classifiers.wide_deep import wide_deep
from skecg.datasets import make_recordings
from skecg.feature_extraction import Demographics, WaveformFeatures
from tests.estimators import architecture, small

DEFAULTS = architecture(ECGWideDeepClassifier)
SMALL = {**DEFAULTS, "filters": (4, 4), "pool_size": 2, "dense_units": (8,)}


def waves_and_features(n_samples, n_timesteps=24, n_leads=2, seed=0):
    """A wave of either sign somewhere in time, and a feature of either sign: y is their product."""
    rng = np.random.default_rng(seed)
    wave, feature = rng.choice([-1, 1], (2, n_samples))
    start = rng.uniform(0.3, 0.7, (n_samples, 1)) * n_timesteps
    shape = np.exp(-((np.arange(n_timesteps) - start) ** 2) / 6)
    signals = wave[:, None, None] * shape[..., None] + rng.normal(0, 0.2, (*shape.shape, n_leads))
    # In units of its own, far from those of the waves.
    table = 500 + 100 * (feature[:, None] + rng.normal(0, 0.2, (n_samples, 1)))
    return signals, table, wave * feature


def test_both_branches_reach_the_decision_and_no_sample_is_misplaced():
    model = wide_deep((24 * 2 + 3,), 2, **{**SMALL, "n_wide": 3, "n_leads": 2})
    reshape = next(layer for layer in model.layers if type(layer).__name__ == "Reshape")
    assert reshape.output.shape[1:] == (24, 2)
    rng = np.random.default_rng(0)
    signals = rng.normal(size=(2, 24, 2))
    X = np.hstack([signals.reshape(2, -1), rng.normal(size=(2, 3))]).astype(np.float32)
    np.testing.assert_array_equal(reshape(X[:, :-3]), signals.astype(np.float32))
    before = np.asarray(model(X))
    for column in (0, 47, 48, 50):
        changed = X.copy()
        changed[:, column] += 1
        assert not np.allclose(model(changed), before, atol=1e-7)


def test_the_output_has_a_sigmoid_for_two_classes_and_a_softmax_for_more():
    settings = {**SMALL, "n_wide": 2, "n_leads": 1}
    last = wide_deep((20,), 2, **settings).layers[-1]
    assert (last.units, last.activation.__name__) == (1, "sigmoid")
    last = wide_deep((20,), 3, **settings).layers[-1]
    assert (last.units, last.activation.__name__) == (3, "softmax")


def test_it_learns_what_neither_branch_can_alone():
    signals, table, y = waves_and_features(700)
    flat = signals.reshape(len(signals), -1)
    X = np.hstack([flat, table])
    model = ECGWideDeepClassifier(
        n_wide=1,
        n_leads=2,
        filters=(8,),
        dense_units=(16,),
        dropout=0.1,
        epochs=15,
        random_state=0,
        optimizer__learning_rate=5e-3,
    ).fit(X[:500], y[:500])
    assert model.score(X[500:], y[500:]) > 0.9
    # Deprived of one branch, the same network guesses; so does a linear model of both.
    rng = np.random.default_rng(0)
    waves_shuffled, features_shuffled = X[500:].copy(), X[500:].copy()
    waves_shuffled[:, :-1] = rng.permutation(waves_shuffled[:, :-1])
    features_shuffled[:, -1] = rng.permutation(features_shuffled[:, -1])
    assert model.score(waves_shuffled, y[500:]) < 0.65
    assert model.score(features_shuffled, y[500:]) < 0.65
    linear = LogisticRegression(max_iter=1000).fit(X[:500], y[:500])
    assert linear.score(X[500:], y[500:]) < 0.65


def test_in_a_union_from_recordings_under_cross_validation():
    generated = make_recordings(8, duration=2, fs=50, leads=["I", "V5"], random_state=0)
    records = [replace(record, age=50 + i, sex="male") for i, record in enumerate(generated)]
    model = make_pipeline(
        make_union(WaveformFeatures(), Demographics(age="years")),
        small(ECGWideDeepClassifier, n_wide=2, n_leads=2, epochs=1),
    )
    scores = cross_val_score(model, records, ["N", "LVH"] * 4, cv=2, error_score="raise")
    assert scores.shape == (2,)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_wide": 0}, "n_wide"),
        ({"n_leads": 0}, "n_leads"),
        ({"n_wide": 3, "n_leads": 2}, "n_wide=3.*leaves 17.*n_leads=2"),
        ({"n_wide": 20}, "leaves 0"),
        ({"n_wide": 25}, "leaves -5"),
        ({"filters": (8, -1)}, "filters"),
        ({"kernel_size": (3, 3)}, "kernel_size"),
        ({"pool_size": 0}, "pool_size"),
        ({"dense_units": (0,)}, "dense_units"),
        ({"dropout": 1.0}, "dropout"),
        ({"augment": TimeShift()}, "augment must be None"),
    ],
    ids=str,
)
def test_parameters_that_cannot_be(parameters, message):
    X = np.random.default_rng(0).normal(size=(9, 20))
    with pytest.raises(ValueError, match=message):
        small(ECGWideDeepClassifier, **parameters).fit(X, ["N", "V", "S"] * 3)
