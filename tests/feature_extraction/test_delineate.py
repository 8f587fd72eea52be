import sys

import numpy as np
import pytest

from skecg import ECGRecord
from skecg.feature_extraction import AnnotationFeatures, delineate
from skecg.feature_extraction._marks import OFFSET, ONSET, PEAK, QRS, P, T, wave_marks

pytest.importorskip("neurokit2")

FS = 500
R_PEAKS = np.arange(300, 4800, 450)


def heart(scale=1.0, wave=1.0, n_timesteps=5000, shift=0):
    """P, QRS and T of Gaussians, 80 ms before, at and 140 ms after each R peak."""
    t = np.arange(n_timesteps)[:, np.newaxis] - (R_PEAKS + shift)
    bump = lambda centre, width: np.exp(-(((t - centre) / width) ** 2)).sum(axis=1)  # noqa: E731
    signal = wave * (0.15 * bump(-80, 12) + 0.3 * bump(140, 25)) + bump(0, 8) - 0.2 * bump(18, 7)
    noise = np.random.default_rng(0).normal(scale=0.003, size=n_timesteps)
    return scale * signal + noise


@pytest.mark.parametrize("scale", [1.0, -1.0])
def test_waves_are_found_where_they_are(scale):
    record = ECGRecord(heart(scale), FS, ["II"])
    waves = wave_marks(delineate(record), ["II"])
    qrs = waves.select(QRS, ONSET, PEAK, OFFSET).position
    inner = qrs[(qrs[:, PEAK] > 600) & (qrs[:, PEAK] < 4400)]
    assert np.abs(inner[:, PEAK, np.newaxis] - R_PEAKS).min(axis=1).max() <= 2
    assert len(inner) == 9
    assert np.all((inner[:, ONSET] < inner[:, PEAK]) & (inner[:, PEAK] < inner[:, OFFSET]))
    for wave, place in ((P, -80), (T, 140)):
        peaks = waves.select(wave, PEAK).position[:, PEAK]
        distance = np.abs(peaks[:, np.newaxis] - (R_PEAKS + place)).min(axis=0)
        assert np.median(distance) <= 5


def test_peaks_are_moved_in_each_lead_to_its_own_largest_deflection():
    record = ECGRecord(np.column_stack([heart(), heart(shift=20)]), FS, ["II", "V1"])
    marks = delineate(record)
    peaks = {lead: wave_marks(marks, [lead]).select(QRS).position[:, PEAK] for lead in marks}
    assert np.median(peaks["V1"] - peaks["II"]) == pytest.approx(20, abs=2)


def test_given_r_peaks_are_used():
    marks = delineate(ECGRecord(heart(), FS, ["X"]), r_peaks=R_PEAKS[2:5] + 7)["X"]
    peaks = wave_marks({"X": marks}, ["X"]).select(QRS).position[:, PEAK]
    np.testing.assert_allclose(peaks, R_PEAKS[2:5], atol=2)


@pytest.mark.parametrize("method", ["prominence", "dwt", "cwt"])
def test_every_method_gives_marks_that_can_be_read(method):
    marks = delineate(ECGRecord(heart(), FS, ["II"]), method=method)["II"]
    assert np.all(np.diff(marks.sample) >= 0)
    assert len(wave_marks({"II": marks}, ["II"]).select(QRS, PEAK).lead) == len(R_PEAKS)


def test_a_flat_lead_has_no_marks():
    record = ECGRecord(np.zeros(5000), FS, ["II"])
    assert len(delineate(record)["II"]) == 0


def test_as_delineator():
    record = ECGRecord(heart(), FS, ["II"])
    features = AnnotationFeatures(leads=["II"], delineator=delineate).set_output(transform="pandas")
    found = features.fit_transform([record]).iloc[0]
    assert found["II_QRS_peak"] > 0.9
    assert found["II_QRS_onset"] < found["II_T_peak"] < found["II_QRS_peak"]


def test_bad_input():
    with pytest.raises(ValueError, match="missing samples"):
        delineate(ECGRecord(np.r_[np.nan, heart()], FS, ["II"]))
    with pytest.raises(ValueError, match=r"at least 2 s long, got 1\.6 s"):
        delineate(ECGRecord(heart(n_timesteps=800), FS, ["II"]))
    with pytest.raises(ValueError, match="The 'method' parameter"):
        delineate(ECGRecord(heart(), FS, ["II"]), method="magic")
    with pytest.raises(ValueError, match="The 'record' parameter"):
        delineate(heart())


def test_without_neurokit2_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "neurokit2", None)
    with pytest.raises(ImportError, match=r"pip install 'skecg\[delineation\]'"):
        delineate(ECGRecord(heart(), FS, ["II"]))


@pytest.mark.real_data
def test_ludb_against_the_cardiologists(ludb):
    lead = "II"
    found = expected = 0
    errors = {ONSET: [], OFFSET: []}
    for record in ludb.records[::10]:
        own = wave_marks(record.delineation, [lead]).select(QRS, ONSET, PEAK, OFFSET).position
        ours = wave_marks(delineate(record.select_leads([lead])), [lead])
        ours = ours.select(QRS, ONSET, PEAK, OFFSET).position
        expected += len(own)
        for mark in own:
            near = ours[np.abs(ours[:, PEAK] - mark[PEAK]) < 0.15 * FS]
            found += len(near) > 0
            for point, error in errors.items():
                error += (near[:1, point] - mark[point]).tolist()
    assert found / expected > 0.95
    # Milliseconds, on average over about 150 beats.
    assert np.abs(np.mean(errors[ONSET])) * 1000 / FS < 20
    assert np.abs(np.mean(errors[OFFSET])) * 1000 / FS < 30
