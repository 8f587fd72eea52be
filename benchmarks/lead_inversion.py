"""Exchanged electrodes in LUDB: how well a network tells each exchange from correct ones.

    python benchmarks/lead_inversion.py ../shared/data/ludb

Beats of 1.5 s in twelve leads, of people who are in one fold only. A training beat is shown in
a few arrangements of the electrodes, drawn at random, and with each of these five copies
shifted in time; a test beat is shown in every arrangement, unshifted. One network knows all
arrangements. It stops by people set aside from the training folds, before any copy is made.

For each exchange: the area under the ROC curve between the test beats with it and the same
beats with correct electrodes, by the network's odds of the one against the other; then the
same for whole recordings, by the mean of their beats' log odds. Mean over the folds, +- their
standard deviation, and in brackets the worst and the best.
"""

import argparse
import json
import time

import numpy as np
from imblearn.pipeline import make_pipeline
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from skecg import EarlyStoppingClassifier, ECGInversionCNNClassifier
from skecg.augmentation import AugmentedCopies, TimeShift
from skecg.datasets import load_ludb, make_lead_inversions
from skecg.preprocessing import BandpassFilter

KINDS = ("RA-LA", "RA-LL", "LA-LL", "RA-RL", "V1-V2", "V2-V3", "V3-V4", "V4-V5", "V5-V6")


def network(options):
    pipeline = make_pipeline(
        AugmentedCopies(TimeShift(max_shift=options.max_shift), n_copies=5, random_state=0),
        ECGInversionCNNClassifier(
            epochs=options.epochs,
            batch_size=options.batch_size,
            optimizer__learning_rate=options.learning_rate,
            random_state=options.seed,
            verbose=1,
        ),
    )
    return EarlyStoppingClassifier(pipeline, random_state=options.seed)


def score(model, bunch):
    """Give the areas by exchange, of beats and of recordings."""
    log_p = np.log(model.predict_proba(bunch.data) + 1e-7)
    column = {name: i for i, name in enumerate(model.classes_)}
    areas = {}
    for kind in KINDS:
        shown = np.isin(bunch.target, ["correct", kind])
        odds = (log_p[:, column[kind]] - log_p[:, column["correct"]])[shown]
        exchanged, groups = bunch.target[shown] == kind, bunch.groups[shown]
        people = np.unique(groups)
        of_people = [
            [odds[(groups == p) & (exchanged == k)].mean() for p in people] for k in (False, True)
        ]
        of_recordings = roc_auc_score(np.repeat([0, 1], len(people)), np.ravel(of_people))
        areas[kind] = [roc_auc_score(exchanged, odds), of_recordings]
    return areas


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_home", help="folder of the LUDB")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--only-folds", type=int, help="stop after so many")
    parser.add_argument("--arrangements", type=int, default=1, help="of each training beat")
    parser.add_argument("--epochs", type=int, default=20, help="at most")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--max-shift", type=float, default=0.1, help="share of the 1.5 s")
    parser.add_argument("--seed", type=int, default=0, help="of folds, beats and network")
    parser.add_argument("--output", help="JSON lines are appended to this file, one a fold")
    options = parser.parse_args()

    records = BandpassFilter(low=0.5, high=40).fit_transform(load_ludb(options.data_home).records)
    people = [record.patient_id for record in records]
    cv = GroupKFold(options.folds, shuffle=True, random_state=options.seed)
    results = []
    for train, test in list(cv.split(records, groups=people))[: options.only_folds]:
        start = time.perf_counter()
        shown = make_lead_inversions(
            [records[i] for i in train],
            KINDS,
            n_arrangements=options.arrangements,
            random_state=options.seed,
        )
        model = network(options).fit(shown.data, shown.target, groups=shown.groups)
        seconds = time.perf_counter() - start
        everything = make_lead_inversions(
            [records[i] for i in test], KINDS, n_arrangements=1 + len(KINDS), random_state=0
        )
        areas = score(model, everything)
        results.append(list(areas.values()))
        n_epochs = model.estimator_[-1].n_iter_
        print(f"fold {len(results)}: {n_epochs} epochs in {seconds:.0f} s", areas, flush=True)
        if options.output:
            row = {**vars(options), "fold": len(results), "epochs": n_epochs, "seconds": seconds}
            with open(options.output, "a") as file:
                file.write(json.dumps({**row, "areas": areas}) + "\n")

    print(f"{'exchange':10s} {'beats':36s} recordings")
    for kind, areas in zip(KINDS, np.array(results).transpose(1, 2, 0), strict=True):
        cells = [f"{a.mean():.3f} +- {a.std():.3f} [{a.min():.3f} {a.max():.3f}]" for a in areas]
        print(f"{kind:10s} {cells[0]:36s} {cells[1]}")


if __name__ == "__main__":
    main()
