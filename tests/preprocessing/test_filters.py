import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.signal import sosfiltfilt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from skecg import ECGRecord
from skecg.preprocessing import BandpassFilter, Resampler
from skecg.recordings import Annotations

FS = 500


def response(frequencies, **parameters):
    """What the filter makes of an impulse far from the ends, by frequency."""
    impulse = np.zeros((1, 60 * FS))
    impulse[0, 30 * FS] = 1
    out = BandpassFilter(fs=FS, **parameters).fit_transform(impulse)[0]
    phase = np.exp(-2j * np.pi * np.outer(frequencies, np.arange(len(out)) - 30 * FS) / FS)
    return phase @ out


@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize(("low", "high"), [(0.5, 40), (0.67, 150), (5, 15), (None, 40), (1, None)])
def test_frequency_response_is_the_designed_one(low, high, order):
    frequencies = np.array([0, 0.1, 0.5, 0.67, 1, 5, 10, 15, 40, 100, 150, 200, 249])
    with np.errstate(divide="ignore"):
        warped = np.tan(np.pi * frequencies / FS)
        gain = np.ones(len(frequencies))
        for cutoff, sign in ((low, -1), (high, 1)):
            if cutoff is not None:
                ratio = warped / np.tan(np.pi * cutoff / FS)
                gain /= 1 + (np.sqrt(2) - 1) * ratio ** (2 * order * sign)
    found = response(frequencies, low=low, high=high, order=order)
    assert_allclose(found.real, gain, atol=2e-3)
    assert_allclose(found.imag, 0, atol=1e-9)


def test_three_decibels_are_lost_at_the_limits():
    gain = response([0.5, 40], order=3)
    assert_allclose(20 * np.log10(gain.real), -3.01, atol=0.01)


@pytest.mark.parametrize("mains", [50, 60])
def test_the_mains_notch_is_narrow(mains):
    gain = response([mains, mains - 5, mains + 5, 20], low=None, high=None, mains=mains).real
    assert_allclose(gain, [0, 0.975, 0.975, 1], atol=0.025)
    assert gain[0] < 1e-3


def test_no_delay():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1, 4000))
    forward = BandpassFilter(fs=FS).fit_transform(x)
    backward = BandpassFilter(fs=FS).fit_transform(x[:, ::-1])[:, ::-1]
    assert_allclose(forward, backward, atol=1e-3)


def test_without_limits_nothing_changes():
    x = np.random.default_rng(0).normal(size=(2, 100))
    assert_array_equal(BandpassFilter(low=None, high=None, fs=FS).fit_transform(x), x)


@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_baseline_wander_goes_and_waves_stay(offset):
    t = np.arange(10 * FS) / FS
    waves = np.cos(2 * np.pi * 8 * t)
    wander = 0.8 * np.sin(2 * np.pi * 0.15 * t + 1)
    x = np.stack([waves + wander + offset, wander + offset])
    out = BandpassFilter(fs=FS).fit_transform(x)
    assert np.abs(out[0] - waves)[FS:-FS].max() < 0.04
    assert np.abs(out[0] - waves).max() < 0.2
    assert np.abs(out[1]).max() < 0.2


