"""The parts of training and prediction that no architecture changes."""

import functools
import io
import os
import random
import subprocess
import sys
import threading
import tracemalloc
import warnings
from contextlib import redirect_stdout
from pathlib import Path

import joblib
import keras
import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import MinMaxScaler

from skecg import ECGConvNetClassifier
from skecg.classifiers._data import TrainingBatches
from skecg.classifiers._validation import validation_split
from skecg.datasets import make_recordings
from tests.estimators import signals, small

IN_A_FRESH_PROCESS = """
import sys, joblib, numpy as np
model = joblib.load(sys.argv[1])
np.save(sys.argv[3], model.predict_proba(np.load(sys.argv[2])))
"""


def net(**parameters):
    return small(ECGConvNetClassifier, **parameters)


def test_other_threads_do_not_change_the_weights():
    """Dask's draw from Python's generator while a worker fits."""
    X, y = signals()
    expected = net(epochs=1).fit(X, y).predict_proba(X)
    done = threading.Event()

    def draw():
        while not done.is_set():
            random.random()

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        beside = net(epochs=1).fit(X, y).predict_proba(X)
    finally:
        done.set()
        thread.join()
    assert_array_equal(beside, expected)


def predict_in_a_fresh_process(model, X, folder):
    paths = [str(folder / name) for name in ("model.joblib", "X.npy", "p.npy")]
    joblib.dump(model, paths[0])
    np.save(paths[1], X)
    # Keras has imported JAX here, where that is installed, and JAX has set this for all children.
    fresh = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        [sys.executable, "-c", IN_A_FRESH_PROCESS, *paths],
        capture_output=True,
        text=True,
        cwd=folder,
        env=fresh,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return np.load(paths[2])


def test_a_fitted_search_over_a_pipeline_predicts_the_same_in_a_fresh_process(tmp_path):
    X, y = signals()
    pipeline = make_pipeline(
        MinMaxScaler(), RandomOverSampler(random_state=0), net(epochs=1, filters=(4, 4))
    )
    search = GridSearchCV(pipeline, {"ecgconvnetclassifier__kernel_size": [3, 5]}, cv=2)
    search.fit(X, y)
    found = predict_in_a_fresh_process(search, X, tmp_path)
    assert_array_equal(found, search.predict_proba(X))
    again = clone(search).fit(X, y)
    assert_array_equal(again.predict_proba(X), found)


def test_training_in_a_fresh_process_gives_the_same_network(tmp_path):
    X, y = signals()
    np.savez(tmp_path / "data.npz", X=X, y=y)
    code = """
import numpy as np
from tests.classifiers.test_base import net
data = np.load("data.npz")
np.save("p.npy", net(epochs=2).fit(data["X"], data["y"]).predict_proba(data["X"]))
"""
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert_array_equal(np.load(tmp_path / "p.npy"), net(epochs=2).fit(X, y).predict_proba(X))


def test_the_pickle_is_small_unless_the_optimizer_is_kept(tmp_path):
    X, y = signals(n_timesteps=187, n_classes=5)
    sizes = []
    for keep in (False, True):
        model = ECGConvNetClassifier(
            epochs=1, early_stopping=False, random_state=0, keep_optimizer=keep
        ).fit(X, y)
        joblib.dump(model, tmp_path / "model.joblib")
        sizes.append((tmp_path / "model.joblib").stat().st_size)
    assert sizes[0] < 1.2e6
    assert sizes[1] > 2.5 * sizes[0]


def test_early_stopping_keeps_the_best_weights():
    X, y = signals()
    X_val, y_val = signals(seed=1)
    model = net(epochs=200, early_stopping=True, n_iter_no_change=3, optimizer__learning_rate=0.05)
    model.fit(X, y, X_val=X_val, y_val=y_val)
    losses = model.history_["val_loss"]
    assert model.n_iter_ == len(losses) < 200
    assert np.argmin(losses) == len(losses) - 1 - 3
    probability = model.predict_proba(X_val)
    rows = np.searchsorted(model.classes_, y_val)
    loss = -np.log(probability[np.arange(len(rows)), rows]).mean()
    assert loss == pytest.approx(min(losses), rel=1e-4)


