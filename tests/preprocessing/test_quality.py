import numpy as np
import pytest

from skecg import read_record
from skecg.datasets import make_recordings
from skecg.preprocessing import signal_quality

FS = 360


@pytest.fixture(scope="module")
def clean():
    return make_recordings(1, duration=60, random_state=0)[0].signal[:, 0].astype(float)


def found(signal, fs=FS):
    return [(s["reason"], s["start"], s["stop"]) for s in signal_quality(signal, fs)]


def test_nothing_is_wrong_with_a_clean_recording(clean):
    assert found(clean) == []


def test_missing_samples(clean):
    clean = clean.copy()
    clean[1000:1100] = np.nan
    clean[1200:1210] = np.nan
    # Less than a second apart.
    assert found(clean) == [("missing", 1000, 1210)]


def test_a_lead_that_keeps_still(clean):
    clean = clean.copy()
    clean[3000:4000] = clean[3000]
    ((reason, start, stop),) = found(clean)
    assert reason == "flat"
    assert abs(start - 3000) < 20
    assert abs(stop - 4000) < 20
    clean[3000:3300] += np.linspace(0, 1, 300)
    assert abs(found(clean)[0][1] - 3300) < 20


def test_a_lead_at_the_amplifiers_limit(clean):
    clean = clean.copy()
    clean[3000:4000] = 5.12
    assert found(clean) == [("lead off", 3000, 4000)]


def test_peaks_that_are_cut_off(clean):
    quiet = found(clean)
    stretches = found(np.minimum(clean, 0.2 * clean.max()))
    assert quiet == []
    assert {reason for reason, *_ in stretches} == {"saturated"}


@pytest.mark.parametrize("colour", [0, 1, 2], ids=["white", "pink", "brown"])
def test_noise_alone_is_noisy(colour):
    rng = np.random.default_rng(0)
    spectrum = np.fft.rfft(rng.normal(size=60 * FS))
    spectrum[1:] /= np.arange(1, len(spectrum)) ** (colour / 2)
    noise = np.fft.irfft(spectrum)
    assert found(noise / noise.std()) == [("noisy", 0, 60 * FS)]


def test_noise_that_drowns_the_beats_is_found_where_it_is(clean):
    clean = clean.copy()
    clean[20 * FS : 40 * FS] += np.random.default_rng(0).normal(0, 1, 20 * FS)
    assert found(clean) == [("noisy", 20 * FS, 40 * FS)]


def test_flutter_is_no_noise():
    t = np.arange(60 * FS) / FS
    rng = np.random.default_rng(0)
    flutter = np.sin(2 * np.pi * 4.5 * t) + 0.3 * np.sin(2 * np.pi * 9 * t)
    assert found(flutter + rng.normal(0, 0.01, len(t))) == []


def test_every_lead_is_judged_by_itself_in_samples_and_seconds(clean):
    two = np.column_stack([clean, clean])
    two[3600:5400, 1] = np.nan
    (stretch,) = signal_quality(two.astype(np.float32), FS)
    assert stretch.tolist() == (1, 3600, 5400, 10.0, 5.0, "missing")


def test_pieces_give_what_the_whole_gives(clean, monkeypatch):
    long = np.tile(clean, 3)
    long[5 * FS * 4 - 500 : 5 * FS * 4 + 500] = 0
    long[100 * FS : 112 * FS] += np.random.default_rng(0).normal(0, 1, 12 * FS)
    whole = found(long)
    monkeypatch.setattr("skecg.preprocessing._quality._BLOCKS_AT_ONCE", 4)
    assert len(whole) == 2
    assert found(long) == whole


def test_any_sampling_rate():
    for fs in (50, 128.5, 1000):
        record = make_recordings(1, duration=30, fs=fs, random_state=1)[0]
        assert len(signal_quality(record.signal, fs)) == 0
        assert found(np.random.default_rng(0).normal(size=round(30 * fs)), fs)[0][0] == "noisy"


@pytest.mark.parametrize(
    ("signal", "fs", "message"),
    [
        (np.zeros(0), 360, "got shape"),
        (np.zeros(100), 360, "at least 1 s long"),
        (np.zeros((2, 720)), 360, "transposed"),
        (np.zeros((720, 1, 1)), 360, "got shape"),
        (np.full(720, np.inf), 360, "infinite"),
        (np.array(["a"] * 720), 360, "numeric"),
        (np.zeros(720), 0, "fs must be"),
        (np.zeros(720), -360, "fs must be"),
        (np.zeros(720), np.nan, "fs must be"),
        (np.zeros(720), "360", "fs must be"),
    ],
)
def test_bad_input(signal, fs, message):
    with pytest.raises(ValueError, match=message):
        signal_quality(signal, fs)


def test_nothing_but_missing_samples():
    assert found(np.full(3600, np.nan)) == [("missing", 0, 3600)]


@pytest.mark.real_data
def test_real_recordings(mitdb_dir):
    good = read_record(mitdb_dir / "100", annotator=None)
    assert [s for s in signal_quality(good.signal, good.fs) if s["lead"] == 0] == []
    # Its second lead shows next to no heartbeat.
    bad = read_record(mitdb_dir / "101", annotator=None)
    noisy = signal_quality(bad.signal, bad.fs)
    seconds = [noisy["duration"][noisy["lead"] == lead].sum() for lead in (0, 1)]
    assert seconds[0] < 60
    assert seconds[1] > 0.5 * bad.duration
