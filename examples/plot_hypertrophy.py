"""
Left ventricular hypertrophy, fold by fold
==========================================

The seven-fold cross-validation of a published system: the scaled signal at the marks of its
waves, age and sex, and a dense network. It runs on LUDB where the environment variable
``SKECG_DATA`` names the folder with it, and on generated recordings otherwise.
"""

# %%
# Recordings
# ----------
#
# The stand-ins are healthy recordings. In half of them the T waves of the leads that face the left
# ventricle are turned over, the strain pattern of hypertrophy. Their waves are where the R peaks
# let expect them.

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from skecg.datasets import load_ludb, make_recordings
from skecg.feature_extraction import validate_records
from skecg.recordings import Annotations

# Onset, peak and offset of P wave, QRS complex and T wave: s from the R peak.
MARKS = np.array([-0.2, -0.15, -0.1, -0.05, 0, 0.05, 0.16, 0.26, 0.36])
LEFT = [0, 4, 10, 11]  # I, aVL, V5, V6


def generate(n_people=84):
    """Make recordings with marks, of healthy and of strained hearts."""
    rng = np.random.default_rng(0)
    y = np.arange(n_people) % 2
    healthy = make_recordings(
        n_people, duration=10, fs=500, leads=None, class_weights={"N": 1}, random_state=0
    )
    records = []
    for record, strained in zip(healthy, y, strict=True):
        peaks = record.annotations.sample[1:-1, np.newaxis]
        # The waves of a fast heart are nearer to each other.
        shortest = np.diff(record.annotations.sample).min() / record.fs
        places = MARKS * min(1, shortest / 0.6)
        samples = (peaks + np.rint(places * record.fs).astype(int)).ravel()
        marks = Annotations(samples, np.tile(list("(p)(N)(t)"), len(peaks)))
        signal = record.signal.copy()
        if strained:
            t_waves = (peaks + np.arange(70, 190)).ravel()
            # Some have much strain, others hardly any.
            change = np.tile(rng.uniform(0.3, 2) * np.hanning(120), len(peaks))
            signal[t_waves[:, np.newaxis], LEFT] *= 1 - change[:, np.newaxis]
        records.append(
            replace(
                record,
                signal=signal,
                delineation=dict.fromkeys(record.lead_names, marks),
                age=int(np.clip(rng.normal(50 + 10 * strained, 15), 18, 90)),
                sex=str(rng.choice(["male", "female"])),
            )
        )
    return records, y


ludb = Path(os.environ.get("SKECG_DATA", "")) / "ludb"
if (ludb / "RECORDS").exists():
    records, y, _ = load_ludb(ludb, return_X_y_groups=True)
    records, y = validate_records(records, y)
else:
    records, y = generate()

# %%
# A table of 117 columns
# ----------------------
#
# Twelve leads with nine marks each, sex, and the decade of the age.

from sklearn.pipeline import make_pipeline, make_union

from skecg import ECGTabularDNNClassifier
from skecg.feature_extraction import AnnotationFeatures, Demographics

features = make_union(AnnotationFeatures(missing="baseline"), Demographics())
features.set_output(transform="pandas").fit_transform(records).iloc[:5, [0, 1, 2, 3, 4, -9, -2, -1]]

# %%
# Seven folds
# -----------
#
# The folds of the reference, and its 100 epochs. A logistic regression is asked the same: what is
# not better than that needs no network.

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_validate

features.set_output(transform="default")
models = {
    "network": ECGTabularDNNClassifier(epochs=100, random_state=0),
    "logistic regression": LogisticRegression(max_iter=1000),
}
folds = KFold(7, shuffle=True, random_state=123)
scores = {
    name: cross_validate(
        make_pipeline(features, model),
        records,
        y,
        cv=folds,
        scoring=["accuracy", "average_precision"],
    )
    for name, model in models.items()
}
for name, found in scores.items():
    for measure in ("accuracy", "average_precision"):
        of_folds = found[f"test_{measure}"]
        print(f"{name:20s} {measure:18s} {of_folds.mean():.3f} +- {of_folds.std():.3f}")

# %%
# A fold has few people, so that folds differ widely. One number from one of them means little.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
for row, (name, found) in enumerate(scores.items()):
    accuracy = found["test_accuracy"]
    ax.plot(accuracy, np.full(7, row), "o", alpha=0.5, label=name)
    ax.plot(accuracy.mean(), row, "k|", markersize=24)
_ = ax.set(
    xlabel="accuracy of a fold; bar: mean", yticks=range(2), yticklabels=scores, ylim=(-0.5, 1.5)
)
