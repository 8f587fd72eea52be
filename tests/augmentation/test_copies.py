import joblib
import numpy as np
import pytest
from imblearn.pipeline import make_pipeline
from imblearn.utils.estimator_checks import estimator_checks_generator
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from skecg.augmentation import AmplitudeScale, AugmentedCopies, GaussianNoise, TimeShift
from skecg.datasets import make_heartbeats

SAMPLERS = [
    AugmentedCopies(random_state=0),
    AugmentedCopies([GaussianNoise(), AmplitudeScale()], 2, keep_original=False, random_state=0),
]


@pytest.fixture(scope="module")
def beats():
    return make_heartbeats(
        200, class_weights={"N": 7, "S": 1, "V": 2}, return_X_y_groups=True, random_state=0
    )


@parametrize_with_checks(SAMPLERS)
def test_sklearn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    ("estimator", "check"),
    [pair for sampler in SAMPLERS for pair in estimator_checks_generator(sampler)],
    ids=lambda value: getattr(getattr(value, "func", None), "__name__", type(value).__name__),
)
def test_imblearn_checks(estimator, check):
    check(estimator)


def test_five_shifted_copies_by_default(beats):
    X, y, _ = beats
    sampler = AugmentedCopies(random_state=0)
    X_res, y_res = sampler.fit_resample(X, y)
    assert X_res.shape == (1200, 187)
    assert X_res.dtype == np.float32
    np.testing.assert_array_equal(X_res[:200], X)
    np.testing.assert_array_equal(y_res, np.tile(y, 6))
    np.testing.assert_array_equal(sampler.sample_indices_, np.tile(np.arange(200), 6))
    assert sampler.sampling_strategy_ == {"N": 840, "S": 120, "V": 240}
    copies = X_res.reshape(6, 200, 187)
    assert all(not np.array_equal(copies[i], copies[j]) for i in range(6) for j in range(i))


def test_only_chosen_classes(beats):
    X, y, groups = beats
    sampler = AugmentedCopies(GaussianNoise(), 3, classes=["S", "V"], random_state=0)
    X_res, y_res = sampler.fit_resample(X, y)
    assert sampler.sampling_strategy_ == {"N": 140, "S": 80, "V": 160}
    assert dict(zip(*np.unique(y_res, return_counts=True), strict=True)) == {
        "N": 140,
        "S": 80,
        "V": 160,
    }
    np.testing.assert_array_equal(X_res[:200], X)
    np.testing.assert_array_equal(y_res, sampler.carry(y))
    np.testing.assert_array_equal(sampler.carry(groups)[:200], groups)


def test_without_originals(beats):
    X, y, _ = beats
    sampler = AugmentedCopies(
        GaussianNoise(), 2, keep_original=False, classes=["V"], random_state=0
    )
    X_res, y_res = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(X_res[: sum(y != "V")], X[y != "V"])
    assert sum(y_res == "V") == 2 * sum(y == "V")
    originals = {x.tobytes() for x in X[y == "V"]}
    assert not originals & {x.tobytes() for x in X_res[y_res == "V"]}


def test_augmenters_follow_one_another(beats):
    X, y, _ = beats
    sampler = AugmentedCopies([AmplitudeScale(0.0), GaussianNoise(0.01)], 1, random_state=0)
    X_res, _ = sampler.fit_resample(X, y)
    assert 0.005 < (X_res[200:] - X)[X != 0].std() < 0.015


def test_several_leads(beats):
    X, y, _ = beats
    X = np.repeat(X[..., np.newaxis], 2, axis=2)
    X_res, y_res = AugmentedCopies(n_copies=1, random_state=0).fit_resample(X, y)
    assert X_res.shape == (400, 187, 2)
    assert len(y_res) == 400


def test_reproducible(beats):
    X, y, _ = beats
    draw = [AugmentedCopies(n_copies=1, random_state=s).fit_resample(X, y)[0] for s in (0, 0, 1)]
    np.testing.assert_array_equal(draw[0], draw[1])
    assert not np.array_equal(draw[0], draw[2])


class _Remember(DecisionTreeClassifier):
    def fit(self, X, y):
        self.n_seen_ = len(y)
        return super().fit(X, y)


def test_pipeline_copies_in_fit_only(beats):
    X, y, _ = beats
    pipe = make_pipeline(AugmentedCopies(TimeShift(3), 4, random_state=0), _Remember())
    pipe.fit(X, y)
    assert pipe[-1].n_seen_ == 1000
    assert len(pipe.predict(X)) == 200
    np.testing.assert_array_equal(pipe.predict(X), pipe[-1].predict(X))


def test_searchable_and_picklable(beats, tmp_path):
    X, y, _ = beats
    pipe = make_pipeline(
        AugmentedCopies(GaussianNoise(), 1, random_state=0),
        RandomForestClassifier(5, random_state=0),
    )
    search = GridSearchCV(
        pipe,
        {
            "augmentedcopies__n_copies": [1, 2],
            "augmentedcopies__augmenters__std": [0.01, 0.05],
        },
        cv=2,
    ).fit(X, y)
    joblib.dump(search, tmp_path / "search.joblib")
    loaded = joblib.load(tmp_path / "search.joblib")
    np.testing.assert_array_equal(loaded.predict(X), search.predict(X))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"classes": ["F"]}, r"classes that are not in y: \['F'\]"),
        ({"n_copies": 0}, "n_copies"),
        ({"augmenters": [DecisionTreeClassifier()]}, "must have a method augment"),
        ({"augmenters": "shift"}, "augmenters"),
        ({"augmenters": GaussianNoise(std=-1)}, "std"),
    ],
    ids=str,
)
def test_bad_parameters(beats, params, message):
    X, y, _ = beats
    sampler = AugmentedCopies(**params)
    with pytest.raises(ValueError, match=message):
        sampler.fit_resample(X, y)


def test_bad_data(beats):
    X, y, _ = beats
    sampler = clone(SAMPLERS[0])
    with pytest.raises(ValueError, match="inconsistent"):
        sampler.fit_resample(X, y[:-1])
    with pytest.raises(ValueError, match="NaN"):
        sampler.fit_resample(np.where(X > 0.9, np.nan, X), y)
    with pytest.raises(ValueError, match="looks transposed"):
        sampler.fit_resample(X.reshape(200, 11, 17), y)
    assert len(sampler.fit_resample(X, y)[0]) == 1200