def test_the_validation_share_is_not_trained_on():
    X, y = signals(n_samples=90)
    seen = []

    class Spy(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            seen.append(self.params["steps"])

    net(epochs=1, early_stopping=True, validation_fraction=0.2, batch_size=1, callbacks=[Spy]).fit(
        X, y
    )
    assert seen == [72]


def test_the_validation_share_keeps_patients_apart_and_classes_together():
    y = np.repeat([0, 1, 1, 2], 30)
    train, kept = validation_split(y, 0.1, None, np.random.RandomState(0))
    assert_array_equal(np.bincount(y[kept]), [3, 6, 3])
    assert_array_equal(np.sort(np.r_[train, kept]), np.arange(120))

    groups = np.arange(120) % 12
    train, kept = validation_split(y, 0.25, groups, np.random.RandomState(0))
    assert not set(groups[train]) & set(groups[kept])
    assert len(kept) == 30
    with pytest.raises(ValueError, match="one group"):
        validation_split(y, 0.25, np.zeros(120), np.random.RandomState(0))
    with pytest.raises(ValueError, match="validation_fraction"):
        validation_split(np.array([0, 1, 2]), 0.1, None, np.random.RandomState(0))


def test_the_seed_chooses_the_patients_of_the_validation_share():
    # Patients of unlike size, the rare class with five of them.
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(20), rng.integers(20, 200, size=20))
    y = (rng.random(len(groups)) < 0.2 * (groups < 5)).astype(int)
    seen = set()
    for seed in range(30):
        train, kept = validation_split(y, 0.2, groups, np.random.RandomState(seed))
        assert not set(groups[train]) & set(groups[kept])
        for k in (0, 1):
            assert 0.1 <= np.sum(y[kept] == k) / np.sum(y == k) <= 0.35
        seen.add(tuple(np.unique(groups[kept])))
    assert len(seen) > 10
    assert set().union(*seen) == set(range(20))


def test_a_class_of_one_patient_is_trained_on():
    groups = np.repeat(np.arange(5), 20)
    y = (groups == 3).astype(int)
    for seed in range(10):
        train, kept = validation_split(y, 0.4, groups, np.random.RandomState(seed))
        assert len(kept)
        assert y[train].any()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("y", [[0, 0, 0, 1, 1], [0, 1, 2, 3, 4], np.repeat([0, 1], [40, 3])])
def test_classes_rarer_than_one_share_of_the_patients(y):
    y = np.array(y)
    groups = np.arange(len(y))
    train, kept = validation_split(y, 0.1, groups, np.random.RandomState(0))
    assert_array_equal(np.sort(np.r_[train, kept]), groups)
    assert 1 <= len(kept) <= len(y) / 2


def test_one_class_is_warned_about():
    X, y = signals()
    with pytest.warns(UserWarning, match="one class only, 'same'"):
        model = net(epochs=1).fit(X, np.full(len(y), "same"))
    assert model.predict(X[:2]).tolist() == ["same", "same"]


def test_an_argument_that_the_optimizer_has_not_is_named():
    with pytest.raises(ValueError, match=r"optimizer='adam'.*optimizer__lr=5: .*'lr'"):
        net(epochs=1, optimizer__lr=5).fit(*signals())


def test_validation_data_must_fit():
    X, y = signals()
    model = net(epochs=1)
    with pytest.raises(ValueError, match="together"):
        model.fit(X, y, X_val=X)
    with pytest.raises(ValueError, match=r"y_val has labels.*F"):
        model.fit(X, y, X_val=X, y_val=np.where(y == "V", "F", y))
    with pytest.raises(ValueError, match="X_val"):
        model.fit(X, y, X_val=X[:, :-1], y_val=y)
    with pytest.raises(ValueError, match="X_val contains NaN"):
        model.fit(X, y, X_val=X * np.nan, y_val=y)
    with pytest.raises(ValueError, match="inconsistent"):
        model.fit(X, y, X_val=X, y_val=y[:-1])
    model.fit(X, y, X_val=X, y_val=y)
    assert len(model.history_["val_accuracy"]) == 1


