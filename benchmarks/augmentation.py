"""How much faster augmenting a whole array is than one sample at a time.

Prints, for each augmenter, the ratio to two loops over the same beats:

- ``augment, one by one``: the augmenter itself, called once for every sample;
- ``plain NumPy``: a function for one sample, written with what NumPy offers for one
  sample, without the checks of an estimator.

Rounds of all three alternate, the fastest of each counts, and time is the processor's, so that
whatever else the machine does disturbs them little and alike.
"""

import argparse
import time

import numpy as np

from skecg.augmentation import (
    AmplitudeScale,
    BaselineWander,
    GaussianNoise,
    LeadDropout,
    TimeShift,
    TimeWarp,
)
from skecg.datasets import make_heartbeats


def length_of(x):
    used = np.flatnonzero(x.any(axis=1))
    return used[-1] + 1 if len(used) else 0


def gaussian_noise(x, rng):
    n = length_of(x)
    x[:n] += np.float32(0.05) * rng.standard_normal((n, x.shape[1]), dtype=np.float32)


def baseline_wander(x, rng):
    n = length_of(x)
    frequency, phase = rng.uniform(0.05, 0.5), rng.uniform(0, 2 * np.pi)
    amplitude = rng.uniform(-0.1, 0.1, x.shape[1]).astype(np.float32)
    angle = np.arange(n, dtype=np.float32) * np.float32(2 * np.pi * frequency / 125)
    x[:n] += np.sin(angle + np.float32(phase))[:, np.newaxis] * amplitude


def amplitude_scale(x, rng):
    x *= np.float32(rng.uniform(0.8, 1.2))


def lead_dropout(x, rng):
    n_leads = x.shape[1]
    silent = rng.random(n_leads) < 0.1
    silent[rng.integers(n_leads)] &= not silent.all()
    x[:, silent] = 0


def time_shift(x, rng):
    n = length_of(x)
    reach = int(0.05 * len(x))
    shift = rng.integers(-reach, reach, endpoint=True)
    x[:n] = np.pad(x[:n], ((reach, reach), (0, 0)), mode="reflect")[reach - shift :][:n]


def time_warp(x, rng):
    n = length_of(x)
    share = rng.random()
    first, second = rng.uniform(-0.1, 0.1, 2) * (share, 1 - share)
    steps = np.arange(n)
    angle = np.pi * steps / (n - 1)
    bend = first * np.sin(angle) + second / 2 * np.sin(2 * angle)
    position = steps + bend * (n - 1) / np.pi
    for lead in range(x.shape[1]):
        x[:n, lead] = np.interp(position, steps, x[:n, lead])


PAIRS = [
    (GaussianNoise(), gaussian_noise),
    (TimeShift(), time_shift),
    (AmplitudeScale(), amplitude_scale),
    (BaselineWander(), baseline_wander),
    (TimeWarp(), time_warp),
    (LeadDropout(), lead_dropout),
]


def seconds(run):
    start = time.process_time()
    run()
    return time.process_time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n-samples", type=int, default=20_000)
    parser.add_argument("--n-leads", type=int, default=1, help="LeadDropout gets 2 at least")
    parser.add_argument("--n-rounds", type=int, default=40)
    args = parser.parse_args()

    beats = make_heartbeats(args.n_samples, random_state=0).data
    rng = np.random.default_rng(0)

    print(f"{len(beats)} beats of {beats.shape[1]} time steps, {args.n_leads} lead(s), float32")
    print(f"{'':15} {'us per beat':>12} {'augment, one by one':>20} {'plain NumPy':>12}")
    for augmenter, one in PAIRS:
        n_leads = max(args.n_leads, 2) if isinstance(augmenter, LeadDropout) else args.n_leads
        X = np.stack([np.roll(beats, lead, axis=0) for lead in range(n_leads)], axis=2)
        few = X[:500]

        def whole(augmenter=augmenter, X=X):
            augmenter.augment(X, rng)

        def one_by_one(augmenter=augmenter, few=few):
            out = np.empty_like(few)
            for i in range(len(few)):
                out[i] = augmenter.augment(few[i : i + 1], rng)[0]

        def plain(one=one, few=few):
            out = few.copy()
            for x in out:
                one(x, rng)

        fastest = np.full(3, np.inf)
        for _ in range(args.n_rounds):
            fastest = np.minimum(fastest, [seconds(whole), seconds(one_by_one), seconds(plain)])
        each = fastest / (len(X), len(few), len(few))
        ratios = each[1:] / each[0]
        name = type(augmenter).__name__
        print(f"{name:15} {1e6 * each[0]:12.2f} {ratios[0]:19.0f}x {ratios[1]:11.1f}x")


if __name__ == "__main__":
    main()
