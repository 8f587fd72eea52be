"""Learning from few samples, from scratch and from the features of a network fitted elsewhere.

Run with ``python benchmarks/transfer.py``. A small network learns to tell generated N, S, V and F
beats of one set of patients apart; then it, or a new one, learns from few beats of other patients
which of them begin in a ventricle. Test accuracy: mean +- standard deviation over five draws of
the few.
"""

import numpy as np

from skecg import ECGResNetClassifier, transfer
from skecg.datasets import make_heartbeats

SEEDS = range(5)


def beats(n_samples, random_state):
    X, y, _ = make_heartbeats(
        n_samples,
        class_weights=dict.fromkeys("NSVF", 1),
        random_state=random_state,
        return_X_y_groups=True,
    )
    return X, y


def main():
    settings = {"n_blocks": 2, "filters": 16, "epochs": 20, "batch_size": 16}
    source = ECGResNetClassifier(**settings, random_state=0).fit(*beats(3000, 0))
    X, y = beats(3000, 1)
    y = np.isin(y, ["V", "F"])
    print(f"{'samples':>7} {'from scratch':>15} {'transfer':>15} {'frozen':>15}   wins of 5")
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
        columns = np.transpose(scores)
        cells = "".join(f"  {c.mean():.3f} +- {c.std():.3f}" for c in columns)
        print(f"{n_samples:7} {cells}   {(columns[1] > columns[0]).sum()}")


if __name__ == "__main__":
    main()
