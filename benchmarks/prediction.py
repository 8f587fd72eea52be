"""Prediction of one beat and of many, against Keras' own ``Model.predict``.

Run with ``python benchmarks/prediction.py [N_BEATS]``. Each pair is timed in turn, in one
process; a ratio above 1 means that skecg is faster.
"""

import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np

from skecg import ECGConvNetClassifier
from skecg.datasets import make_heartbeats


def seconds(function, repeats):
    """Shortest of several runs: what the machine can do when left alone."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    n_beats = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    X, y, _ = make_heartbeats(n_beats, random_state=0, return_X_y_groups=True)
    classifier = ECGConvNetClassifier(epochs=1, early_stopping=False, random_state=0)
    classifier.fit(X[:640], y[:640])
    model = classifier.model_

    one, one_3d = X[:1], X[:1, :, np.newaxis]
    pairs = []
    for function in (
        lambda: classifier.predict_proba(one),
        lambda: model.predict(one_3d, verbose=0),
    ):
        function()
        pairs.append(seconds(function, 40))
    print(f"one beat: Model.predict / predict_proba = {pairs[1] / pairs[0]:.1f} (at least 20)")

    X_3d = X[:, :, np.newaxis]
    ours = seconds(lambda: classifier.predict_proba(X), 3)
    theirs = {}
    for batch_size in (32, 128, 512, 2048):
        theirs[batch_size] = seconds(
            lambda b=batch_size: model.predict(X_3d, batch_size=b, verbose=0), 2
        )
        ours = min(ours, seconds(lambda: classifier.predict_proba(X), 1))
        print(f"{n_beats} beats, batches of {batch_size}: {theirs[batch_size] / ours:.2f}")
    best = min(theirs, key=theirs.get)
    print(
        f"best of Model.predict ({best}) / predict_proba = {theirs[best] / ours:.2f} (at least 1)"
    )

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "beats.npy"
        stored = np.lib.format.open_memmap(path, "w+", np.float16, X.shape)
        stored[:] = X
        for rows in (n_beats // 10, n_beats):
            tracemalloc.start()
            result = classifier.predict_proba(np.load(path, mmap_mode="r")[:rows])
            peak = tracemalloc.get_traced_memory()[1] - 2 * result.nbytes
            tracemalloc.stop()
            print(f"memory map of {rows} beats: {peak / 1e6:.1f} MB beside the result")


if __name__ == "__main__":
    main()
