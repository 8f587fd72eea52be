"""
Report as AAMI EC57 asks for it
===============================

Sensitivity and positive predictivity of each class, with intervals over patients, record by
record, and what the choice of split does to all of it. On generated beats.
"""

# %%
# Two splits of the same beats
# ----------------------------
#
# One at random, as many papers have it, and one that keeps patients apart.

from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict

from skecg.datasets import make_heartbeats
from skecg.metrics import aami_report

X, y, groups = make_heartbeats(
    3000,
    class_weights={"N": 0.83, "S": 0.05, "V": 0.08, "F": 0.02, "Q": 0.02},
    n_patients=20,
    return_X_y_groups=True,
    random_state=0,
)
trees = ExtraTreesClassifier(50, class_weight="balanced", min_samples_leaf=2, random_state=0)
at_random = cross_val_predict(trees, X, y, cv=StratifiedKFold(5, shuffle=True, random_state=0))
by_patient = cross_val_predict(trees, X, y, groups=groups, cv=StratifiedGroupKFold(5))

# %%
# The report
# ----------
#
# `groups` adds intervals: patients, not beats, are drawn again and again.

print(aami_report(y, by_patient, groups=groups, random_state=0))

# %%
# As a table for further use there is `output="frame"`. Here it shows how much of the figures
# goes back to beats of known patients.

import matplotlib.pyplot as plt
import numpy as np

figure, axes = plt.subplots(1, 2, sharey=True, figsize=(8, 3.5), layout="constrained")
measures = {"sensitivity": "sensitivity", "positive_predictivity": "positive predictivity"}
for ax, (measure, title) in zip(axes, measures.items(), strict=True):
    for shift, name, y_pred in ((-0.1, "at random", at_random), (0.1, "by patient", by_patient)):
        report = aami_report(y, y_pred, groups=groups, random_state=0, output="frame")
        of_class = report.xs(measure, level="figure")
        ends = np.abs(of_class[["low", "high"]].sub(of_class["value"], axis=0)).T
        x = np.arange(len(of_class)) + shift
        ax.errorbar(x, of_class["value"], yerr=ends, fmt="o", capsize=3, label=name)
    ax.set(title=title, xticks=range(5), xticklabels=of_class.index, ylim=(0, 1.03))
_ = figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)

# %%
# Patient by patient
# ------------------
#
# The totals hide who they come from.

from skecg.metrics import aami_report_by_record

print(aami_report_by_record(y, by_patient, record=groups))
