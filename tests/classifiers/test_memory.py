"""What training leaves behind in the process: nothing that grows, nothing of the user's changed."""

import gc
import platform
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from joblib import Parallel, delayed
from numpy.testing import assert_array_equal
from tensorflow.python.framework import ops

from skecg import ECGConvNetClassifier
from skecg.classifiers import _memory
from tests.estimators import signals, small

STATM = Path("/proc/self/statm")


def tiny(**parameters):
    return small(ECGConvNetClassifier, **{"filters": (4,), "epochs": 1, **parameters})


def resident_megabytes():
    gc.collect()
    return int(STATM.read_text().split()[1]) * 4096 / 1e6


@pytest.mark.slow
@pytest.mark.skipif(not STATM.exists(), reason="reads the resident memory from /proc")
def test_fit_after_fit_needs_no_more_memory():
    X, y = signals()
    X_val, y_val = signals(seed=1)
    kept, resident = [], []
    for n in range(18):
        # This activation has a gradient of its own, which TensorFlow remembers, too.
        model = tiny(activation="silu", early_stopping=True)
        model.fit(X, y, X_val=X_val, y_val=y_val)
        if n < 2:
            kept.append((model, model.predict_proba(X)))
        else:
            model.predict(X)
        # When the collector runs on its own is no matter of what is kept.
        resident.append(resident_megabytes())
    assert resident[-1] - resident[5] < 12 * 0.5
    for model, probability in kept:
        assert_array_equal(model.predict_proba(X), probability)
        model.partial_fit(X, y)
        assert not np.array_equal(model.predict_proba(X), probability)


@pytest.mark.slow
def test_neither_arrays_nor_network_outlive_the_classifier():
    X, y = signals()
    weight = np.ones(len(y), dtype=np.float32)
    model = tiny().fit(X, y, sample_weight=weight)
    things = [weakref.ref(thing) for thing in (X, y, model.model_)]
    del X, y, model
    tiny().fit(*signals())
    gc.collect()
    assert all(thing() is None for thing in things)


def test_only_gradients_of_finished_training_steps_are_forgotten():
    @tf.custom_gradient
    def double(x):
        return 2 * x, lambda upstream: 3 * upstream

    users = tf.function(double).get_concrete_function(tf.constant(1.0))
    X, y = signals()
    tiny().fit(X, y)
    n_gradients = len(ops.gradient_registry.list())
    for _ in range(2):
        tiny(activation="silu").fit(X, y)
    tiny().fit(X, y)
    assert len(ops.gradient_registry.list()) == n_gradients
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        result = users(x)
    assert float(tape.gradient(result, x)) == 3


def test_the_users_settings_of_keras_stay():
    policy, floatx = keras.config.dtype_policy(), keras.config.floatx()
    try:
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("float64")
        layer = keras.layers.Dense(1)
        X, y = signals()
        tiny().fit(X, y).predict(X)
        assert keras.config.dtype_policy().name == "float64"
        assert keras.config.floatx() == "float64"
        assert keras.layers.Dense(1).name != layer.name
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)


def test_other_threads_predict_while_networks_come_and_go():
    X, y = signals()
    model = tiny().fit(X, y)
    probability = model.predict_proba(X)

    def predict(_):
        return np.array_equal(model.predict_proba(X), probability)

    with ThreadPoolExecutor(1) as pool:
        same = pool.map(predict, range(200))
        for _ in range(3):
            tiny().fit(X, y)
        assert all(same)


def pages_taken(network, X, y):
    """Fit, then count the pages that the system hands out for memory that comes and goes."""
    import resource

    def come_and_go():
        for _ in range(10):
            [b"1" * 1_000_000 for _ in range(40)]
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

    network.fit(X, y)
    return -come_and_go() + come_and_go()


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="is about the allocator of glibc")
def test_workers_keep_memory_for_the_next_step():
    X, y = signals()
    every_time = 10 * 40_000_000 / 4096
    (in_worker,) = Parallel(n_jobs=2)([delayed(pages_taken)(tiny(), X, y)])
    assert in_worker < every_time / 10


def test_the_users_process_keeps_memory_as_it_did(monkeypatch):
    monkeypatch.setattr(_memory, "ctypes", None)
    tiny().fit(*signals())
