"""
==========================
Search for good parameters
==========================

Four searches of scikit-learn: over kernel sizes; over kernel and stride together; with epochs as
the resource; over samplers and strengths of augmentation. On the beats of MIT-BIH, of which a few
thousand are drawn, where the environment variable ``SKECG_DATA`` names the folder with
``mitdb``, and on generated ones otherwise. The networks are small and trained briefly, so that
the page is built in seconds.
"""

# %%
# Beats of patients
# -----------------
# Folds that keep patients apart, and a score in which rare classes count like common ones.

import os
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from skecg.datasets import load_mitbih, make_heartbeats
from skecg.sampling import RandomResampler, balance_to

mitdb = Path(os.environ.get("SKECG_DATA", "")) / "mitdb"
if (mitdb / "100.hea").exists():
    beats = load_mitbih(mitdb)
    drawn = RandomResampler(sampling_strategy=balance_to(400, only="larger"), random_state=0)
    X, y = drawn.fit_resample(beats.data, beats.target)
    groups = drawn.carry(beats.groups)
else:
    X, y, groups = make_heartbeats(600, return_X_y_groups=True, random_state=0)

settings = {"cv": StratifiedGroupKFold(2), "scoring": "f1_macro"}


def show(search):
    """Print what was tried, the best first."""
    results = search.cv_results_
    for i in np.argsort(-results["mean_test_score"], kind="stable"):
        values = {name.split("__")[-1]: value for name, value in results["params"][i].items()}
        print(f"{results['mean_test_score'][i]:.3f}", values)


# %%
# Kernel sizes
# ------------
# A parameter that exists once for each block takes one value for all of them.

from imblearn.pipeline import Pipeline
from sklearn.model_selection import GridSearchCV

from skecg import ECGConvNetClassifier

pipeline = Pipeline(
    [
        ("resample", RandomResampler(random_state=0)),
        (
            "network",
            ECGConvNetClassifier(
                filters=(8, 8, 16),
                kernel_size=5,
                dropout=0.1,
                epochs=4,
                early_stopping=False,
                optimizer__learning_rate=1e-2,
                random_state=0,
            ),
        ),
    ]
)
search = GridSearchCV(pipeline, {"network__kernel_size": [3, 5, 9]}, refit=False, **settings)
show(search.fit(X, y, groups=groups))

# %%
# Kernel and stride together
# --------------------------
# Which stride is good depends on the kernel: they are searched as pairs, here in a network for
# signals of several leads. A list of grids leaves out pairs that skip samples.

from skecg import ECGMultiLeadCNNClassifier

network = ECGMultiLeadCNNClassifier(
    filters=(8, 8, 8),
    inner_kernel_size=3,
    dropout=0.0,
    epochs=4,
    early_stopping=False,
    optimizer__learning_rate=1e-2,
    random_state=0,
)
pairs = [
    {"kernel_size": [10], "strides": [2, 5]},
    {"kernel_size": [30], "strides": [15]},
]
search = GridSearchCV(network, pairs, refit=False, **settings)
show(search.fit(X, y, groups=groups))

# %%
# Epochs as the resource
# ----------------------
# Every candidate is trained a little, the best third of them three times as long, and so on. What
# learns fast is not always what ends best: give the first round epochs enough.

from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV

search = HalvingGridSearchCV(
    pipeline,
    {"network__optimizer__learning_rate": [1e-3, 1e-2, 1e-1]},
    resource="network__epochs",
    min_resources=2,
    max_resources=6,
    factor=3,
    refit=False,
    **settings,
)
search.fit(X, y, groups=groups)
for n_candidates, epochs in zip(search.n_candidates_, search.n_resources_, strict=True):
    print(f"{n_candidates} candidates of {epochs} epochs")
show(search)

# %%
# Samplers and strengths of augmentation
# --------------------------------------
# A whole step can be a value, and so can ``augment``, which draws anew in every epoch. Drawn at
# random, a few candidates say more than a grid of as many.

from imblearn.over_sampling import SMOTE
from scipy.stats import loguniform
from sklearn.model_selection import RandomizedSearchCV

from skecg.augmentation import GaussianNoise, TimeShift
from skecg.sampling import SignalSampler

search = RandomizedSearchCV(
    pipeline.set_params(network__augment=GaussianNoise()),
    [
        {
            "resample": [RandomResampler(random_state=0), SignalSampler(SMOTE(random_state=0))],
            "network__augment__std": loguniform(0.005, 0.2),
        },
        {
            "resample": ["passthrough"],
            "network__augment": [None, [TimeShift(3), GaussianNoise(0.02)]],
        },
    ],
    n_iter=4,
    refit=False,
    random_state=5,
    **settings,
)
show(search.fit(X, y, groups=groups))
