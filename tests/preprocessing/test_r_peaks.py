import sys

import numpy as np
import pytest

from skecg import read_record
from skecg.datasets import make_recordings
from skecg.preprocessing import detect_r_peaks

FS = 360


@pytest.fixture(scope="module")
def record():
    weights = {"N": 9, "V": 1}
    return make_recordings(1, duration=200, class_weights=weights, random_state=3)[0]


@pytest.fixture(scope="module")
def sinus():
    return make_recordings(1, duration=130, class_weights={"N": 1}, random_state=3)[0]


@pytest.fixture(scope="module")
def needs_neurokit2():
    pytest.importorskip("neurokit2")


def distances(true, found, fs=FS):
    """Milliseconds from each true beat to the next one found."""
    return np.abs(np.subtract.outer(true, found)).min(axis=1) * 1000 / fs


def assert_found(true, found, fs=FS, n_wrong=1):
    # The first and the last beat may be cut.
    assert np.sum(distances(true[1:-1], found, fs) > 150) <= n_wrong
    assert np.sum(distances(found, true, fs) > 150) <= n_wrong
    assert np.median(distances(true[1:-1], found, fs)) <= 5


@pytest.mark.parametrize("method", ["khamis2016", "neurokit", "xqrs"])
def test_beats_are_found_where_they_are(sinus, method, needs_neurokit2):
    found = detect_r_peaks(sinus.signal, FS, method=method)
    assert found.dtype == np.int64
    assert np.all(np.diff(found) > 0)
    assert_found(sinus.annotations.beats().sample, found)


def test_premature_beats_are_found_by_default(record, needs_neurokit2):
    assert_found(record.annotations.beats().sample, detect_r_peaks(record.signal, FS))


@pytest.mark.parametrize("fs", [100, 257.5, 1000])
def test_any_sampling_rate(fs, needs_neurokit2):
    record = make_recordings(1, duration=60, fs=fs, class_weights={"N": 1}, random_state=3)[0]
    assert_found(record.annotations.beats().sample, detect_r_peaks(record.signal, fs), fs)


def test_chunks_give_what_the_whole_gives(record, needs_neurokit2):
    whole = detect_r_peaks(record.signal, FS)
    for chunk in (60, 67.3):
        assert np.setxor1d(detect_r_peaks(record.signal, FS, chunk=chunk), whole).size <= 2


def test_no_beat_is_lost_or_found_twice_where_chunks_meet(sinus):
    true = sinus.annotations.beats().sample
    for beat in true[true > 60 * FS][:2]:
        for shift in (-5, 0, 5):
            signal = sinus.signal[: 2 * (beat + shift)]
            found = detect_r_peaks(signal, FS, method="xqrs", chunk=60)
            assert np.sum(np.abs(found - beat) < 0.15 * FS) == 1


def test_missing_samples_are_bridged_or_left_out(record, needs_neurokit2):
    signal = record.signal[:, 0].copy()
    whole = detect_r_peaks(signal, FS)
    signal[[500, 501, 9000]] = np.nan
    signal[100 * FS : 120 * FS] = np.nan
    found = detect_r_peaks(signal, FS)
    assert not np.isnan(signal[found]).any()
    known = whole[(whole < 99 * FS) | (whole > 121 * FS)]
    assert np.sum(distances(known, found) > 20) <= 1


def test_flat_stretches_have_no_beats(record, needs_neurokit2):
    signal = record.signal[:, 0].copy()
    signal[100 * FS : 120 * FS] = 0.1
    found = detect_r_peaks(signal, FS)
    assert not np.any((found > 100 * FS) & (found < 120 * FS))
    assert len(found) > 100
    for nothing in (np.zeros(10 * FS), np.full(10 * FS, np.nan)):
        assert detect_r_peaks(nothing, FS).tolist() == []


def test_of_several_leads_the_good_one(sinus):
    signal = np.column_stack([sinus.signal[:, 0], 0.5 * sinus.signal[:, 0]])
    first = detect_r_peaks(signal[:, 0], FS, method="xqrs")
    np.testing.assert_array_equal(detect_r_peaks(signal, FS, method="xqrs"), first)
    signal[:, 0] = np.random.default_rng(0).normal(size=len(signal))
    assert_found(sinus.annotations.beats().sample, detect_r_peaks(signal, FS, method="xqrs"))


def test_a_memory_map_and_whole_numbers(sinus, tmp_path):
    units = np.round(sinus.signal[:, 0] * 1000).astype(np.int16)
    np.save(tmp_path / "signal.npy", units)
    mapped = np.load(tmp_path / "signal.npy", mmap_mode="r")
    found = detect_r_peaks(mapped, FS, method="xqrs")
    assert_found(sinus.annotations.beats().sample, found)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"signal": np.zeros(0)}, "got shape"),
        ({"signal": np.zeros(FS)}, "at least 2 s long, got 1 s"),
        ({"signal": np.zeros((2, 10 * FS))}, "transposed"),
        ({"signal": np.full(10 * FS, np.inf)}, "infinite"),
        ({"signal": np.array([None] * 10 * FS)}, "numeric"),
        ({"fs": 49}, "fs must be a number of Hz of at least 50, got 49"),
        ({"fs": -360}, "fs must be"),
        ({"method": "magic"}, "method must be one of khamis2016, neurokit, xqrs, got 'magic'"),
        ({"chunk": 1}, "chunk must be"),
    ],
)
def test_bad_input(arguments, message):
    arguments = {"signal": np.zeros(10 * FS), "fs": FS, "method": "xqrs", **arguments}
    with pytest.raises(ValueError, match=message):
        detect_r_peaks(**arguments)


def test_without_neurokit2_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "neurokit2", None)
    with pytest.raises(ImportError, match=r"pip install 'skecg\[delineation\]'"):
        detect_r_peaks(np.zeros(10 * FS), FS)


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "n_wrong"), [("100", 0), ("119", 2)])
def test_real_recordings(mitdb_dir, needs_neurokit2, name, n_wrong):
    record = read_record(mitdb_dir / name)
    n_timesteps = 5 * 60 * FS
    true = record.annotations.beats().sample
    found = detect_r_peaks(record.lead("MLII")[:n_timesteps], FS)
    assert_found(true[true < n_timesteps], found, n_wrong=n_wrong)
