import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kurtosis
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from skecg.augmentation import (
    AmplitudeScale,
    BaselineWander,
    GaussianNoise,
    LeadDropout,
    TimeShift,
    TimeWarp,
)
from skecg.augmentation._base import signal_length
from skecg.datasets import make_heartbeats

AUGMENTERS = [
    AmplitudeScale(),
    BaselineWander(),
    GaussianNoise(),
    LeadDropout(probability=0.4),
    TimeShift(),
    TimeShift(mode="edge"),
    TimeShift(mode="wrap"),
    TimeWarp(),
]


@pytest.fixture(params=AUGMENTERS, ids=repr)
def augmenter(request):
    return clone(request.param)


@pytest.fixture(scope="module")
def beats():
    """Beats of two leads that end with zeros."""
    X = make_heartbeats(1000, n_patients=50, random_state=0).data + np.float32(0.1)
    X[np.arange(187) >= np.random.default_rng(0).integers(80, 188, (1000, 1))] = 0
    return np.stack([X, X / 3], axis=2)


@parametrize_with_checks(AUGMENTERS)
def test_sklearn_checks(estimator, check):
    check(estimator)


# scikit-learn skips its checks of fit_transform where it differs from transform; what they
# assert otherwise is asserted here.


def test_fit_transform_repeats_for_an_int(augmenter, beats):
    augmenter.set_params(random_state=0)
    first = augmenter.fit_transform(beats)
    np.testing.assert_array_equal(first, augmenter.fit_transform(beats))
    np.testing.assert_array_equal(first, make_pipeline(augmenter).fit_transform(beats))
    augmenter.set_params(random_state=1)
    assert not np.array_equal(first, augmenter.fit_transform(beats))


def test_fit_transform_draws_on_from_an_instance(augmenter, beats):
    augmenter.set_params(random_state=np.random.RandomState(0))
    assert not np.array_equal(augmenter.fit_transform(beats), augmenter.fit_transform(beats))


def test_lists_and_read_only_arrays(augmenter, beats):
    augmenter.set_params(random_state=0)
    X = beats[:20].astype(np.float64)
    expected = augmenter.fit_transform(X)
    X.flags.writeable = False
    np.testing.assert_array_equal(augmenter.fit_transform(X), expected)
    np.testing.assert_array_equal(augmenter.fit_transform(X.tolist()), expected)


def test_transform_is_the_identity(augmenter, beats):
    np.testing.assert_array_equal(augmenter.fit(beats).transform(beats), beats)
    np.testing.assert_array_equal(augmenter.fit(beats).transform(beats[:3]), beats[:3])


def test_predictions_are_not_augmented(augmenter, beats):
    pipe = make_pipeline(augmenter, FunctionTransformer())
    assert not np.array_equal(pipe.fit_transform(beats), beats)
    np.testing.assert_array_equal(pipe.transform(beats), beats)


def test_input_is_left_alone(augmenter, beats):
    before = beats.copy()
    augmented = augmenter.augment(beats, np.random.default_rng(0))
    np.testing.assert_array_equal(beats, before)
    assert not np.array_equal(augmented, before)


def test_augment_draws_anew(augmenter, beats):
    rng = np.random.default_rng(0)
    first, second = augmenter.augment(beats, rng), augmenter.augment(beats, rng)
    assert not np.array_equal(first, second)
    again = augmenter.augment(beats, np.random.default_rng(0))
    np.testing.assert_array_equal(first, again)


def test_samples_are_augmented_differently(augmenter, beats):
    same = np.repeat(beats[:1], 64, axis=0)
    augmented = augmenter.augment(same, np.random.default_rng(0))
    assert len(np.unique(augmented.reshape(64, -1), axis=0)) > 2


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_keep_their_type(augmenter, beats, dtype):
    X = beats[:10].astype(dtype)
    assert augmenter.fit_transform(X).dtype == dtype
    assert augmenter.augment(X, np.random.default_rng(0)).dtype == dtype
    assert augmenter.transform(X).dtype == dtype


def test_integers_become_float64(augmenter):
    X = np.arange(40).reshape(2, 20)
    assert augmenter.fit_transform(X).dtype == np.float64
    assert augmenter.augment(X, np.random.default_rng(0)).dtype == np.float64


def test_padding_stays_padding(augmenter, beats):
    augmented = augmenter.augment(beats, np.random.default_rng(0))
    padding = ~beats.any(axis=2)
    assert padding.any()
    assert not augmented[padding].any()
    flat = np.zeros((3, 10), np.float32)
    np.testing.assert_array_equal(augmenter.augment(flat, np.random.default_rng(0)), flat)


