import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator

from skecg import ECGRecord
from skecg.preprocessing import LeadScaler, LeadSelector
from skecg.recordings import Annotations

STANDARD = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]


@pytest.fixture
def X():
    rng = np.random.default_rng(0)
    return rng.normal(size=(5, 200, 3)) * rng.uniform(0.1, 9, size=(5, 1, 3)) + 7


def record(signal, names, **kwargs):
    return ECGRecord(signal, 500, names, **kwargs)


def test_minmax(X):
    out = LeadScaler().fit_transform(X)
    assert_allclose(out.min(axis=1), 0)
    assert_allclose(out.max(axis=1), 1)
    low, high = X[3, :, 1].min(), X[3, :, 1].max()
    assert_allclose(out[3, :, 1], (X[3, :, 1] - low) / (high - low))


def test_standard(X):
    out = LeadScaler(scaling="standard").fit_transform(X)
    assert_allclose(out.mean(axis=1), 0, atol=1e-12)
    assert_allclose(out.std(axis=1), 1)


@pytest.mark.parametrize("scaling", ["minmax", "standard"])
def test_each_signal_and_lead_is_scaled_alone(X, scaling):
    scaler = LeadScaler(scaling=scaling).fit(X)
    out = scaler.transform(X)
    assert_allclose(out[2:3], scaler.transform(X[2:3]))
    assert_allclose(out[..., 1], LeadScaler(scaling=scaling).fit_transform(X[..., 1]))


@pytest.mark.parametrize("scaling", ["minmax", "standard"])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e15])
def test_a_flat_lead_becomes_zero(scaling, value):
    X = np.full((2, 1001, 2), value, dtype=np.float32)
    X[:, ::2, 1] += 1 + value
    out = LeadScaler(scaling=scaling).fit_transform(X)
    assert_array_equal(out[..., 0], 0)
    assert out[..., 1].any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scaling", ["minmax", "standard"])
def test_float_types_are_kept(X, scaling, dtype):
    assert LeadScaler(scaling=scaling).fit_transform(X.astype(dtype)).dtype == dtype
    assert LeadSelector(leads="II", lead_names=["I", "II", "V1"]).fit_transform(
        X.astype(dtype)
    ).dtype == (dtype)


def test_scaling_recordings(X):
    marks = {"V1": Annotations([5], ["N"])}
    records = [
        record(X[0], ["I", "II", "V1"], delineation=marks, age=50),
        record(X[1, :90, :1], "II"),
    ]
    out = LeadScaler().fit_transform(records)
    assert_allclose(out[0].signal, LeadScaler().fit_transform(X[:1])[0])
    assert_allclose(out[1].signal[:, 0], LeadScaler().fit_transform(X[1:2, :90, 0])[0])
    assert out[0].delineation.keys() == {"V1"}
    assert out[0].age == 50
    assert_array_equal(records[0].signal, X[0])


def test_choosing_leads_by_name(X):
    selector = LeadSelector(leads=["V1", "I"], lead_names=["I", "II", "V1"])
    assert_array_equal(selector.fit_transform(X), X[..., [2, 0]])
    one = LeadSelector(leads="II", lead_names=["I", "II", "V1"]).fit_transform(X)
    assert_array_equal(one, X[..., 1:2])
    assert_array_equal(LeadSelector().fit_transform(X), X)


def test_the_names_are_the_twelve_standard_leads_by_default():
    X = np.arange(2 * 50 * 12, dtype=float).reshape(2, 50, 12)
    out = LeadSelector(leads=["aVL", "V1", "V5", "V6"]).fit_transform(X)
    assert_array_equal(out, X[..., [STANDARD.index(lead) for lead in ("aVL", "V1", "V5", "V6")]])


def test_choosing_leads_of_recordings(X):
    records = [record(X[0], ["I", "II", "V1"]), record(X[1], ["V1", "II", "I"])]
    out = LeadSelector(leads=["V1", "I"]).fit_transform(records)
    assert [r.lead_names for r in out] == [("V1", "I"), ("V1", "I")]
    assert_array_equal(out[0].signal, X[0][:, [2, 0]])
    assert_array_equal(out[1].signal, X[1][:, [0, 2]])
    assert LeadSelector().fit_transform(records)[0] is records[0]
    with pytest.raises(ValueError, match="no lead named 'V9'"):
        LeadSelector(leads="V9").fit_transform(records)


