import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from skecg import ECGRecord
from skecg.feature_extraction import VoltageFeatures, voltage_criteria
from skecg.recordings import Annotations
from tests.feature_extraction.conftest import LEADS

NAMES = ("P", "Q", "R", "S", "ST", "T", "QRS_duration")

# P at 60, QRS from 100 to 140 with Q, R and S at 105, 115 and 130, ST at 170, T at 240; and again
# 400 samples later.
BEAT = {"P": 60, "Q": 105, "R": 115, "S": 130, "ST": 170, "T": 240}
MARKS = [50, 60, 70, 100, 115, 140, 200, 240, 260]
BEATS = Annotations([*MARKS, *(np.array(MARKS) + 400)], [*"(p)(N)(t)(p)(N)(t)"])


def lead(level=0.0, **amplitudes):
    signal = np.full(1000, level, dtype=float)
    for wave, amplitude in amplitudes.items():
        signal[[BEAT[wave], BEAT[wave] + 400]] += amplitude
    return signal


def record(sex="male", fs=500, marks=None, **leads):
    signal = np.column_stack([leads.get(name, lead()) for name in LEADS])
    delineation = dict.fromkeys(LEADS, BEATS) | (marks or {})
    return ECGRecord(signal, fs, LEADS, delineation=delineation, sex=sex)


def features(*records, **parameters):
    transformer = VoltageFeatures(**parameters).set_output(transform="pandas")
    return transformer.fit_transform(records)


def of_lead(name, *records, **parameters):
    frame = features(*records, **parameters)
    return {c: frame[f"{name}_{c}"].iloc[0] for c in NAMES}


@pytest.mark.parametrize("level", [0.0, -0.7, 3.0])
def test_amplitudes_count_from_the_isoelectric_level(level):
    waves = {"P": -0.1, "Q": -0.2, "R": 1.5, "S": -0.6, "ST": 0.15, "T": -0.3}
    found = of_lead("V4", record(V4=lead(level, **waves)))
    expected = {"P": -0.1, "Q": 0.2, "R": 1.5, "S": 0.6, "ST": 0.15, "T": -0.3, "QRS_duration": 80}
    assert found == pytest.approx(expected, abs=1e-6)


def test_baseline_wander_is_followed():
    wander = np.linspace(0, 4, 1000)
    found = of_lead("V4", record(V4=lead(P=0.1, R=1.0, T=0.3) + wander))
    assert found["R"] == pytest.approx(1.0, abs=0.13)
    # Between the two beats, at 240 and 460, where the level is known from both sides.
    middle = lead(R=1.0) + wander
    middle[240] += 0.3
    marks = Annotations([100, 115, 140, 200, 240, 260, 500, 515, 540], [*"(N)(t)(N)"])
    found = of_lead("V4", record(V4=middle, marks={"V4": marks}), missing=0.0)
    assert found["T"] == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize(
    ("waves", "q", "r", "s"),
    [
        ({"Q": -0.4, "R": 1.0}, 0.4, 1.0, 0),
        ({"R": 0.3, "S": -1.2}, 0, 0.3, 1.2),
        ({"S": -1.2}, 0, 0, 1.2),
        ({"Q": -1.2}, 0, 0, 1.2),
        ({}, 0, 0, 0),
    ],
    ids=["qR", "rS", "QS", "QS early", "flat"],
)
def test_shapes_of_the_qrs_complex(waves, q, r, s):
    found = of_lead("V1", record(V1=lead(**waves)))
    assert [found["Q"], found["R"], found["S"]] == pytest.approx([q, r, s], abs=1e-6)


def test_qs_that_ends_above_the_baseline_has_no_r():
    signal = lead(S=-1.2)
    for start in (0, 400):
        signal[start + 140 : start + 180] = 0.2
    found = of_lead("V1", record(V1=signal))
    assert [found["Q"], found["R"], found["S"]] == pytest.approx([0, 0, 1.2])


