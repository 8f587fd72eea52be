"""How much faster the folds of an ensemble are fitted two at a time.

Run with ``python benchmarks/fold_ensemble.py [--data MITDB] [--threads N] [--n-beats N] [--epochs
N]``: five ConvNets, one a fold, on beats of MIT-BIH where ``--data`` names its folder, else on
generated ones. Prints the ratio of times and whether the weights are the same. ``--threads`` is
what a network computes with, whether or not another one is fitted beside it; by default all
cores. Five equal fits on two cores take three turns, which is 5/3 as fast; what is above that
comes of worker processes keeping memory. It takes a machine that does nothing else.
"""

import argparse
import os
import time

import numpy as np

from skecg import ECGConvNetClassifier, FoldEnsembleClassifier
from skecg.datasets import load_mitbih, make_heartbeats


def beats(folder, n_beats):
    if folder is None:
        X, y, _ = make_heartbeats(n_beats, random_state=0, return_X_y_groups=True)
        return X, y
    bunch = load_mitbih(folder)
    X, y = bunch.data, bunch.target
    rows = np.random.default_rng(0).permutation(len(X))[:n_beats]
    return X[rows], y[rows]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder of MIT-BIH")
    parser.add_argument("--threads", type=int, help="of each network; as many as cores by default")
    parser.add_argument("--n-beats", type=int, default=4000)
    parser.add_argument("--epochs", type=int, default=6)
    args = parser.parse_args()

    if args.threads:
        for name in ("INTRAOP", "INTEROP"):
            os.environ[f"TF_NUM_{name}_THREADS"] = str(args.threads)
    X, y = beats(args.data, args.n_beats)
    network = ECGConvNetClassifier(epochs=args.epochs, early_stopping=False, random_state=0)
    network.fit(X[:64], y[:64])  # loads TensorFlow
    load = os.getloadavg()[0]
    seconds, probability = {}, {}
    for n_jobs in (2, 1):
        ensemble = FoldEnsembleClassifier(network, n_jobs=n_jobs)
        start, before = time.perf_counter(), os.times()
        ensemble.fit(X, y)
        seconds[n_jobs] = time.perf_counter() - start
        used = os.times().user + os.times().system - before.user - before.system
        probability[n_jobs] = ensemble.predict_proba(X[:500])
        print(f"n_jobs={n_jobs}: {seconds[n_jobs]:.1f} s", end="")
        print(f", {used / seconds[n_jobs]:.2f} cores busy" if n_jobs == 1 else "", flush=True)
    same = np.array_equal(probability[1], probability[2])
    print(
        f"{os.cpu_count()} cores, load {load:.1f} before, and {os.getloadavg()[0]:.1f} at the end"
    )
    print(f"n_jobs=1 / n_jobs=2 = {seconds[1] / seconds[2]:.2f} (at least 1.5)")
    print(f"predictions are {'the same' if same else 'others'}")


if __name__ == "__main__":
    main()
