import json
import os
import pickle
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.model_selection import GridSearchCV

from skecg import ECGConvNetClassifier
from skecg.augmentation import GaussianNoise
from skecg.classifiers import _checkpoint
from tests.estimators import signals, small

ROOT = Path(__file__).parents[2]
X, Y = signals()


def net(**parameters):
    return small(ECGConvNetClassifier, **{"filters": (4, 4), **parameters})


class Killed(BaseException):
    pass


def fit_until(monkeypatch, model, epoch, **kwargs):
    """Fit, and die right after the checkpoint of an epoch."""
    write = _checkpoint.write
    count = iter(range(1, epoch + 1))

    def and_die(*args):
        write(*args)
        if next(count) == epoch:
            raise Killed

    monkeypatch.setattr(_checkpoint, "write", and_die)
    with pytest.raises(Killed):
        model.fit(X, Y, **kwargs)
    monkeypatch.setattr(_checkpoint, "write", write)


def assert_same(model, expected):
    assert_array_equal(model.predict_proba(X), expected.predict_proba(X))
    assert model.history_ == expected.history_
    assert model.n_iter_ == expected.n_iter_


def test_an_interrupted_fit_ends_as_if_nothing_had_happened(tmp_path, monkeypatch):
    parameters = {
        "epochs": 30,
        "early_stopping": True,
        "validation_fraction": 0.3,
        "n_iter_no_change": 3,
        "optimizer__learning_rate": 0.1,
        "augment": GaussianNoise(),
        "class_weight": "balanced",
    }
    expected = net(**parameters).fit(X, Y)
    assert 4 <= expected.n_iter_ < 30  # early stopping has something to remember
    # The last one has stopped, but not yet gone back to its best weights.
    for epoch in (2, expected.n_iter_ - 2):
        model = net(**parameters, checkpoint=tmp_path)
        fit_until(monkeypatch, model, epoch)
        assert len(os.listdir(tmp_path)) == 1
    trained = []
    monkeypatch.setattr(
        _checkpoint.Checkpoint,
        "on_epoch_begin",
        lambda self, epoch, logs=None: trained.append(epoch),
    )
    model = net(**parameters, checkpoint=str(tmp_path)).fit(X, Y)
    assert_same(model, expected)
    assert trained == []
    assert os.listdir(tmp_path) == []


def test_a_warm_start_is_resumed(tmp_path, monkeypatch):
    first = net(epochs=2, warm_start=True, keep_optimizer=True).fit(X, Y)
    expected, killed, resumed = (pickle.loads(pickle.dumps(first)) for _ in range(3))
    fit_until(monkeypatch, killed.set_params(checkpoint=tmp_path), 1)
    resumed.set_params(checkpoint=tmp_path).fit(X, Y)
    assert_same(resumed, expected.fit(X, Y))
    assert resumed.n_iter_ == 4


def test_no_two_fits_share_a_file():
    model = net(loss="categorical_crossentropy")
    model._check_training_data(X, Y, reset=True)
    model._start(np.unique(Y))
    model._compile()
    weight = np.ones(len(X))
    other = X.copy()
    other[3, 5] = np.nextafter(other[3, 5], 9)

    def name(data=(X, Y, None), **parameters):
        before = model.get_params(deep=False)
        found = _checkpoint._fingerprint(model.set_params(**parameters), data)
        model.set_params(**before)
        return found

    names = [
        name(),
        name((other, Y, None)),
        name((X, Y[::-1], None)),
        name((X, Y, weight)),
        name((X, Y, None, X, Y)),
        name((X.astype(np.float64), Y, None)),
        name(epochs=3),
        name(batch_size=7),
        name(optimizer__learning_rate=0.2),
        name(class_weight={"N": 2.0}),
        name(augment=[GaussianNoise()]),
        name(augment=[GaussianNoise(0.3)]),
    ]
    model._seed += 1
    names.append(name())
    assert len(set(names)) == len(names)
    assert name() == name(verbose=1, checkpoint="elsewhere")


