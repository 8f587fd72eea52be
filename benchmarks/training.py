"""Training against plain ``Model.fit`` on the same graph and batch size.

Run with ``python benchmarks/training.py [N_BEATS]``. The two take turns in one process; a
ratio above 1 means that skecg is faster. Compilation is left out on both sides.
"""

import sys
import time

import numpy as np

from skecg import ECGConvNetClassifier, ECGTabularDNNClassifier
from skecg.datasets import make_heartbeats

ROUNDS = 4


def epoch_of_ours(classifier, X, y):
    classifier.fit(X, y)
    return lambda: classifier.fit(X, y)


def epoch_of_keras(classifier, X, y):
    classifier.fit(X[:64], y[:64])
    model = classifier.model_
    binary = model.output_shape[-1] == 1
    model.compile(
        "adam",
        "binary_crossentropy" if binary else "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    X = X.reshape(len(X), *model.input_shape[1:])
    y = np.searchsorted(classifier.classes_, y)

    def run():
        model.fit(X, y, batch_size=32, verbose=0)

    run()
    return run


def compare(name, classifier, X, y):
    settings = {"epochs": 1, "warm_start": True, "early_stopping": False, "random_state": 0}
    ours = epoch_of_ours(classifier(**settings), X, y)
    theirs = epoch_of_keras(classifier(**settings), X, y)
    times = {ours: [], theirs: []}
    for _ in range(ROUNDS):
        for function in (theirs, ours):
            start = time.perf_counter()
            function()
            times[function].append(time.perf_counter() - start)
    ratio = min(times[theirs]) / min(times[ours])
    per_beat = min(times[ours]) / len(X)
    print(f"{name}: Model.fit / fit = {ratio:.2f} (at least 1); {per_beat * 1e5:.1f} s for 100,000")


def main():
    n_beats = int(sys.argv[1]) if len(sys.argv) > 1 else 6400
    X, y, _ = make_heartbeats(n_beats, random_state=0, return_X_y_groups=True)
    compare("ECGConvNetClassifier, 187 x 1, 5 classes", ECGConvNetClassifier, X, y)
    rng = np.random.default_rng(0)
    table = rng.normal(size=(4 * n_beats, 117)).astype(np.float32)
    compare("ECGTabularDNNClassifier, 117 columns", ECGTabularDNNClassifier, table, table[:, 0] > 0)


if __name__ == "__main__":
    main()
