"""Learning from few samples, from scratch and from the features of a network fitted elsewhere.

Run with ``python benchmarks/transfer.py``. A small network learns to tell generated N, S and V
beats of one set of patients; then it, or a new one, learns to tell F from Q beats of others, from
few. Test accuracy, mean over five draws of the few.
"""

import numpy as np

from skecg import ECGResNetClassifier, transfer
from skecg.datasets import make_heartbeats

SEEDS = range(5)


def beats(classes, n_samples, random_state):
    X, y, _ = make_heartbeats(
        n_samples,
        class_weights=dict.fromkeys(classes, 1),
        random_state=random_state,
        return_X_y_groups=True,
    )
    return X, y


def main():
    settings = {
        "n_blocks": 3,
        "filters": 16,
        "epochs": 20,
        "batch_size": 16,
        "early_stopping": False,
        "optimizer__learning_rate": 2e-3,
    }
    source = ECGResNetClassifier(**settings, random_state=0).fit(*beats("NSV", 3000, 0))
    X, y = beats("FQ", 3000, 1)
    print(f"{'samples':>7} {'from scratch':>13} {'transfer':>9} {'frozen':>7}   wins of 5")
    for n_samples in (10, 20, 50):
        scores = []
        for seed in SEEDS:
            order = np.random.default_rng(seed).permutation(len(y))
            train, test = order[:n_samples], order[n_samples:]
            networks = (
                ECGResNetClassifier(**settings),
                transfer(source),
                transfer(source, freeze="features"),
            )
            scores.append(
                [
                    network.set_params(random_state=seed)
                    .fit(X[train], y[train])
                    .score(X[test], y[test])
                    for network in networks
                ]
            )
        scratch, moved, frozen = np.transpose(scores)
        print(
            f"{n_samples:7} {scratch.mean():13.3f} {moved.mean():9.3f} {frozen.mean():7.3f}"
            f"   {(moved > scratch).sum()}"
        )


if __name__ == "__main__":
    main()