def test_what_cannot_be_resumed_is_refused(tmp_path):
    for state in (None, np.random.RandomState(0)):
        with pytest.raises(ValueError, match=r"checkpoint needs an int as random_state"):
            net(checkpoint=tmp_path, random_state=state).fit(X, Y)
    with pytest.raises(ValueError, match=r"checkpoint cannot .* callbacks"):
        net(checkpoint=tmp_path, callbacks=[]).fit(X, Y)
    with pytest.raises(ValueError, match=r"activation.*lambda"):
        net(checkpoint=tmp_path, activation=lambda x: x).fit(X, Y)
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path, monkeypatch):
    model = net(epochs=3, checkpoint=tmp_path / "new" / "folder")
    fit_until(monkeypatch, model, 1)
    (file,) = (tmp_path / "new" / "folder").iterdir()
    before = file.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, hard))
    try:
        with pytest.raises(OSError, match=r"nothing was written.*checkpoint"):
            model.fit(X, Y)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert file.read_bytes() == before
    file.write_bytes(before[:-1])
    with pytest.raises(ValueError, match=r"\.checkpoint is damaged"):
        model.fit(X, Y)


def search(checkpoint, n_jobs):
    model = net(epochs=80, filters=(2,), dense_units=(2,), checkpoint=checkpoint)
    grid = {"kernel_size": [3, 5]}
    return GridSearchCV(model, grid, cv=2, n_jobs=n_jobs, scoring="neg_log_loss").fit(X, Y)


def files(folder):
    """List what is there but for what was being written when the process died."""
    return [name for name in os.listdir(folder) if not name.startswith(".")]


@pytest.mark.slow
def test_a_parallel_search_that_was_killed_goes_on(tmp_path):
    code = (
        "import sys; from tests.classifiers.test_checkpoint import search; search(sys.argv[1], 2)"
    )
    args = [sys.executable, "-c", code, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for _ in range(5):
        with subprocess.Popen(args, env=env, start_new_session=True) as process:
            while len(files(tmp_path)) < 2 and process.poll() is None:
                time.sleep(0.01)
            # On a busy machine the one worker may be done before the other begins.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                break
    assert len(files(tmp_path)) >= 2
    resumed, expected = search(tmp_path, 2), search(None, 1)
    scores = [found.cv_results_["mean_test_score"] for found in (resumed, expected)]
    assert_array_equal(*scores)
    assert_same(resumed.best_estimator_, expected.best_estimator_)
    assert files(tmp_path) == []


KILLED_TWENTY_TIMES = """
import json, os, random, signal, sys, time
import numpy as np
import skecg.classifiers._base  # once, for all children
from tests.classifiers.test_checkpoint import X, Y, net

folder = sys.argv[1]
checkpoints = os.path.join(folder, "checkpoints")
os.mkdir(checkpoints)
parameters = dict(
    epochs=200, filters=(2,), dense_units=(2,), optimizer__learning_rate=1e-3
)

def child(name, **more):
    pid = os.fork()
    if not pid:
        model = net(**parameters, **more).fit(X, Y)
        np.savez(os.path.join(folder, name), *model.model_.get_weights(), **model.history_)
        os._exit(0)
    return pid

def written():
    return [f.stat().st_mtime_ns for f in os.scandir(checkpoints) if f.name[0] != "."]

rng = random.Random(0)
os.waitpid(child("whole.npz"), 0)
kills = 0
for k in range(20):
    before = written()
    pid = child("resumed.npz", checkpoint=checkpoints)
    # One in four at any time at all, the others some time after they have got further.
    start = time.time()
    if k % 4 == 0 and k:
        time.sleep(rng.uniform(0, 1.5 * beginning))
    else:
        while written() == before and not os.waitpid(pid, os.WNOHANG)[0]:
            time.sleep(0.001)
        beginning = time.time() - start
        time.sleep(rng.uniform(0, 0.03))
    os.kill(pid, signal.SIGKILL)
    kills += os.waitpid(pid, 0)[1] == signal.SIGKILL
pid = child("resumed.npz", checkpoint=checkpoints)
status = os.waitpid(pid, 0)[1]
print(json.dumps([kills, status, [n for n in os.listdir(checkpoints) if n[0] != "."]]))
"""


@pytest.mark.slow
def test_twenty_kills_at_random_moments_change_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KILLED_TWENTY_TIMES, str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [20, 0, []]
    whole, resumed = (np.load(tmp_path / f"{name}.npz") for name in ("whole", "resumed"))
    assert set(whole) == set(resumed)
    for name in whole:
        assert_array_equal(whole[name], resumed[name])