@pytest.mark.parametrize("augmenter", [GaussianNoise(), BaselineWander()], ids=repr)
def test_fill_padding(augmenter, beats):
    augmenter.set_params(fill_padding=True)
    augmented = augmenter.augment(beats, np.random.default_rng(0))
    assert augmented[~beats.any(axis=2)].all()


def test_no_samples(augmenter):
    assert augmenter.augment(np.ones((0, 20)), np.random.default_rng(0)).shape == (0, 20)


def test_zeros_inside_are_no_padding():
    X = np.array([[1.0, 0.0, 0.0, 1.0, 0.0]])
    noisy = GaussianNoise().augment(X, np.random.default_rng(0))
    assert noisy[0, :4].all()
    assert noisy[0, 4] == 0


@settings(max_examples=60, deadline=None)
@given(
    which=st.sampled_from(AUGMENTERS),
    n_samples=st.integers(1, 3),
    n_timesteps=st.integers(1, 30),
    n_leads=st.integers(0, 4),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_shape(which, n_samples, n_timesteps, n_leads, seed):
    rng = np.random.default_rng(seed)
    n_leads = min(n_leads, n_timesteps)
    shape = (n_samples, n_timesteps, n_leads) if n_leads else (n_samples, n_timesteps)
    X = rng.integers(0, 2, shape) * rng.random(shape, dtype=np.float32)
    augmented = which.augment(X, rng)
    assert augmented.shape == X.shape
    assert np.isfinite(augmented).all()
    after = augmented.reshape(*shape[:2], -1)
    before = X.reshape(*shape[:2], -1)
    assert np.all(signal_length(after) <= signal_length(before))


def test_sklearn_output_as_a_table(augmenter):
    X = pd.DataFrame(np.random.default_rng(0).random((5, 6)), columns=list("abcdef"))
    augmenter.set_output(transform="pandas")
    try:
        augmented = augmenter.fit_transform(X)
    finally:
        augmenter.set_output(transform="default")
    assert list(augmented.columns) == list("abcdef")


@pytest.mark.parametrize("shape", [(10,), (2, 3, 4, 5)])
def test_wrong_rank(augmenter, shape):
    with pytest.raises(ValueError, match=r"got shape|Expected 2D"):
        augmenter.fit_transform(np.ones(shape))
    with pytest.raises(ValueError, match=r"n_timesteps.*got shape"):
        augmenter.augment(np.ones(shape), np.random.default_rng(0))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_not_finite(augmenter, value):
    X = np.ones((4, 20))
    X[1, 2] = value
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        augmenter.fit_transform(X)
    augmenter.fit_transform(np.ones((4, 20)))


def test_transposed(augmenter):
    X = np.ones((2, 12, 187))
    for method in (augmenter.fit, augmenter.fit_transform, augmenter.transform):
        with pytest.raises(ValueError, match="looks transposed"):
            method(X)


@pytest.mark.parametrize(
    "bad",
    [
        GaussianNoise(std=-1),
        GaussianNoise(fill_padding="no"),
        TimeShift(max_shift=-1),
        TimeShift(max_shift=1.5),
        TimeShift(mode="constant"),
        AmplitudeScale(max_change=1),
        BaselineWander(max_amplitude=-0.1),
        BaselineWander(fs=0),
        BaselineWander(min_frequency=2, max_frequency=1),
        TimeWarp(max_warp=1),
        LeadDropout(probability=1.1),
        LeadDropout(random_state="seed"),
    ],
    ids=repr,
)
def test_bad_parameters(bad):
    X = np.ones((4, 20))
    for call in (bad.fit_transform, lambda X: bad.augment(X, np.random.default_rng(0))):
        with pytest.raises(ValueError, match=r"must be|must not"):
            call(X)


@pytest.mark.parametrize("n_samples", [200, 5000], ids=["drawn", "from the pool"])
def test_noise_is_white_and_normal(n_samples):
    noise = GaussianNoise(std=2.0).augment(
        np.full((n_samples, 187), 1e-6, np.float32), np.random.default_rng(0)
    )
    assert abs(noise.mean()) < 0.05
    assert noise.std() == pytest.approx(2, rel=0.01)
    assert abs(kurtosis(noise.ravel())) < 0.1
    assert abs(np.mean(noise[:, 1:] * noise[:, :-1])) < 0.1
    assert abs(np.mean(noise[1:] * noise[:-1])) < 0.1


def _shifted(x, shift, reach, mode):
    long = np.pad(x, reach, mode=mode)
    return long[reach - shift :][: len(x)]


@pytest.mark.parametrize("mode", ["reflect", "edge", "wrap"])
def test_shift_is_that_of_the_signal_without_padding(mode):
    rng = np.random.default_rng(0)
    X = np.zeros((300, 40))
    lengths = rng.integers(16, 41, 300)
    for x, length in zip(X, lengths, strict=True):
        x[:length] = rng.uniform(1, 2, length)
    shifted = TimeShift(max_shift=7, mode=mode).augment(X, rng)
    seen = set()
    for x, z, length in zip(X, shifted, lengths, strict=True):
        fits = [
            s for s in range(-7, 8) if np.array_equal(_shifted(x[:length], s, 7, mode), z[:length])
        ]
        assert len(fits) == 1
        seen.update(fits)
    assert seen == set(range(-7, 8))


@pytest.mark.parametrize(("max_shift", "farthest"), [(0.1, 10), (3, 3), (0, 0), (0.0, 0)])
def test_reach_of_the_shift(max_shift, farthest):
    X = np.tile(np.arange(1.0, 101), (500, 1))
    moved = TimeShift(max_shift, mode="edge").augment(X, np.random.default_rng(0))
    assert np.abs(moved - X).max() == farthest


@pytest.mark.parametrize("augmenter", [TimeShift(), TimeWarp()], ids=repr)
def test_leads_move_together(augmenter, beats):
    alike = np.repeat(beats[..., :1], 3, axis=2)
    moved = augmenter.augment(alike, np.random.default_rng(0))
    np.testing.assert_array_equal(moved[..., 0], moved[..., 1])
    np.testing.assert_array_equal(moved[..., 0], moved[..., 2])
    few = augmenter.augment(alike[:20], np.random.default_rng(0))
    alone = augmenter.augment(alike[:20, :, 0], np.random.default_rng(0))
    np.testing.assert_array_equal(few[..., 0], alone)


def test_warp_changes_speed_within_bounds():
    ramp = np.zeros((500, 120))
    ramp[:, :100] = np.arange(1, 101)
    warped = TimeWarp(max_warp=0.3).augment(ramp, np.random.default_rng(0))[:, :100]
    np.testing.assert_allclose(warped[:, [0, -1]], ramp[:, [0, 99]], atol=1e-4)
    speed = np.diff(warped, axis=1)
    assert 0.7 - 1e-3 < speed.min() < 0.75
    assert 1.25 < speed.max() < 1.3 + 1e-3


@pytest.mark.parametrize("length", [0, 1, 2, 3, 10, 500])
def test_warped_beats_may_be_short_and_their_padding_long(length):
    X = np.zeros((200, 500))
    X[:, :length] = np.arange(1, length + 1)
    warped = TimeWarp(max_warp=0.9).augment(X, np.random.default_rng(0))
    assert not warped[:, length:].any()
    assert np.all(np.diff(warped[:, :length]) >= 0)
    np.testing.assert_allclose(warped[:, :length].max(initial=0), length, rtol=1e-5)


def test_wander_is_slow_and_bounded(beats):
    X = np.full((400, 1250, 2), 1.0)
    moved = BaselineWander(0.3, min_frequency=0.1, max_frequency=0.5).augment(
        X, np.random.default_rng(0)
    )
    wander = moved - X
    assert 0.28 < np.abs(wander).max() <= 0.3
    power = (np.abs(np.fft.rfft(wander * np.hanning(1250)[:, np.newaxis], axis=1)) ** 2).mean(
        (0, 2)
    )
    frequency = np.fft.rfftfreq(1250, 1 / 125)
    assert power[frequency <= 0.7].sum() > 0.999 * power.sum()
    assert not np.allclose(wander[..., 0], wander[..., 1])


def test_scale_is_one_factor_a_sample(beats):
    factor = AmplitudeScale(0.3).augment(beats, np.random.default_rng(0)).max(1) / beats.max(1)
    np.testing.assert_allclose(factor[:, 0], factor[:, 1], rtol=1e-5)
    assert 0.7 <= factor.min() < 0.72
    assert 1.28 < factor.max() <= 1.3 + 1e-6
    own = AmplitudeScale(0.3, per_lead=True).augment(beats, np.random.default_rng(0)).max(1)
    assert not np.allclose(own[:, 0] / beats[..., 0].max(1), own[:, 1] / beats[..., 1].max(1))


def test_dropout_keeps_one_lead():
    X = np.ones((4000, 20, 3), np.float32)
    rng = np.random.default_rng(0)
    alive = LeadDropout(0.2).augment(X, rng).any(axis=1)
    assert alive.mean() == pytest.approx(0.8, abs=0.02)
    np.testing.assert_allclose(alive.mean(axis=0), alive.mean(), atol=0.02)
    alive = LeadDropout(1.0).augment(X, rng).any(axis=1)
    assert np.all(alive.sum(axis=1) == 1)
    np.testing.assert_allclose(alive.mean(axis=0), 1 / 3, atol=0.03)


def test_dropout_leaves_single_leads_alone():
    X = np.ones((10, 20))
    np.testing.assert_array_equal(LeadDropout(1.0).augment(X, np.random.default_rng(0)), X)
