"""Whether fit after fit in one process needs more memory: it should not.

Run with ``python benchmarks/memory.py [N_FITS]`` on Linux. Fits and predicts with a small
network, early stopping included, and prints the resident memory; the first ten fits are
warming up. The garbage collector runs when it pleases, as it does for a user.
"""

import sys
import time
from pathlib import Path

import numpy as np

from skecg import ECGConvNetClassifier
from skecg.datasets import make_heartbeats

WARM_UP = 10


def resident_megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def main():
    n_fits = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    X, y, _ = make_heartbeats(200, random_state=0, return_X_y_groups=True)
    most = 0.0
    start = time.perf_counter()
    for n in range(1, n_fits + 1):
        model = ECGConvNetClassifier(
            filters=(8, 8), kernel_size=3, dropout=0.1, epochs=1, random_state=0
        ).fit(X, y)
        probability = model.predict_proba(X)
        if n == 1:
            first, expected = model, probability
        if n == WARM_UP:
            warm = resident_megabytes()
        if n > WARM_UP:
            most = max(most, resident_megabytes())
        if n % 20 == 0 or n == WARM_UP:
            seconds = (time.perf_counter() - start) / n
            print(f"{n:>4} fits: {resident_megabytes():.0f} MB, {seconds:.2f} s a fit", flush=True)
    same = np.array_equal(first.predict_proba(X), expected)
    print(f"at most {most - warm:.0f} MB above that after {WARM_UP} fits (at most 100)")
    print(f"the first network predicts {'the same' if same else 'otherwise'}")


if __name__ == "__main__":
    main()
