"""
===========================================
Search in several processes or on a cluster
===========================================

The same search in one process, in two, and on a Dask cluster: the same scores to the last digit. On
beats of MIT-BIH where the environment variable ``SKECG_DATA`` names the folder with ``mitdb``, and
on generated ones otherwise.
"""

# %%
# In one process
# --------------
# An integer as ``random_state`` makes a fit repeatable, wherever it runs.

import os
from pathlib import Path

import numpy as np
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold

from skecg import ECGConvNetClassifier
from skecg.augmentation import TimeShift
from skecg.datasets import load_mitbih, make_heartbeats
from skecg.sampling import RandomResampler, balance_to

mitdb = Path(os.environ.get("SKECG_DATA", "")) / "mitdb"
if (mitdb / "100.hea").exists():
    records = ["106", "119", "200", "208", "209", "221", "223", "233"]
    beats = load_mitbih(mitdb, records=records)
    drawn = RandomResampler(sampling_strategy=balance_to(1000, only="larger"), random_state=0)
    X, y = drawn.fit_resample(beats.data, beats.target)
    groups = drawn.carry(beats.groups)
else:
    X, y, groups = make_heartbeats(300, return_X_y_groups=True, random_state=0)
network = ECGConvNetClassifier(
    filters=(8, 8),
    dropout=0.1,
    augment=[TimeShift(3)],
    epochs=2,
    early_stopping=False,
    optimizer__learning_rate=1e-2,
    random_state=0,
)


def scores(n_jobs=None):
    """Mean scores of two kernel sizes."""
    search = GridSearchCV(
        network,
        {"kernel_size": [3, 5]},
        cv=StratifiedGroupKFold(2),
        refit=False,
        n_jobs=n_jobs,
    )
    return search.fit(X, y, groups=groups).cv_results_["mean_test_score"]


in_one_process = scores()
print(in_one_process)

# %%
# In two processes
# ----------------
# Each loads its own TensorFlow, which takes some seconds: this pays for fits that take longer.

in_two_processes = scores(n_jobs=2)
print(np.array_equal(in_two_processes, in_one_process))

# %%
# On a Dask cluster
# -----------------
# joblib hands the fits to the workers of a cluster (``pip install skecg[dask]``). This one lives
# in threads of this process; ``Client("scheduler:8786")`` reaches workers on other machines,
# which need skecg installed. Other kinds of processors round otherwise.

from dask.distributed import Client, LocalCluster
from joblib import parallel_config

with (
    LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster,
    Client(cluster),
    parallel_config("dask"),
):
    on_a_cluster = scores(n_jobs=-1)
print(np.array_equal(on_a_cluster, in_one_process))
