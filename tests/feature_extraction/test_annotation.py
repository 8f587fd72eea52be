import pickle

import numpy as np
import pytest
from imblearn import FunctionSampler
from imblearn.pipeline import make_pipeline
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_union
from sklearn.utils.estimator_checks import check_estimator

from skecg import ECGRecord
from skecg.feature_extraction import AnnotationFeatures, Demographics, validate_records
from skecg.recordings import Annotations
from tests.feature_extraction.conftest import LEADS, annotations

NAMES = [f"{w}_{p}" for w in ("QRS", "T", "P") for p in ("onset", "peak", "offset")]


def one_lead(text, signal=None, **kwargs):
    signal = np.random.default_rng(0).normal(size=1000) if signal is None else signal
    return ECGRecord(signal, 500, ["II"], delineation={"II": annotations(text)}, **kwargs)


def ntp(text, **kwargs):
    """The nine features of one lead, by a loop, with the marks by their places in the text."""
    record = one_lead(text)
    scaled = record.lead("II")
    scaled = (scaled - scaled.min()) / (scaled.max() - scaled.min())
    features = AnnotationFeatures(leads=["II"], missing="nan", **kwargs).fit_transform([record])[0]
    return features, lambda *places: np.mean([scaled[100 + 20 * place] for place in places])


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("(N)(t)(p)(N)", [(0, 9), (1, 10), (2, 11), (3,), (4,), (5,), (6,), (7,), (8,)]),
        ("(p)(N)(t)", [(3,), (4,), (5,), (6,), (7,), (8,), (0,), (1,), (2,)]),
        ("t)(p)(N)(t)", [(5,), (6,), (7,), (8,), (0, 9), (1, 10), (2,), (3,), (4,)]),
    ],
    ids=["first a QRS", "first a P wave", "first half a T wave"],
)
def test_values_are_means_at_the_marks(text, places):
    features, mean = ntp(text)
    assert_allclose(features, [mean(*p) for p in places])


def test_limits_that_belong_to_no_peak_are_left_aside():
    features, mean = ntp("()(N)N)(N) (t) (t ((t))")
    assert_allclose(features[:6], [mean(2, 7), mean(3, 5, 8), mean(4, 6, 9), *features[3:6]])
    assert_allclose(features[3:6], [mean(10, 13, 16), mean(11, 14, 17), mean(12, 18)])
    assert np.isnan(features[6:]).all()


def test_marks_of_neighbouring_leads_do_not_pair(make_record):
    texts = {"I": "(t)(N)(p)(t)(N", "II": ")(N)(t)(p)(N", "III": "t)(p)(N)(t)"}
    record = make_record(
        leads=list(texts), marks={lead: annotations(text) for lead, text in texts.items()}
    )
    together = AnnotationFeatures(leads=list(texts)).fit_transform([record]).reshape(3, 9)
    for lead, features in zip(texts, together, strict=True):
        alone = AnnotationFeatures(leads=[lead]).fit_transform([record])[0]
        assert_array_equal(features, alone)


def test_columns_are_in_the_order_of_the_leads(make_record):
    records = [make_record()]
    transformer = AnnotationFeatures(leads=["V6", "I"]).fit(records)
    names = transformer.get_feature_names_out().tolist()
    assert names == [f"{lead}_{name}" for lead in ("V6", "I") for name in NAMES]
    both = AnnotationFeatures().fit(records)
    columns = [both.get_feature_names_out().tolist().index(name) for name in names]
    assert_array_equal(transformer.transform(records), both.transform(records)[:, columns])


def test_by_default_twelve_leads_in_standard_order_whatever_the_recording_has(make_record):
    record = make_record(leads=LEADS[::-1])
    transformer = AnnotationFeatures().set_output(transform="pandas")
    frame = transformer.fit_transform([record])
    assert frame.columns.tolist() == [f"{lead}_{name}" for lead in LEADS for name in NAMES]
    alone = AnnotationFeatures(leads=["aVL"]).fit_transform([record])[0]
    assert_array_equal(frame.filter(regex="aVL").to_numpy()[0], alone)


def test_scaling_does_not_see_other_leads_recordings_or_units(make_record):
    records = [make_record(seed=seed) for seed in range(3)]
    features = AnnotationFeatures().fit_transform(records)
    louder = ECGRecord(
        records[1].signal * np.arange(2, 14) - 5, 500, LEADS, delineation=records[1].delineation
    )
    assert_allclose(AnnotationFeatures().fit_transform([louder])[0], features[1], atol=1e-6)


def test_flat_lead_is_zero():
    record = one_lead("(N)(t)(p)", np.full(1000, 3.0))
    assert_array_equal(AnnotationFeatures(leads=["II"]).fit_transform([record]), np.zeros((1, 9)))


