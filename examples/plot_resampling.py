"""
Resample the training data
==========================

Nine beats in ten are normal. A sampler in a pipeline evens that out for training and leaves
alone what is predicted. This example compares three ways of doing so on generated beats,
patients apart.
"""

# %%
# Class shares
# ------------
#
# `balance_to` names one number of samples for every class; `RandomResampler` cuts larger
# classes to it and raises smaller ones.

from skecg.datasets import make_heartbeats
from skecg.inspection import ClassSharesDisplay
from skecg.sampling import RandomResampler, balance_to

X, y, groups = make_heartbeats(
    2000,
    class_weights={"N": 0.83, "S": 0.05, "V": 0.08, "F": 0.02, "Q": 0.02},
    return_X_y_groups=True,
    random_state=0,
)
sampler = RandomResampler(sampling_strategy=balance_to(300), random_state=0)
_ = ClassSharesDisplay.from_sampler(sampler, X, y, classes=list("NSVFQ"))

# %%
# Does it help?
# -------------
#
# Each sampler is a step of a pipeline, so that in every fold only the training part is
# resampled. `SignalSampler` runs the samplers of imbalanced-learn, on signals of any rank.

import matplotlib.pyplot as plt
import numpy as np
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedGroupKFold, cross_validate

from skecg.metrics import aami_scorer
from skecg.sampling import SignalSampler

samplers = {
    "as they are": "passthrough",
    "300 of each": sampler,
    "SMOTE": SignalSampler(SMOTE(random_state=0)),
}
measures = [f"{c}_{m}" for c in "SV" for m in ("sensitivity", "positive_predictivity")]
scores = {
    name: cross_validate(
        make_pipeline(step, ExtraTreesClassifier(50, random_state=0)),
        X,
        y,
        groups=groups,
        cv=StratifiedGroupKFold(4),
        scoring={measure: aami_scorer(measure) for measure in measures},
    )
    for name, step in samplers.items()
}

_, ax = plt.subplots(layout="constrained")
for i, (name, of_sampler) in enumerate(scores.items()):
    means = [of_sampler[f"test_{measure}"].mean() for measure in measures]
    ax.bar(np.arange(4) + 0.27 * (i - 1), means, 0.25, label=name)
ax.set(xticks=range(4), xticklabels=["S Se", "S +P", "V Se", "V +P"], ylabel="mean over 4 folds")
_ = ax.legend()

# %%
# More of the rare S beats are found; what that costs in positive predictivity is for the user to
# weigh. That the choice is made on patients who were not trained on is for the pipeline.
