import numpy as np
import pytest
from sklearn.utils.estimator_checks import check_estimator

from skecg import ECGRecord
from skecg.feature_extraction import IntervalFeatures
from skecg.recordings import Annotations
from tests.feature_extraction.conftest import LEADS

# P from 50 to 90, QRS from 130 to 175, T from 230 to 320; the next beat 400 later.
MARKS = [50, 70, 90, 130, 150, 175, 230, 280, 320]


def beats(*starts, marks=MARKS, symbols="(p)(N)(t)"):
    sample = np.concatenate([np.array(marks) + start for start in starts])
    return Annotations(sample, [*symbols] * len(starts))


def record(marks=None, fs=500, i=0.0, avf=0.0):
    signal = np.zeros((2000, 12))
    for start in (0, 400, 900):
        signal[start + 131 : start + 175, LEADS.index("I")] = i
        signal[start + 131 : start + 175, LEADS.index("aVF")] = avf
    delineation = dict.fromkeys(LEADS, beats(0, 400, 900)) | (marks or {})
    return ECGRecord(signal, fs, LEADS, delineation=delineation)


def features(*records, **parameters):
    transformer = IntervalFeatures(**parameters).set_output(transform="pandas")
    return transformer.fit_transform(records)


def test_intervals():
    found = features(record())
    assert found.columns.tolist() == ["RR", "P_duration", "PR", "QRS_duration", "QT", "axis"]
    assert found.iloc[0, :5].tolist() == pytest.approx([900, 80, 160, 90, 380])
    assert features(record(fs=1000)).iloc[0, :5].tolist() == pytest.approx([450, 40, 80, 45, 190])


def test_a_wave_lasts_while_two_leads_have_it():
    early, late = np.array(MARKS), np.array(MARKS)
    early[3] -= 10
    late[5] += 20
    early, late = (beats(0, 400, 900, marks=marks) for marks in (early, late))
    marks = {"I": early, "V1": early, "V2": late}
    assert features(record(marks))["QRS_duration"].tolist() == [110]
    marks["V3"] = late
    assert features(record(marks))["QRS_duration"].tolist() == [150]


@pytest.mark.parametrize(
    ("i", "avf", "axis"),
    [(1, 0, 0), (1, np.sqrt(3) / 2, 45), (0, 1, 90), (-1, 0, 180), (1, -np.sqrt(3) / 2, -45)],
)
def test_axis(i, avf, axis):
    found = features(record(i=i, avf=avf))["axis"].iloc[0]
    assert found == pytest.approx(axis, abs=1e-6)


def test_without_p_waves():
    bare = dict.fromkeys(LEADS, beats(0, 400, marks=MARKS[3:], symbols="(N)(t)"))
    with pytest.raises(ValueError, match=r"position 1 \(P_duration, PR\)"):
        features(record(), record(bare))
    found = features(record(), record(bare), missing="mean")
    assert found["PR"].tolist() == pytest.approx([160, 160])
    assert features(record(bare), missing="nan")["PR"].isna().all()


def test_waves_of_other_beats_do_not_count():
    # The P wave of a beat long ago and the T wave of a beat to come.
    marks = Annotations([50, 70, 90, 430, 450, 475, 930, 980, 1020], [*"(p)(N)(t)"])
    found = features(record(dict.fromkeys(LEADS, marks)), missing="nan")
    assert found[["PR", "QT"]].isna().all(axis=None)


def test_one_beat_has_no_rr():
    found = features(record(dict.fromkeys(LEADS, beats(0))), missing="nan")
    assert np.isnan(found["RR"].iloc[0])
    assert found["QT"].tolist() == pytest.approx([380])


@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_scikit_learns_conventions():
    check_estimator(IntervalFeatures())


@pytest.mark.real_data
def test_ludb(ludb):
    found = features(*ludb.records, missing="nan")
    known = found.dropna()
    # Plausible for a hospital's patients, and for the axes that its cardiologists state.
    assert known["RR"].between(400, 1600).all()
    assert known["PR"].between(100, 300).all()
    assert known["QT"].between(300, 600).all()
    axis = found["axis"]
    medians = {name: axis[ludb.axis == name].median() for name in np.unique(ludb.axis)}
    assert 40 < medians["normal"] < 70 < medians["vertical"] < 100
    assert 0 < medians["horizontal"] < 40
    assert medians["left axis deviation"] < 0
