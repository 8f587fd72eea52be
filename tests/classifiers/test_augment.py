"""The parameter ``augment`` of the networks."""

from collections import Counter

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone

from skecg import ECGConvNetClassifier, ECGTabularDNNClassifier
from skecg.augmentation import AmplitudeScale, BaseAugmenter, GaussianNoise, TimeShift
from skecg.classifiers import _data
from skecg.classifiers._data import TrainingBatches, augment_signals
from tests.estimators import signals, small


class Spy(BaseAugmenter):
    """Changes nothing and notes which samples it saw."""

    def __init__(self):
        self.seen = []

    def _augment(self, signals, rng):
        self.seen.extend(signals[:, 0, 0].tolist())


class Longer(BaseAugmenter):
    def augment(self, X, rng):
        return np.concatenate([X, X], axis=1)

    def _augment(self, signals, rng):
        raise AssertionError


NOISE_AND_SHIFT = GaussianNoise(), TimeShift(3)


def batches(epoch=0, seed=0, augmenters=NOISE_AND_SHIFT, dtype=np.float32):
    X = np.ones((50, 40, 2), dtype)
    X[:, 30:] = 0
    return TrainingBatches(
        X, np.arange(50), None, batch_size=8, seed=seed, epoch=epoch, augmenters=augmenters
    )


def drawn(data):
    X, y = zip(*(data[i] for i in range(data.num_batches)), strict=True)
    return np.concatenate(X), np.concatenate(y)


@pytest.fixture(params=[1, 2000, 2**18], ids=["a batch", "some batches", "an epoch"])
def block(request, monkeypatch):
    """As many values as augmenters get at a time."""
    monkeypatch.setattr(_data, "_AUGMENTED_VALUES", request.param)


@pytest.mark.usefixtures("block")
def test_every_batch_of_every_epoch_is_drawn_anew():
    data = batches()
    first, rows = drawn(data)
    assert first.shape == (50, 40, 2)
    assert first.dtype == np.float32
    assert_array_equal(np.sort(rows), np.arange(50))
    data.n_epochs = 1
    second, _ = drawn(data)
    assert len(np.unique(np.concatenate([first, second])[:, 0], axis=0)) == 100
    assert not first[:, 30:].any()  # padding
    other, _ = drawn(batches(seed=1))
    assert not np.array_equal(first, other)


@pytest.mark.usefixtures("block")
def test_draws_follow_from_the_seed_the_epoch_and_the_place_alone():
    data = batches()
    backwards = [batches()[i][0] for i in reversed(range(data.num_batches))]
    assert_array_equal(np.concatenate(backwards[::-1]), drawn(data)[0])
    data.n_epochs = 1
    for continued, uninterrupted in zip(drawn(batches(epoch=1)), drawn(data), strict=True):
        assert_array_equal(continued, uninterrupted)


def test_draws_are_no_echo_of_the_order():
    order = np.random.default_rng([0, 0]).bit_generator.state["state"]
    states = []

    class Draw(Spy):
        def augment(self, X, rng):
            states.append(rng.bit_generator.state["state"])
            return X

    batches(augmenters=[Draw()])[0]
    assert states != [order]


def test_other_types_and_other_inputs():
    assert batches(dtype=np.int16)[0][0].dtype == np.float32
    X = np.ones((6, 3, 40, 1), np.float32)
    labels = np.arange(18).reshape(6, 3)
    data = TrainingBatches(
        (X, labels), labels, None, batch_size=4, seed=0, epoch=0, augmenters=[AmplitudeScale()]
    )
    (sequences, beside), target = data[0]
    assert sequences.shape == (4, 3, 40, 1)
    assert len(np.unique(sequences[:, :, 0])) == 12  # each beat by a factor of its own
    assert_array_equal(beside, target)


def test_validation_and_prediction_see_no_augmenter():
    X, y = signals()
    X[:, 0] = np.arange(60)
    spy = Spy()
    model = small(ECGConvNetClassifier, epochs=2, augment=spy)
    model.fit(X[:40], y[:40], X_val=X[40:], y_val=y[40:])
    assert set(spy.seen) == set(range(40))
    assert min(Counter(spy.seen).values()) >= 2
    spy.seen.clear()
    model.predict(X)
    assert not spy.seen
    model.set_params(early_stopping=True, warm_start=True, validation_fraction=0.2).fit(X, y)
    assert len(set(spy.seen)) == 48
    spy.seen.clear()
    model.partial_fit(X, y)
    assert set(spy.seen) == set(range(60))


def test_continued_training_is_uninterrupted_training():
    X, y = signals()
    settings = {"augment": [GaussianNoise(0.3), TimeShift(3)], "warm_start": True}
    whole = small(ECGConvNetClassifier, epochs=2, **settings).fit(X, y)
    parts = small(ECGConvNetClassifier, epochs=1, **settings).fit(X, y).fit(X, y)
    assert_array_equal(whole.predict_proba(X), parts.predict_proba(X))
    assert whole.history_ == parts.history_


def test_it_is_a_parameter_like_others():
    noise = GaussianNoise(0.3)
    model = ECGConvNetClassifier(augment=[noise])
    copy = clone(model)
    assert copy.augment[0] is not noise
    assert copy.augment[0].std == 0.3
    assert ECGConvNetClassifier(augment=noise).set_params(augment__std=0.1).augment.std == 0.1


@pytest.mark.parametrize(
    ("augment", "message"),
    [
        ("noise", "augment"),
        ([TimeShift(), "noise"], r"augment\(X, rng\).*'noise'"),
        ([GaussianNoise(std=-1)], "std"),
        ([Longer()], r"keep the shape.*Longer\(\)"),
        ([GaussianNoise(std=np.finfo(float).max)], "infinity"),
    ],
    ids=str,
)
def test_mistakes_are_told_before_a_network_is_made(augment, message):
    X, y = signals()
    model = small(ECGConvNetClassifier, augment=augment)
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert not hasattr(model, "model_")


def test_tables_are_no_signals():
    X, y = signals()
    with pytest.raises(ValueError, match="augment must be None for ECGTabularDNNClassifier"):
        small(ECGTabularDNNClassifier, augment=[GaussianNoise()]).fit(X, y)


def test_augmenters_work_one_after_the_other():
    X = np.ones((4, 20, 1), np.float32)
    steps = [AmplitudeScale(0.5), TimeShift(2)]
    expected = X
    rng = np.random.default_rng(0)
    for step in steps:
        expected = step.augment(expected, rng)
    assert_array_equal(augment_signals(X, steps, np.random.default_rng(0)), expected)