def test_missing_p_waves_are_an_error_that_names_the_recordings(make_record):
    records = [
        make_record(record_id="1"),
        make_record("(N)(t)", record_id="af"),
        make_record("(N)(t)"),
    ]
    with pytest.raises(ValueError, match=r"2 of 3 .*record af \(I_P_onset.*position 2"):
        AnnotationFeatures().fit_transform(records)
    transformer = AnnotationFeatures().fit(records[:1])
    with pytest.raises(ValueError, match="record af"):
        transformer.transform(records)


def test_missing_p_waves_as_nan_or_a_number(make_record):
    records = [make_record(), make_record("(N)(t)")]
    absent = np.zeros((2, 108), dtype=bool)
    absent[1] = np.tile([False] * 6 + [True] * 3, 12)
    with_nan = AnnotationFeatures(missing="nan").fit_transform(records)
    assert_array_equal(np.isnan(with_nan), absent)
    filled = AnnotationFeatures(missing=-0.5).fit_transform(records)
    assert_array_equal(filled, np.where(absent, -0.5, with_nan))


def test_missing_p_waves_as_the_mean_over_the_training_recordings(make_record):
    training = [make_record(seed=1), make_record(seed=2), make_record("(N)(t)")]
    test = [make_record(seed=3), make_record("(N)(t)", seed=4)]
    transformer = AnnotationFeatures(missing="mean").fit(training)
    known = AnnotationFeatures().fit_transform(training[:2])
    p = np.tile([False] * 6 + [True] * 3, 12)
    assert_allclose(transformer.transform(test)[1, p], known.mean(axis=0)[p])
    assert_allclose(transformer.means_[p], known.mean(axis=0)[p])
    assert_array_equal(
        transformer.transform(test)[0], AnnotationFeatures().fit_transform(test[:1])[0]
    )
    with pytest.raises(ValueError, match="no recording has I_P_onset"):
        AnnotationFeatures(missing="mean").fit(training[2:])


def test_missing_p_waves_as_the_level_before_the_qrs():
    signal = np.zeros(1000)
    signal[[0, 1]] = 1, -1
    signal[91:101] = 0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.4, 0.3, 0.2, 0.1
    signal[391:401] = 0.7
    signal[691:701] = 0.9
    marks = Annotations(
        [100, 120, 140, 160, 180, 200, 400, 420, 440, 700, 720, 740], [*"(N)(t)(N)(N)"]
    )
    record = ECGRecord(signal, 500, ["II"], delineation={"II": marks})
    features = AnnotationFeatures(leads=["II"], missing="baseline").fit_transform([record])[0]
    assert_allclose(features[6:], (0.7 + 1) / 2)


@pytest.mark.parametrize("missing", ["error", "mean", "baseline", 0.0])
@pytest.mark.parametrize(
    ("text", "lacks"), [("(N)", "T onset, T peak, T offset"), ("N)(t)(p)", "QRS onset")]
)
def test_malformed_recordings_are_refused_by_id(make_record, missing, text, lacks):
    broken = make_record(marks={"V2": annotations(text)}, record_id="b7")
    with pytest.raises(ValueError, match=rf"1 of 2 .*record b7 has no {lacks} in V2\. Drop"):
        AnnotationFeatures(missing=missing).fit([make_record(), broken])


def test_malformed_recordings_pass_as_nan(make_record):
    broken = make_record(marks={"V2": annotations("(N)")})
    frame = AnnotationFeatures(missing="nan").set_output(transform="pandas").fit_transform([broken])
    absent = frame.columns[frame.isna().any()].tolist()
    assert absent == [f"V2_{name}" for name in NAMES[3:]]


def test_validate_records_cuts_everything_alike(make_record):
    broken = make_record(marks={"V2": annotations("(N)")}, record_id="b7")
    records = [make_record(record_id="a"), broken, make_record("(N)(t)", record_id="c")]
    with pytest.warns(UserWarning, match=r"dropped 1 of 3 .*record b7 has no T onset.* in V2"):
        kept, y, groups, nothing = validate_records(
            records, np.array([0, 1, 2]), ["p", "q", "r"], None
        )
    assert [r.record_id for r in kept] == ["a", "c"]
    assert_array_equal(y, [0, 2])
    assert groups == ["p", "r"]
    assert nothing is None
    assert len(validate_records(records, leads=["I", "II"])) == 3


def test_validate_records_refuses_lengths_that_differ(make_record):
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        validate_records([make_record()], [0, 1])


@pytest.mark.filterwarnings("ignore:dropped")
def test_validate_records_as_a_sampler_in_a_pipeline(make_record):
    broken = make_record(marks={"V2": annotations("(N)")})
    records = [make_record(seed=i) for i in range(9)] + [broken]
    pipeline = make_pipeline(
        FunctionSampler(func=validate_records, validate=False),
        AnnotationFeatures(missing="nan"),
        SimpleImputer(),
        LogisticRegression(),
    )
    pipeline.fit(records, np.arange(10) % 2)
    assert len(pipeline[2].statistics_) == 108
    assert pipeline.predict(records).shape == (10,)


