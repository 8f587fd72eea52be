"""What ``augment=[...]`` adds to the time of training.

Run with ``python benchmarks/augmented_training.py [N_BEATS]``. Epochs of the ConvNet with batches
of 32, with and without augmenters, take turns in one process; the fastest of each counts.
Compilation is left out.
"""

import sys
import time

from skecg import ECGConvNetClassifier
from skecg.augmentation import (
    AmplitudeScale,
    BaselineWander,
    GaussianNoise,
    LeadDropout,
    TimeShift,
    TimeWarp,
)
from skecg.datasets import make_heartbeats

ROUNDS = 6
AUGMENTERS = {
    "none": None,
    "GaussianNoise": [GaussianNoise()],
    "TimeWarp": [TimeWarp()],
    "all six": [
        TimeShift(),
        TimeWarp(),
        AmplitudeScale(),
        BaselineWander(),
        GaussianNoise(),
        LeadDropout(),
    ],
}


def main():
    n_beats = int(sys.argv[1]) if len(sys.argv) > 1 else 3200
    X, y, _ = make_heartbeats(n_beats, random_state=0, return_X_y_groups=True)
    networks = {
        name: ECGConvNetClassifier(
            augment=augment, epochs=1, early_stopping=False, warm_start=True, random_state=0
        ).fit(X[:640], y[:640])
        for name, augment in AUGMENTERS.items()
    }
    # Epochs beside one another, so that what else the machine does disturbs all alike.
    wall = {name: [] for name in networks}
    processor = {name: [] for name in networks}
    for _ in range(ROUNDS):
        for name, network in networks.items():
            start = time.perf_counter(), time.process_time()
            network.fit(X, y)
            wall[name].append(time.perf_counter() - start[0])
            processor[name].append(time.process_time() - start[1])
    print(f"{n_beats} beats an epoch; more than without augmenters (at most 10 %):")
    for name in list(AUGMENTERS)[1:]:
        more = [100 * (min(times[name]) / min(times["none"]) - 1) for times in (wall, processor)]
        print(f"{name:14} {more[0]:+6.1f} % of time, {more[1]:+6.1f} % of the processor's time")


if __name__ == "__main__":
    main()
