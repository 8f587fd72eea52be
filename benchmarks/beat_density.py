"""How much faster the density of beats is counted than by a loop over the beats.

    python benchmarks/beat_density.py [n_beats]

The loop is what notebooks do: it appends one beat's time axis after the other, and gives the
points to a two-dimensional histogram.
"""

import sys
from time import perf_counter

import numpy as np

from skecg.datasets import make_heartbeats
from skecg.inspection._beats import _count

BINS = 80


def loop(X):
    time = np.arange(X.shape[1])
    times = time
    for _ in range(len(X) - 1):
        times = np.concatenate([times, time])
    edges = np.arange(X.shape[1] + 1) - 0.5
    return np.histogram2d(times, X.ravel(), bins=(edges, BINS), range=(None, (0, 1)))[0]


def vectorised(X):
    return _count(X, BINS, 0.0, 1.0, ignore_padding=False)


def seconds(function, X):
    best = np.inf
    for _ in range(3):
        start = perf_counter()
        function(X)
        best = min(best, perf_counter() - start)
    return best


def main():
    n_beats = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    X = make_heartbeats(n_beats, random_state=0).data
    moved = np.abs(loop(X) - vectorised(X)).sum() / X.size
    ratio = seconds(loop, X) / seconds(vectorised, X)
    print(f"{n_beats} beats: {ratio:.0f} times as fast as the loop")
    print(f"{moved:.2%} of the points in another bin (float32 at the bins' edges)")


if __name__ == "__main__":
    main()
