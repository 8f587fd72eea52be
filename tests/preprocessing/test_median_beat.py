from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.pipeline import make_pipeline

from skecg import ECGRecord
from skecg.datasets import make_recordings
from skecg.feature_extraction import WaveformFeatures
from skecg.preprocessing import MedianBeat
from skecg.recordings import Annotations

FS, PEAKS = 100, np.arange(50, 1000, 100)
SHAPE = np.random.default_rng(0).normal(size=(60, 2))


@pytest.fixture
def record():
    """Ten beats of one shape, the fourth upside down, the last two with an artefact."""
    signal = np.zeros((1000, 2))
    for peak in PEAKS:
        signal[peak - 20 : peak + 40] = SHAPE
    signal[330:390] *= -1
    signal[850:] += 9
    marks = Annotations(PEAKS, ["N"] * len(PEAKS))
    return ECGRecord(signal, FS, ["I", "II"], annotations=marks, age=50, record_id="a")


def test_it_is_the_shape_that_most_beats_have(record):
    (beat,) = MedianBeat(window=(0.2, 0.4)).fit_transform([record])
    assert_allclose(beat.signal, SHAPE)
    assert (beat.fs, beat.lead_names, beat.age, beat.record_id) == (FS, ("I", "II"), 50, "a")
    assert beat.annotations is None


def test_the_delineation_goes_before_the_annotations(record):
    marks = Annotations(np.add.outer(PEAKS, [-6, 5]).ravel(), ["(", "N"] * 10)
    shifted = replace(record, delineation={"I": Annotations([500], ["N"]), "II": marks})
    (beat,) = MedianBeat(window=(0.25, 0.35)).fit_transform([shifted])
    assert_allclose(beat.signal, SHAPE)


def test_without_marks_r_peaks_are_found():
    record = make_recordings(1, duration=30, leads=["II"], random_state=0)[0]
    (expected,) = MedianBeat().fit_transform([record])
    (beat,) = MedianBeat(method="xqrs").fit_transform([replace(record, annotations=None)])
    assert_allclose(beat.signal, expected.signal, atol=0.05)
    assert np.ptp(beat.signal) > 0.5


def test_beats_that_are_not_completely_in_the_recording_are_left_out(record):
    record.signal[:30] = 99
    (beat,) = MedianBeat(window=(0.6, 0.4)).transform([record])
    assert_allclose(beat.signal[40:], SHAPE)
    with pytest.raises(ValueError, match="a has no beat that is completely in it, from 9 s"):
        MedianBeat(window=(9, 1)).fit_transform([record])


def test_missing_samples_and_wrong_parameters_are_refused(record):
    record.signal[5] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        MedianBeat().fit_transform([record])
    for parameters in ({"window": (0.2, -1)}, {"window": "rr"}, {"method": "guess"}):
        with pytest.raises(ValueError, match=next(iter(parameters))):
            MedianBeat(**parameters).fit([record])


def test_in_front_of_a_table(record):
    waveforms = make_pipeline(MedianBeat(window=(0.2, 0.4)), WaveformFeatures())
    table = waveforms.set_output(transform="pandas").fit_transform([record, record])
    assert table.shape == (2, 120)
    assert_array_equal(table.columns[:3], ["I_0", "II_0", "I_1"])
    assert_allclose(table.to_numpy()[0], SHAPE.ravel())