def test_medians_over_the_beats_of_unequal_width():
    signal = np.zeros(1000)
    signal[[110, 310, 525]] = 1.0, 3.0, 2.0
    marks = Annotations([100, 110, 120, 300, 310, 340, 500, 525, 560], [*"(N)(N)(N)"])
    found = of_lead("V5", record(V5=signal, marks={"V5": marks}), missing="nan")
    assert found["R"] == pytest.approx(2.0)
    assert found["QRS_duration"] == pytest.approx(80)
    assert np.isnan(found["T"])
    assert np.isnan(found["P"])


def test_durations_follow_the_sampling_rate():
    frame = features(record(fs=250))
    assert frame["V2_QRS_duration"].tolist() == [160]


def test_voltages():
    people = [
        record(
            sex=sex,
            V1=lead(R=0.2, S=-1.1),
            V3=lead(R=0.4, S=-1.3),
            V4=lead(S=-0.5, R=1.0),
            V5=lead(R=2.0),
            V6=lead(R=2.2),
            aVL=lead(R=0.9),
        )
        for sex in ("male", "female")
    ]
    frame = features(*people)
    assert frame["sokolow_lyon"].tolist() == pytest.approx([3.3, 3.3])
    assert frame["cornell"].tolist() == pytest.approx([2.2, 3.0])
    assert frame["cornell_product"].tolist() == pytest.approx([2.2 * 80, 3.0 * 80])
    assert frame["peguero_lo_presti"].tolist() == pytest.approx([1.8, 1.8])


def test_qrs_duration_of_the_product_is_over_all_leads_but_for_a_single_stray_one():
    wide = Annotations([90, 115, 150, 490, 515, 550], [*"(N)(N)"])
    wider = Annotations([60, 115, 190, 460, 515, 590], [*"(N)(N)"])
    tall = lead(R=1.0)
    frame = features(record(aVL=tall, marks={"I": wide, "V6": wide, "V2": wider}), missing=0.0)
    assert frame["cornell_product"].tolist() == pytest.approx([120])


def test_names():
    names = VoltageFeatures().fit([record()]).get_feature_names_out().tolist()
    assert names[:8] == [
        *(f"I_{name}" for name in NAMES),
        "II_P",
    ]
    assert names[84:] == ["sokolow_lyon", "cornell", "cornell_product", "peguero_lo_presti"]


def test_what_is_missing_is_refused_or_filled_as_asked():
    unknown_sex = record(sex=None, aVL=lead(R=1.0))
    with pytest.raises(ValueError, match=r"position 0 \(cornell, cornell_product\)"):
        features(unknown_sex)
    assert np.isnan(features(unknown_sex, missing="nan")["cornell"].iloc[0])
    assert features(unknown_sex, missing=-1)["cornell"].tolist() == [-1]
    known = record(aVL=lead(R=2.0))
    assert features(known, unknown_sex, missing="mean")["cornell"].tolist() == pytest.approx([2, 2])
    no_t = Annotations([100, 115, 140], [*"(N)"])
    with pytest.raises(ValueError, match=r"\(V2_P, V2_T\)"):
        features(record(marks={"V2": no_t}))
    no_qrs = Annotations([50, 60, 70], [*"(p)"])
    frame = features(record(marks={"V3": no_qrs}), missing="nan")
    assert frame.columns[frame.isna().any()].tolist() == [
        *(f"V3_{name}" for name in NAMES),
        *("cornell", "cornell_product", "peguero_lo_presti"),
    ]


def test_marks_at_the_ends_of_the_recording():
    marks = Annotations([0, 5, 30, 960, 970, 999], [*"(N)(N)"])
    frame = features(record(marks=dict.fromkeys(LEADS, marks), aVL=lead(R=1.0)), missing="nan")
    assert frame["aVL_ST"].notna().all()