def test_in_a_union_under_cross_validation(make_record):
    records = [make_record(seed=i, age=30 + i, sex="male") for i in range(12)]
    model = make_pipeline(make_union(AnnotationFeatures(), Demographics()), LogisticRegression())
    assert model[0].fit_transform(records).shape == (12, 117)
    assert cross_val_score(model, records, np.arange(12) % 2, cv=3).shape == (3,)


def test_delineator_fills_in_for_absent_marks(make_record):
    whole = make_record()
    bare = ECGRecord(whole.signal, 500, LEADS, delineation={"V1": whole.delineation["V1"]})
    with pytest.raises(ValueError, match=r"has no delineation of I, II.*pass a delineator"):
        AnnotationFeatures().fit([bare])

    def delineator(record):
        # Another opinion on V1, which has its own marks.
        return {**whole.delineation, "V1": annotations("(N)(t)(p)", first=500)}

    filled = AnnotationFeatures(delineator=delineator).fit_transform([bare])
    assert_array_equal(filled, AnnotationFeatures().fit_transform([whole]))
    with pytest.raises(ValueError, match="has no delineation of II"):
        AnnotationFeatures(leads=["II"], delineator=lambda record: {}).fit([bare])


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([], "at least one ECGRecord, got none"),
        (np.zeros((3, 100)), "got ndarray at position 0"),
        (7, "must be a list of ECGRecord, got int"),
        (["100", one_lead("(N)(t)(p)")], "got str at position 0"),
        (one_lead("(N)(t)(p)"), r"got one ECGRecord: pass \[record\]"),
        ([one_lead("(N)(t)(p)", record_id="7")], "record 7 lacks lead I, III.*it has II"),
    ],
)
def test_what_is_no_list_of_recordings_is_refused(records, message):
    with pytest.raises(ValueError, match=message):
        AnnotationFeatures().fit(records)


def test_signal_with_missing_samples_is_refused():
    signal = np.zeros(1000)
    signal[5] = np.nan
    record = one_lead("(N)(t)(p)", signal, record_id="7")
    with pytest.raises(ValueError, match="record 7 has missing samples"):
        AnnotationFeatures(leads=["II"]).fit([record])


def test_leads_that_are_not_looked_at_may_lack_samples(make_record):
    whole = make_record()
    signal = np.where(np.arange(12) == LEADS.index("V6"), np.nan, whole.signal)
    broken = ECGRecord(signal, 500, LEADS, delineation=whole.delineation)
    features = AnnotationFeatures(leads=["II", "V1"])
    assert_array_equal(features.fit_transform([broken]), features.fit_transform([whole]))


def test_no_leads_are_refused(make_record):
    with pytest.raises(ValueError, match="leads must name at least one lead"):
        AnnotationFeatures(leads=[]).fit([make_record()])


@pytest.mark.parametrize(
    "parameters", [{"missing": "zero"}, {"missing": None}, {"leads": 3}, {"delineator": "nk"}]
)
def test_wrong_parameters_are_refused(parameters, make_record):
    with pytest.raises(ValueError, match=f"The '{next(iter(parameters))}' parameter"):
        AnnotationFeatures(**parameters).fit([make_record()])


@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_scikit_learns_conventions(make_record):
    check_estimator(AnnotationFeatures())
    records = [make_record(seed=i) for i in range(3)]
    transformer = clone(AnnotationFeatures(leads=["V1", "II"], missing="mean")).fit(records)
    again = pickle.loads(pickle.dumps(transformer))
    assert_array_equal(again.transform(records), transformer.transform(records))
    assert_array_equal(transformer.fit_transform(records), transformer.transform(records))


@pytest.mark.real_data
def test_values_of_ludb_by_hand(ludb):
    # From the bytes of 1.dat, 1.i, 116.dat and 116.i, without this library or wfdb. Lead I of
    # record 1 reaches from -182 to 1534 and is -70, -65, -53, -55, -70 and -57 at the QRS onsets
    # 641, 1324, 1980, 2624, 3297 and 3953. Record 116 begins with a P wave.
    records = [ludb.records[0], ludb.records[115]]
    expected = [
        [0.070124, 0.947455, 0.062549, 0.049767, 0.227622, 0.108159, 0.091725, 0.151865, 0.084033],
        [0.184161, 0.895031, 0.099214, 0.026830, 0.348869, 0.208641, 0.200454, 0.302829, 0.178569],
    ]
    features = AnnotationFeatures(leads=["I"]).fit_transform(records)
    assert_allclose(features, expected, atol=2e-6)


@pytest.mark.real_data
def test_ludb_has_three_malformed_recordings_and_21_without_p_waves(ludb):
    with pytest.warns(UserWarning, match="dropped 3 of 200"):
        kept, y = validate_records(ludb.records, ludb.target)
    dropped = {r.record_id for r in ludb.records} - {r.record_id for r in kept}
    assert dropped == {"38", "104", "112"}
    features = AnnotationFeatures(missing="nan").fit_transform(kept)
    assert features.shape == (197, 108)
    assert np.isnan(features).all(axis=1).sum() == 0
    assert np.isnan(features).any(axis=1).sum() == 21
    assert len(y) == 197
