from dataclasses import replace

import numpy as np
import pytest

from skecg import ECGRecord
from skecg.datasets import make_recordings
from skecg.feature_extraction import BeatContextSegmenter, RRFeatures
from skecg.preprocessing import BeatSegmenter

N_TIMESTEPS = 100


@pytest.fixture(scope="module")
def record():
    return make_recordings(1, duration=60, class_weights={"N": 8, "V": 2}, random_state=0)[0]


@pytest.fixture(scope="module")
def beats(record):
    return BeatContextSegmenter().segment(record)


def waves(data, n_leads=1):
    return data[:, :-10].reshape(len(data), N_TIMESTEPS, n_leads, 2)


def test_waveforms_and_their_difference_from_the_usual_beat(record, beats):
    cut = BeatSegmenter(window=(0.3, 0.5), scaling=None).segment(record)
    levelled = cut.data - np.median(cut.data, axis=1, keepdims=True)
    usual = np.median(levelled, axis=0)
    beat, difference = np.moveaxis(waves(beats.data)[:, :, 0], -1, 0)
    np.testing.assert_allclose(beat, levelled / usual.std(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(difference, (levelled - usual) / usual.std(), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(beats.index, cut.index)
    assert beats.n_dropped == cut.n_dropped


def test_rhythm(record, beats):
    peaks = record.annotations.beats().sample
    expected = RRFeatures(fs=record.fs).fit_transform(peaks[:, np.newaxis])[beats.index]
    np.testing.assert_allclose(beats.data[:, -10:], expected, rtol=1e-4)


def test_gain_and_offset_do_not_matter(record, beats):
    louder = replace(record, signal=record.signal * 3 + 1)
    np.testing.assert_allclose(BeatContextSegmenter().segment(louder).data, beats.data, atol=1e-3)


def test_a_pause_does_not_spoil_the_mean_of_the_record(record):
    peaks = record.annotations.beats().sample
    gap = np.r_[peaks[:10], peaks[-10:]]
    found = BeatContextSegmenter().segment(record, gap).data
    own = NAMES.index("pre_rr")
    assert found[:, -10 + own].max() == 3
    assert found[0, -10 + NAMES.index("record_rr")] < 1.3


NAMES = RRFeatures().fit([[0.0]]).get_feature_names_out().tolist()


def test_leads_and_recordings(record, beats):
    two = replace(
        record,
        signal=np.column_stack([record.signal, -2 * record.signal]),
        lead_names=("II", "V5"),
    )
    data = BeatContextSegmenter().segment(two).data
    np.testing.assert_allclose(waves(data, 2)[:, :, 1], -waves(data, 2)[:, :, 0], atol=1e-4)
    np.testing.assert_allclose(waves(data, 2)[:, :, :1], waves(beats.data), atol=1e-4)
    both = BeatContextSegmenter().fit_transform([record, record])
    np.testing.assert_array_equal(both, np.concatenate([beats.data, beats.data]))


@pytest.mark.parametrize("n_peaks", [1, 2, 3])
def test_few_beats_are_dropped_not_guessed(record, n_peaks):
    peaks = record.annotations.beats().sample[10 : 10 + n_peaks]
    beats = BeatContextSegmenter().segment(record, peaks)
    assert len(beats.data) == len(beats.index) == (n_peaks if n_peaks == 3 else 0)
    assert beats.n_dropped == n_peaks - len(beats.data)
    assert beats.data.shape[1] == 2 * N_TIMESTEPS + 10
    assert np.isfinite(beats.data).all()


def test_a_flat_recording_gives_no_nan():
    record = ECGRecord(np.zeros(3600), 360, ["II"])
    assert np.isfinite(BeatContextSegmenter().segment(record, [500, 1000, 1500]).data).all()


def test_bad_input(record):
    with pytest.raises(ValueError, match=r"window must be .*, got \(1, -1\)"):
        BeatContextSegmenter(window=(1, -1)).segment(record)
    with pytest.raises(ValueError, match="'n_local' parameter"):
        BeatContextSegmenter(n_local=0).segment(record)
    with pytest.raises(ValueError, match="must be an ECGRecord"):
        BeatContextSegmenter().segment(record.signal)
    with pytest.raises(ValueError, match="has no annotations"):
        BeatContextSegmenter().segment(ECGRecord(np.zeros(720), 360, ["II"]))