@pytest.mark.parametrize(
    ("sex", "expected"),
    [
        ("male", {"sokolow_lyon": True, "cornell": False, "peguero_lo_presti": False}),
        ("female", {"sokolow_lyon": True, "cornell": True, "peguero_lo_presti": True}),
        (None, {"sokolow_lyon": True, "cornell": None, "peguero_lo_presti": None}),
    ],
)
def test_criteria(sex, expected):
    person = record(
        sex=sex,
        aVL=lead(R=1.0),
        V1=lead(S=-1.5),
        V3=lead(S=-1.4, R=0.2),
        V4=lead(S=-0.9, R=1.0),
        V6=lead(R=2.1),
    )
    found = voltage_criteria(person)
    assert {name: found[name].met for name in expected} == expected
    assert found["sokolow_lyon"][:3] == pytest.approx((3.6, 3.5, "mV"))
    assert found["cornell"].value == pytest.approx(2.4)
    assert found["cornell"].limit == pytest.approx(
        {"male": 2.8, "female": 2.0, None: np.nan}[sex], nan_ok=True
    )
    assert found["peguero_lo_presti"].value == pytest.approx(2.4)
    assert found["sokolow_lyon_avl"][:3] == pytest.approx((1.0, 1.1, "mV"))
    assert found["sokolow_lyon_avl"].met is False
    product = {"male": 2.4 * 80, "female": 3.2 * 80, None: np.nan}[sex]
    assert found["cornell_product"][:3] == pytest.approx((product, 244, "mV ms"), nan_ok=True)
    assert found["cornell_product"].met is {"male": False, "female": True, None: None}[sex]


def test_criteria_are_met_from_the_limit_on_and_cornells_above_it():
    assert voltage_criteria(record(V5=np.float64(lead(R=3.5))))["sokolow_lyon"].met is True
    assert voltage_criteria(record(V5=lead(R=3.49)))["sokolow_lyon"].met is False
    assert voltage_criteria(record(aVL=lead(R=1.1)))["sokolow_lyon_avl"].met is True
    assert voltage_criteria(record(V4=lead(S=-1.4)))["peguero_lo_presti"].met is True
    assert voltage_criteria(record(aVL=lead(R=2.8)))["cornell"].met is False
    assert voltage_criteria(record(aVL=lead(R=2.81)))["cornell"].met is True
    # 80 ms: 3.05 mV are 244 mV ms.
    assert voltage_criteria(record(aVL=lead(R=3.05)))["cornell_product"].met is False
    assert voltage_criteria(record(aVL=lead(R=3.06)))["cornell_product"].met is True


def test_criteria_need_the_leads_and_marks():
    with pytest.raises(ValueError, match="lacks lead aVR"):
        voltage_criteria(record().select_leads(["I", "II", "III"]))
    with pytest.raises(ValueError, match="record must be an ECGRecord, got list"):
        voltage_criteria([record()])
    bare = ECGRecord(np.zeros((1000, 12)), 500, LEADS)
    with pytest.raises(ValueError, match="no delineation"):
        voltage_criteria(bare)
    found = voltage_criteria(bare, delineator=lambda record: dict.fromkeys(LEADS, BEATS))
    assert found["cornell"].value == 0


@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_scikit_learns_conventions():
    check_estimator(VoltageFeatures())
    with pytest.raises(ValueError, match="The 'missing' parameter"):
        clone(VoltageFeatures(missing="baseline")).fit([record()])


@pytest.mark.real_data
def test_ludb(ludb):
    frame = features(*ludb.records, missing="nan")
    assert frame.shape == (200, 88)
    known = frame.drop(columns=frame.filter(regex="_P$|_T$").columns)
    assert known.isna().any(axis=1).sum() == 1
    healthy = frame[ludb.target == 0]
    # Usual voltages of adults: Macfarlane and Lawrie, Comprehensive Electrocardiology.
    assert_allclose(healthy[["V5_R", "V1_S"]].mean(), [1.3, 1.0], atol=0.1)
    met = voltage_criteria(ludb.records[89])
    assert set(met) == {
        *("sokolow_lyon", "sokolow_lyon_avl", "cornell", "cornell_product", "peguero_lo_presti")
    }
