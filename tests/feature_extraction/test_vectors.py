import numpy as np
import pytest
from sklearn.utils.estimator_checks import check_estimator

from skecg import ECGRecord
from skecg.feature_extraction import VectorFeatures
from skecg.recordings import Annotations
from tests.feature_extraction.conftest import LEADS

USED = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]


def record(qrs, t, fs=500, symbols="(N)(t)", level=0.0, leads=LEADS):
    """Two beats; QRS complexes of 40 and T waves of 100 samples, as high as given by lead."""
    signal = np.full((1200, len(leads)), float(level))
    for start in (0, 500):
        for wave, begin, end in ((qrs, 100, 140), (t, 200, 300)):
            for lead, height in wave.items():
                signal[start + begin : start + end, leads.index(lead)] += height
    sample = np.array([99, 120, 140, 199, 250, 300])[: len(symbols)]
    marks = Annotations(np.concatenate([sample, sample + 500]), [*symbols] * 2)
    return ECGRecord(signal, fs, leads, delineation=dict.fromkeys(leads, marks))


def features(*records, **parameters):
    transformer = VectorFeatures(**parameters).set_output(transform="pandas")
    return transformer.fit_transform(records).iloc[-1]


def test_kors_regression_by_hand():
    found = features(record({"I": 1.0, "V6": 2.0}, {"V2": -1.0}))
    # 40 samples at 500 Hz are 80 ms, 100 samples 200 ms.
    assert found[["QRS_x", "QRS_y", "QRS_z"]].tolist() == pytest.approx(
        [80 * (0.38 + 2 * 0.54), 80 * (-0.07 + 2 * 0.13), 80 * (0.11 + 2 * 0.31)]
    )
    assert found[["T_x", "T_y", "T_z"]].tolist() == pytest.approx(
        [200 * -0.05, 200 * 0.02, 200 * 0.06]
    )
    assert found["QRS_magnitude"] == pytest.approx(np.linalg.norm([1.46, 0.19, 0.73]))
    assert features(record({"I": 1.0}, {"I": 1.0}, fs=1000))["QRS_x"] == pytest.approx(40 * 0.38)


@pytest.mark.parametrize(("t", "angle"), [({"II": 0.3}, 0), ({"II": -0.3}, 180)])
def test_angle_of_one_lead(t, angle):
    assert features(record({"II": 1.0}, t))["QRS_T_angle"] == pytest.approx(angle, abs=1e-3)


def test_angle_between_two_leads():
    a, b = np.array([0.38, -0.07, 0.11]), np.array([-0.13, 0.06, -0.43])
    expected = np.degrees(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
    assert features(record({"I": 1.0}, {"V1": 0.2}))["QRS_T_angle"] == pytest.approx(expected)


def test_all_counts_from_the_isoelectric_level():
    plain, shifted = (features(record({"V3": 1.0}, {"II": 0.2}, level=v)) for v in (0, 5))
    assert shifted.tolist() == pytest.approx(plain.tolist(), abs=1e-9)


def test_the_isoelectric_level_is_of_20_ms():
    plain = record({"V3": 1.0}, {"II": 0.2})
    for before, same in ((10, True), (9, False)):  # at 500 Hz; the onset is at 99
        earlier = record({"V3": 1.0}, {"II": 0.2})
        earlier.signal[[99 - before, 599 - before]] += 1
        assert np.allclose(features(earlier), features(plain)) == same


def test_eight_leads_will_do():
    few = features(record({"V1": 1.0}, {"V2": 0.2}, leads=tuple(USED)))
    assert few.tolist() == features(record({"V1": 1.0}, {"V2": 0.2})).tolist()
    with pytest.raises(ValueError, match="V6"):
        features(record({}, {}, leads=tuple(USED[:-1])))


def test_without_t_waves():
    bare = record({"I": 1.0}, {}, symbols="(N)")
    with pytest.raises(ValueError, match=r"position 0 \(QRS_T_angle, T_x, T_y"):
        features(bare)
    found = features(bare, missing="nan")
    assert found[["QRS_T_angle", "T_x", "T_y", "T_z"]].isna().all()
    assert found["QRS_x"] > 0
    whole = record({"I": 1.0}, {"I": 0.1})
    assert features(whole, bare, missing="mean")["T_x"] == pytest.approx(200 * 0.1 * 0.38)


def test_a_flat_recording_has_no_angle():
    found = features(record({}, {}), missing="nan")
    assert np.isnan(found["QRS_T_angle"])
    assert found["QRS_magnitude"] == 0
    for level in (0.1, np.float32(1.735)):  # sums of these are rounded
        flat_t = record({"I": 1.0}, {}, level=level)
        assert np.isnan(features(flat_t, missing="nan")["QRS_T_angle"])


def test_a_failed_fit_leaves_the_means():
    bare, whole = record({"I": 1.0}, {}, symbols="(N)"), record({"I": 1.0}, {"I": 0.1})
    transformer = VectorFeatures(missing="mean").fit([whole])
    with pytest.raises(ValueError, match="no recording has QRS_T_angle, T_x"):
        transformer.fit([bare])
    assert not np.isnan(transformer.transform([bare])).any()
    without_means = VectorFeatures(missing="nan").fit([bare]).set_params(missing="mean")
    with pytest.raises(ValueError, match="no recording has QRS_T_angle, T_x"):
        without_means.transform([bare])


@pytest.mark.parametrize(
    ("found", "match"),
    [
        (Annotations([99, 120, 1200], [*"(N)"]), "marks of I outside the 1200 samples"),
        (Annotations([-1, 120, 140], [*"(N)"]), "marks of I outside the 1200 samples"),
        ("(N)", "must return Annotations for I"),
    ],
)
def test_what_a_delineator_returns_is_checked(found, match):
    unmarked = ECGRecord(np.zeros((1200, len(LEADS))), 500, LEADS)
    with pytest.raises(ValueError, match=match):
        features(unmarked, delineator=lambda record: dict.fromkeys(LEADS, found))


@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_scikit_learns_conventions():
    check_estimator(VectorFeatures())


@pytest.mark.real_data
def test_ludb(ludb):
    transformer = VectorFeatures(missing="nan").set_output(transform="pandas")
    found = transformer.fit_transform(ludb.records)
    assert (found["QRS_x"] > 0).mean() > 0.9  # the heart's vector points left in nearly everybody
    assert found["QRS_magnitude"].between(0.5, 4).all()
    # Hypertrophy of the left ventricle: more of the QRS complex to the left, less of the T wave.
    with_lvh, without = (found[ludb.target == k].median() for k in (1, 0))
    assert with_lvh["QRS_x"] > without["QRS_x"] + 5
    assert with_lvh["T_x"] < without["T_x"] - 5