def test_class_weight_pulls_towards_the_heavy_class():
    X, y = signals(n_classes=2)
    X = np.ones_like(X)
    # All samples are alike, and without dropout nothing else is random.
    heavy = net(dropout=0.0, class_weight={"N": 9, "Q": 1}).fit(X, y).predict_proba(X)
    assert heavy[0] == pytest.approx([0.9, 0.1], abs=0.03)
    rare = np.arange(len(y)) < 6
    X, y = np.ones_like(X), np.where(rare, "Q", "N")
    balanced = net(dropout=0.0, class_weight="balanced").fit(X, y).predict_proba(X)
    assert balanced[0] == pytest.approx([0.5, 0.5], abs=0.03)
    weight = np.ones(len(y))
    kept = weight.copy()
    net(epochs=1, class_weight="balanced").fit(X, y, sample_weight=weight)
    assert_array_equal(weight, kept)


def test_weights_of_zero_are_refused():
    X, y = signals()
    with pytest.raises(ValueError, match="weight"):
        net().fit(X, y, sample_weight=np.zeros(len(y)))
    with pytest.raises(ValueError, match=r"[Nn]egative"):
        net().fit(X, y, sample_weight=np.full(len(y), -1.0))


def test_one_hot_losses_and_metric_objects_work():
    X, y = signals()
    model = net(
        epochs=1, loss="categorical_crossentropy", metrics=[keras.metrics.CategoricalAccuracy]
    )
    model.fit(X, y)
    same = net(epochs=1).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), same.predict_proba(X), atol=1e-6)
    assert "categorical_accuracy" in model.history_
    smooth = net(
        epochs=1, loss=keras.losses.CategoricalCrossentropy, loss__label_smoothing=0.1
    ).fit(X, y)
    assert smooth.history_["loss"] != model.history_["loss"]


def test_an_optimizer_instance_stays_the_users():
    X, y = signals()
    optimizer = keras.optimizers.SGD(0.5)
    model = net(epochs=1, optimizer=optimizer, optimizer__learning_rate=None)
    model.fit(X, y)
    model.fit(X, y)
    assert not optimizer.built
    assert float(model.model_.optimizer.learning_rate) == 0.5


def test_callbacks_are_copied_for_every_fit():
    X, y = signals()
    callback = keras.callbacks.EarlyStopping(monitor="loss", patience=1, min_delta=100)
    model = net(callbacks=[callback])
    search = GridSearchCV(model, {"kernel_size": [3, 5]}, cv=2, n_jobs=2).fit(X, y)
    assert search.best_estimator_.n_iter_ == 2
    assert callback.model is None


def test_warm_start_refuses_another_architecture():
    X, y = signals()
    model = net(epochs=1, warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="kernel_size was 3 and is now 5"):
        model.set_params(kernel_size=5).fit(X, y)
    model.set_params(kernel_size=3, optimizer__learning_rate=0.1).fit(X, y)
    assert float(model.model_.optimizer.learning_rate) == pytest.approx(0.1)


@pytest.mark.parametrize("verbose", [0, 1, "bar"])
def test_progress(verbose):
    X, y = signals()
    out = io.StringIO()
    with redirect_stdout(out):
        net(epochs=3, verbose=verbose, early_stopping=True).fit(X, y)
    lines = out.getvalue().strip().splitlines()
    if verbose == 0:
        assert lines == []
    elif verbose == 1:
        assert [line.split()[1] for line in lines] == ["1/3", "2/3", "3/3"]
        assert all("loss" in line and "val. accuracy" in line for line in lines)
    else:
        assert "3/3" in lines[-1]