def test_an_end_in_a_qrs_complex_is_no_step():
    long = np.zeros(60 * FS)
    for beat in range(200, len(long), 400):
        long[beat - 10 : beat + 11] = np.hanning(21)
    transformer = BandpassFilter(fs=FS, high=None)
    whole = transformer.transform([long])[0]
    start, stop = 200 + 400 * 20, 200 + 400 * 32 + 1
    alone = transformer.transform([long[start:stop]])[0]
    error = np.sqrt(np.mean((alone - whole[start:stop])[: FS // 2] ** 2))
    turned = sosfiltfilt(transformer._sections(FS), long[start:stop])
    assert error < 0.25 * np.sqrt(np.mean((turned - whole[start:stop])[: FS // 2] ** 2))


@pytest.mark.parametrize("n_timesteps", [1, 2, 7, 60])
def test_signals_shorter_than_the_filter(n_timesteps):
    x = np.random.default_rng(0).normal(size=(3, n_timesteps))
    out = BandpassFilter(fs=FS, mains=50).fit_transform(x)
    assert out.shape == x.shape
    assert np.isfinite(out).all()


@pytest.mark.parametrize("transformer", [BandpassFilter(fs=FS), Resampler(fs=FS, target_fs=200)])
def test_leads_and_samples_are_apart(transformer):
    x = np.random.default_rng(0).normal(size=(4, 300, 3))
    out = transformer.fit_transform(x)
    assert_allclose(out[2, :, 1], transformer.fit_transform(x[2:3, :, 1])[0], atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("transformer", [BandpassFilter(fs=FS), Resampler(fs=FS, target_fs=200)])
def test_float_types_are_kept(transformer, dtype):
    x = np.random.default_rng(0).normal(size=(2, 100, 2)).astype(dtype)
    out = transformer.fit_transform(x)
    assert out.dtype == dtype
    assert_allclose(out, transformer.fit_transform(x.astype(float)), atol=5e-3, rtol=5e-3)


def test_many_signals_at_once_are_as_one_at_a_time(monkeypatch):
    x = np.random.default_rng(0).normal(size=(7, 100, 2))
    whole = BandpassFilter(fs=FS).fit_transform(x)
    monkeypatch.setattr("skecg.preprocessing._base._MAX_VALUES", 500)
    assert_array_equal(BandpassFilter(fs=FS).fit_transform(x), whole)


@pytest.mark.parametrize(
    ("fs", "target_fs", "n"), [(500, 250, 500), (360, 125, 348), (250, 500, 2000)]
)
def test_resampling_keeps_slow_waves_and_the_first_sample_in_its_place(fs, target_fs, n):
    times = lambda rate, n: np.arange(n) / rate  # noqa: E731
    wave = lambda t: 3 + np.sin(2 * np.pi * 5 * t)  # noqa: E731
    out = Resampler(fs=fs, target_fs=target_fs).fit_transform([wave(times(fs, 1000))])[0]
    assert out.shape == (n,)
    middle = slice(n // 10, -n // 10)
    assert_allclose(out[middle], wave(times(target_fs, n))[middle], atol=3e-3)


def test_resampling_does_not_fold_back_what_is_too_fast():
    hum = np.sin(2 * np.pi * 110 * np.arange(2000) / FS)
    out = Resampler(fs=FS, target_fs=125).fit_transform([hum])[0]
    assert np.abs(out[20:-20]).max() < 0.02


def test_resampling_keeps_a_constant_to_the_ends():
    out = Resampler(fs=360, target_fs=125).fit_transform(np.full((1, 700, 2), 5.0))
    assert_allclose(out, 5)
    ramp = Resampler(fs=360, target_fs=125).fit_transform([np.linspace(0, 5, 720)])[0]
    assert_allclose(ramp, np.linspace(0, 5, 250), atol=0.05)


def record(n=1000, fs=FS, **kwargs):
    signal = np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32)
    return ECGRecord(signal, fs, ["II", "V1"], record_id="7", **kwargs)


def test_recordings_are_filtered_at_their_own_rate():
    records = [record(), record(n=700, fs=250)]
    out = BandpassFilter().fit_transform(records)
    for before, after in zip(records, out, strict=True):
        assert after.fs == before.fs
        assert after.lead_names == before.lead_names
        assert after.record_id == "7"
        assert after.signal.dtype == np.float32
        alone = BandpassFilter(fs=before.fs).fit_transform(before.signal[np.newaxis])[0]
        assert_array_equal(after.signal, alone)


def test_resampling_moves_the_marks_of_recordings():
    marks = Annotations([0, 101, 999], ["N", "V", "N"], ["a", "b", "c"])
    before = record(annotations=marks, delineation={"V1": Annotations([50, 60], ["(", "N"])})
    after = Resampler(target_fs=100).fit_transform([before])[0]
    assert after.fs == 100
    assert after.n_timesteps == 200
    assert after.annotations.sample.tolist() == [0, 20, 199]
    assert after.annotations.symbol.tolist() == ["N", "V", "N"]
    assert after.annotations.note.tolist() == ["a", "b", "c"]
    assert after.delineation["V1"].sample.tolist() == [10, 12]
    assert Resampler(target_fs=FS).fit_transform([record()])[0].annotations is None


@pytest.mark.parametrize("transformer", [BandpassFilter(), Resampler()])
def test_arrays_need_a_sampling_rate(transformer):
    with pytest.raises(ValueError, match="fs must be given in Hz for arrays"):
        transformer.fit(np.zeros((2, 100)))


@pytest.mark.parametrize("transformer", [BandpassFilter(fs=360), Resampler(fs=360)])
def test_a_rate_that_is_not_the_recordings_is_refused(transformer):
    with pytest.raises(ValueError, match="fs is 360 Hz, but a recording has 500 Hz"):
        transformer.fit([record()]).transform([record()])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"low": 50, "high": 40}, "low must be below high, got 50 and 40"),
        ({"high": 250}, "high must be below half the sampling rate of 500 Hz, got 250"),
        ({"mains": 300}, "mains must be below half"),
        ({"low": 0}, "The 'low' parameter"),
        ({"high": -1}, "The 'high' parameter"),
        ({"order": 1.5}, "The 'order' parameter"),
        ({"fs": 0}, "The 'fs' parameter"),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        BandpassFilter(**{"fs": FS, **parameters}).fit(np.zeros((2, 100)))


@pytest.mark.parametrize("X", [np.zeros((2, 100)), [record()]])
def test_a_rate_that_leaves_nothing_is_refused(X):
    with pytest.raises(ValueError, match=r"target_fs must be at least .* 500 Hz .*, got 0\.001"):
        Resampler(fs=FS, target_fs=0.001).fit_transform(X)


@pytest.mark.parametrize("transformer", [BandpassFilter(fs=FS), Resampler(fs=FS)])
@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.full((2, 100), np.nan), "NaN"),
        (np.full((2, 100, 2), np.inf), "infinity"),
        (np.zeros((2, 12, 500)), "looks transposed"),
        (np.zeros(100), "2D array"),
        (np.zeros((2, 100, 2, 2)), r"\(n_samples, n_timesteps, n_leads\), got shape"),
        (np.zeros((0, 100)), "0 sample"),
        ([], "2D array"),
        (np.array([[None, 1.0]]), "NaN|float"),
        ([record(), "8"], "got str at position 1"),
    ],
)
def test_bad_input_is_refused(transformer, X, message):
    with pytest.raises((ValueError, TypeError), match=message):
        transformer.fit(X)
    assert transformer.fit_transform(np.zeros((2, 100))).shape[0] == 2


def test_missing_samples_of_a_recording_are_refused():
    signal = np.zeros((100, 1))
    signal[3] = np.nan
    with pytest.raises(ValueError, match=r"record 7 has missing samples \(NaN\)"):
        BandpassFilter().fit([ECGRecord(signal, FS, ["II"], record_id="7")])


@pytest.mark.parametrize(("fs", "target_fs"), [(500, 500), (500, 300), (360, 125), (250, 499.7)])
def test_resampled_columns_have_names(fs, target_fs):
    resampler = Resampler(fs=fs, target_fs=target_fs).set_output(transform="pandas")
    frame = resampler.fit_transform(np.zeros((2, 101)))
    assert frame.columns[[0, -1]].tolist() == ["resampler0", f"resampler{frame.shape[1] - 1}"]


@pytest.mark.parametrize("transformer", [BandpassFilter(fs=FS), Resampler(fs=FS, target_fs=300)])
def test_scikit_learns_conventions(transformer):
    check_estimator(transformer)


def test_in_a_search():
    rng = np.random.default_rng(0)
    t = np.arange(200) / FS
    y = np.arange(40) % 2
    x = np.sin(2 * np.pi * (5 + 5 * y[:, np.newaxis]) * t) + 2 * rng.normal(size=(40, 1))
    pipeline = make_pipeline(BandpassFilter(fs=FS), Resampler(fs=FS), LogisticRegression())
    grid = {"bandpassfilter__low": [None, 1.0], "resampler__target_fs": [100, 250]}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(x, y)
    assert search.predict(x).shape == (40,)
    assert search.best_estimator_["logisticregression"].n_features_in_ in (40, 100)