def test_a_lead_that_is_not_kept_may_lack_samples(X):
    signal = X[0].copy()
    signal[3, 1] = np.nan
    broken = record(signal, ["I", "II", "V1"], record_id="7")
    out = LeadSelector(leads=np.array(["V1", "I"])).fit_transform([broken])[0]
    assert_array_equal(out.signal, X[0][:, [2, 0]])
    for leads in (["I", "II"], None):
        with pytest.raises(ValueError, match="record 7 has missing samples"):
            LeadSelector(leads=leads).fit([broken])


def test_no_leads_of_recordings_are_refused(X):
    with pytest.raises(ValueError, match="leads must name at least one lead"):
        LeadSelector(leads=[]).fit([record(X[0], ["I", "II", "V1"])])


def test_one_after_the_other_on_recordings(X):
    records = [record(X[0], ["I", "II", "V1"])]
    pipeline = make_pipeline(LeadSelector(leads="V1"), LeadScaler())
    out = pipeline.fit_transform(records)[0]
    assert_allclose(out.lead("V1"), LeadScaler().fit_transform(X[:1, :, 2])[0])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"leads": "V1"}, "one name for each of the 3 leads of X, got 12"),
        ({"leads": ["I", "V9"], "lead_names": ["I", "II", "V1"]}, "lead_names I, II, V1, got V9"),
        ({"leads": 3}, "The 'leads' parameter"),
        ({"leads": [], "lead_names": ["I", "II", "V1"]}, "leads must name at least one lead"),
        ({"lead_names": "I"}, "The 'lead_names' parameter"),
    ],
)
def test_leads_that_are_not_there_are_refused(X, parameters, message):
    with pytest.raises(ValueError, match=message):
        LeadSelector(**parameters).fit(X)


@pytest.mark.parametrize("transformer", [LeadScaler(), LeadSelector()])
@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.full((2, 100), np.nan), "NaN"),
        (np.zeros((2, 12, 500)), "looks transposed"),
        (np.zeros((2, 100, 2, 2)), r"got shape \(2, 100, 2, 2\)"),
        (np.zeros((0, 100)), "0 sample"),
        (record(np.zeros((100, 1)), "II"), r"got one ECGRecord: pass \[record\]"),
    ],
)
def test_bad_input_is_refused(transformer, X, message):
    with pytest.raises(ValueError, match=message):
        transformer.fit(X)


def test_an_iterator_is_refused():
    # It would be gone through once to fit and not again to transform.
    records = [record(np.zeros((100, 1)), ["II"]) for _ in range(3)]
    for transformer in (LeadScaler(), LeadSelector(leads=["II"])):
        with pytest.raises(ValueError, match=r"got a generator.*pass list\(X\)"):
            transformer.fit_transform(r for r in records)


def test_another_length_than_fitted_is_refused(X):
    with pytest.raises(ValueError, match="200 features"):
        LeadScaler().fit(X).transform(X[:, :100])


@pytest.mark.parametrize(
    "transformer", [LeadScaler(), LeadScaler(scaling="standard"), LeadSelector()]
)
def test_scikit_learns_conventions(transformer):
    check_estimator(transformer)


def test_in_a_search():
    # Only V1 tells the classes apart, and only by its height.
    rng = np.random.default_rng(0)
    y = np.arange(40) % 2
    X = rng.normal(scale=0.01, size=(40, 50, 3))
    X[:, :, 2] += np.sin(np.linspace(0, 6, 50)) * (1 + y[:, np.newaxis])
    pipeline = make_pipeline(
        LeadSelector(lead_names=["I", "II", "V1"]),
        LeadScaler(),
        FunctionTransformer(lambda X: X.reshape(len(X), -1)),
        LogisticRegression(),
    )
    grid = {
        "leadselector__leads": [["I"], ["V1"], ["I", "V1"]],
        "leadscaler": [LeadScaler(), LeadScaler(scaling="standard"), "passthrough"],
    }
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, y)
    assert search.best_score_ == 1
    assert "V1" in search.best_params_["leadselector__leads"]
    assert search.best_params_["leadscaler"] == "passthrough"