def test_an_interrupted_bar_gives_the_terminal_back():
    X, y = signals()

    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            raise KeyboardInterrupt

    for _ in range(2):  # rich allows one live display at a time
        with redirect_stdout(io.StringIO()), pytest.raises(KeyboardInterrupt):
            net(verbose="bar", callbacks=[Interrupt]).fit(X, y)


def test_transposed_leads_are_refused():
    X, y = signals(n_leads=3)
    with pytest.raises(ValueError, match="transpose"):
        net().fit(X.transpose(0, 2, 1), y)
    model = net(epochs=1).fit(X, y)
    with pytest.raises(ValueError, match=r"\(40, 2\).*\(40, 3\)"):
        model.predict(X[:, :, :2])


def test_a_memory_map_of_half_precision_is_predicted_in_bounded_memory(tmp_path):
    X, y = signals()
    model = net(epochs=1).fit(X, y)
    shape = (200_000, X.shape[1])
    big = np.lib.format.open_memmap(tmp_path / "big.npy", "w+", np.float16, shape)
    big[:] = np.tile(X, (shape[0] // len(X) + 1, 1))[: shape[0]]
    small_part = model.predict_proba(big[:60])
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        probability = model.predict_proba(np.load(tmp_path / "big.npy", mmap_mode="r"))
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    # The result, once in parts and once whole, and less than a tenth of the input as float32.
    assert peak < 2.2 * probability.nbytes + 0.1 * big.size * 4
    np.testing.assert_allclose(probability[:60], small_part, atol=1e-5)


def test_training_on_integers_makes_no_warning():
    X, y = signals(dtype=np.int16)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Not shown by default: Keras' variables on JAX are behind NumPy's protocol.
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="keras")
        net(epochs=1).fit(X, y).predict(X)


def test_endless_batches_are_those_of_epoch_after_epoch():
    X, y = np.arange(20).reshape(10, 2), np.arange(10)
    settings = {"batch_size": 4, "seed": 3, "epoch": 5}
    endless = TrainingBatches(X, y, None, **settings, endless=True)
    finite = TrainingBatches(X, y, None, **settings)
    assert (endless.num_batches, finite.num_batches) == (None, 3)
    labels = []
    for epoch in range(3):
        finite.n_epochs = epoch
        for i in range(3):
            found, expected = endless[3 * epoch + i], finite[i]
            assert_array_equal(found[0], expected[0])
            assert_array_equal(found[1], expected[1])
            labels.extend(found[1])
    epochs = np.reshape(labels, (3, 10))
    assert_array_equal(np.sort(epochs), np.tile(y, (3, 1)))
    assert not np.array_equal(epochs[0], epochs[1])


def test_weights_count_in_validation():
    # Half of the labels are wrong, and weigh nothing: they must not stop the training either.
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 20))
    y = (X[:, 0] > 0).astype(int)
    wrong = np.arange(400) % 2 == 1
    given = np.where(wrong, 1 - y, y)
    parameters = {"epochs": 8, "early_stopping": True, "validation_fraction": 0.3}
    model = net(**parameters).fit(X, given, sample_weight=(~wrong).astype(float))
    # Keras divides by the number of samples: no loss of the wrong half is in the sum.
    assert model.history_["val_loss"][-1] < model.history_["val_loss"][0] < 0.6
    with pytest.raises(ValueError, match="all weigh 0"):
        net(**parameters).fit(X, given, sample_weight=np.r_[1, np.zeros(399)])


