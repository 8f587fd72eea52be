"""
============
Augmentation
============

What each augmenter does to a beat, and what copies of the rare beats do for two classifiers.
"""

# %%
# Before and after
# ----------------
# Four draws of each augmenter for the same beat. The zeros after the beat stay zeros.

import matplotlib.pyplot as plt
import numpy as np

from skecg.augmentation import (
    AmplitudeScale,
    AugmentedCopies,
    BaselineWander,
    GaussianNoise,
    LeadDropout,
    TimeShift,
    TimeWarp,
)
from skecg.datasets import make_heartbeats, make_recordings

beats = make_heartbeats(200, noise=0.01, random_state=0)
beat = beats.data[np.flatnonzero(beats.target == "N")[3]]
ms = 1000 / beats.fs * np.arange(len(beat))

augmenters = [
    GaussianNoise(0.03),
    BaselineWander(0.2),
    AmplitudeScale(0.3),
    TimeShift(5),
    TimeShift(5, mode="edge"),
    TimeWarp(0.3),
]
fig, axes = plt.subplots(2, 3, figsize=(9, 5), sharex=True, sharey=True, layout="constrained")
for ax, augmenter in zip(axes.flat, augmenters, strict=True):
    for drawn in augmenter.augment(np.tile(beat, (4, 1)), np.random.default_rng(0)):
        ax.plot(ms, drawn, color="C0", alpha=0.5, linewidth=1)
    ax.plot(ms, beat, color="black", linewidth=1.5, label="before")
    ax.set_title(repr(augmenter), fontsize="medium")
axes[0, 0].legend(frameon=False)
fig.supxlabel("time after the R peak (ms)")
fig.supylabel("scaled amplitude")
plt.show()

# %%
# Several leads
# -------------
# Shifts and warps move all leads alike, the baseline moves differently in each, and
# :class:`~skecg.augmentation.LeadDropout` silences some.

record = make_recordings(1, duration=3, leads=["I", "II", "V1", "V5"], random_state=5)[0]
X = record.signal[np.newaxis]
steps = [LeadDropout(0.4), BaselineWander(0.5, fs=record.fs), TimeShift(0.1)]
rng = np.random.default_rng(5)

fig, axes = plt.subplots(1, 4, figsize=(11, 4), sharey=True, layout="constrained")
seconds = np.arange(record.n_timesteps) / record.fs
offsets = -3.0 * np.arange(record.n_leads)
for ax, step in zip(axes, [None, *steps], strict=True):
    changed = X if step is None else step.augment(X, rng)
    ax.plot(seconds, changed[0] + offsets, color="black", linewidth=0.8)
    ax.set_title("before" if step is None else type(step).__name__, fontsize="medium")
    ax.set_xlabel("time (s)")
axes[0].set_yticks(offsets, record.lead_names)
plt.show()

# %%
# As transformers
# ---------------
# ``fit_transform``, which a pipeline calls in training, augments; ``transform``, which it calls to
# predict, does not.

noise = GaussianNoise(0.05, random_state=0)
print("largest change in training:  ", abs(noise.fit_transform(beats.data) - beats.data).max())
print("largest change in prediction:", abs(noise.transform(beats.data) - beats.data).max())

# %%
# As a sampler
# ------------
# Supraventricular, ventricular, fusion and paced beats are rare here. Copies of them are made
# within each fold, after the split. Whether that helps is for cross-validation to say: nearest
# neighbours, which need every variant of a beat before their eyes, gain much by copies, though
# little more by changed than by exact ones; trees lose by either.

from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import make_pipeline
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedGroupKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

X, y, groups = make_heartbeats(
    1000,
    class_weights={"N": 80, "S": 5, "V": 7, "F": 3, "Q": 5},
    return_X_y_groups=True,
    random_state=0,
)
samplers = {
    "as they are": "passthrough",
    "exact copies": RandomOverSampler(random_state=0),
    "changed copies": AugmentedCopies(
        [TimeWarp(0.3), AmplitudeScale(0.3), BaselineWander(0.1)],
        n_copies=8,
        classes=["S", "V", "F", "Q"],
        random_state=0,
    ),
}
print(f"macro F1 over patients not seen {'neighbours':>12} {'trees':>8}")
for name, sampler in samplers.items():
    scores = [
        cross_val_score(
            make_pipeline(sampler, classifier),
            X,
            y,
            groups=groups,
            cv=StratifiedGroupKFold(4),
            scoring="f1_macro",
        ).mean()
        for classifier in (KNeighborsClassifier(), ExtraTreesClassifier(50, random_state=0))
    ]
    print(f"{name:31} {scores[0]:12.3f} {scores[1]:8.3f}")