def test_class_weights_count_in_given_validation_samples():
    X, y = signals()
    labels = np.unique(y)
    weight = {labels[0]: 3.0}
    plain, heavy = (
        net(epochs=1, optimizer__learning_rate=0.0, class_weight=w).fit(X, y, X_val=X, y_val=y)
        for w in (None, weight)
    )
    loss = -np.log(plain.predict_proba(X)[np.arange(len(y)), np.searchsorted(labels, y)])
    by_sample = np.where(y == labels[0], 3.0, 1.0)
    assert plain.history_["val_loss"][0] == pytest.approx(loss.mean(), rel=1e-4)
    assert heavy.history_["val_loss"][0] == pytest.approx((loss * by_sample).mean(), rel=1e-4)
    # Only some of the classes need be in a batch.
    few = y == labels[1]
    model = net(class_weight=weight).partial_fit(X, y, classes=labels)
    assert len(model.partial_fit(X[few], y[few]).history_["loss"]) == 2


@pytest.mark.parametrize("loss", ["categorical_focal_crossentropy", "CategoricalFocalCrossentropy"])
def test_a_loss_by_name_takes_arguments(loss):
    X, y = signals()
    plain, focal = (
        net(epochs=1, loss=loss, optimizer__learning_rate=0.0, **parameters).fit(X, y)
        for parameters in ({"loss__gamma": 0.0}, {"loss__gamma": 4.0})
    )
    assert focal.history_["loss"][0] < 0.5 * plain.history_["loss"][0]


def test_a_loss_may_be_a_partial_function():
    smoothed = functools.partial(keras.losses.categorical_crossentropy, label_smoothing=0.1)
    X, y = signals()
    assert net(epochs=1, loss=smoothed).fit(X, y).history_["loss"]


class Interrupted(keras.callbacks.Callback):
    """Ctrl-C after the first epoch."""

    def on_epoch_end(self, epoch, logs=None):
        raise KeyboardInterrupt


@pytest.mark.parametrize("warm_start", [False, True])
def test_an_interrupted_fit_leaves_the_fitted_network(warm_start):
    X, y = signals()
    model = net(epochs=2, warm_start=warm_start).fit(X, y)
    expected, history = model.predict_proba(X), dict(model.history_)
    with pytest.raises(KeyboardInterrupt):
        model.set_params(callbacks=[Interrupted]).fit(X, y)
    assert_array_equal(model.predict_proba(X), expected)
    assert (model.history_, model.n_iter_) == (history, 2)
    unfitted = net(epochs=2, callbacks=[Interrupted])
    with pytest.raises(KeyboardInterrupt):
        unfitted.fit(X, y)
    with pytest.raises(NotFittedError):
        unfitted.predict(X)


def test_columns_of_validation_data_must_be_in_order():
    X, y = signals()
    frame = pd.DataFrame(X.reshape(len(X), -1)).rename(columns="t{}".format)
    with pytest.raises(ValueError, match="same order"):
        net(epochs=1).fit(frame, y, X_val=frame.iloc[:, ::-1], y_val=y)


def test_recordings_are_no_input():
    records = make_recordings(2, duration=10, random_state=0)
    for given in ([*records], records[:1]):
        with pytest.raises(ValueError, match=r"X holds recordings; .*np\.stack"):
            net().fit(given, [0, 1][: len(given)])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"metrics": ["AUC"]}, r"metrics=\['AUC'\] cannot be followed"),
        ({"metrics": ["precision"]}, "cannot be followed"),
        (
            {"metrics": ["f1_score"], "loss": "categorical_crossentropy"},
            "f1_score is one figure for each class",
        ),
    ],
)
def test_metrics_that_do_not_suit_are_refused_before_training(parameters, message):
    X, y = signals()
    y = np.arange(len(y)) % 3
    with pytest.raises(ValueError, match=message):
        net(epochs=1, callbacks=[Interrupted], **parameters).fit(X, y)


def test_metrics_of_one_hot_rows():
    X, y = signals()
    metrics = [keras.metrics.F1Score(average="macro"), keras.metrics.AUC(name="auc")]
    model = net(epochs=1, metrics=metrics, loss="categorical_crossentropy").fit(X, y)
    assert sorted(model.history_) == ["auc", "f1_score", "loss"]
