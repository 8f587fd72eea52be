"""
==================================
What a network's decision rests on
==================================

Grad-CAM and gradients of a small network, over generated beats of patients that it has not seen.
They show what moves the network. Whether that is what should move it is for the reader to say.
"""

# %%
# A network to look into
# ----------------------

from skecg import ECGConvNetClassifier
from skecg.datasets import make_heartbeats
from skecg.model_selection import train_test_split_by_group

X, y, groups = make_heartbeats(
    1500,
    class_weights={"N": 1, "V": 1, "Q": 1},
    n_timesteps=125,
    return_X_y_groups=True,
    random_state=0,
)
X_train, X_test, y_train, y_test = train_test_split_by_group(
    X, y, groups=groups, stratify=y, random_state=0
)
network = ECGConvNetClassifier(
    filters=(16, 16, 16, 32),
    kernel_size=3,
    epochs=10,
    early_stopping=False,
    optimizer__learning_rate=3e-3,
    random_state=0,
).fit(X_train, y_train)
print(f"accuracy on other patients: {network.score(X_test, y_test):.2f}")

# %%
# Grad-CAM
# --------
# Dark is what speaks for the class that the network chose, as coarse as the steps of its last
# convolution.

import numpy as np

from skecg.inspection import SaliencyDisplay

chosen = [np.flatnonzero(y_test == label)[0] for label in network.classes_]
SaliencyDisplay.from_estimator(network, X_test[chosen], y_test[chosen], fs=125)

# %%
# What would speak for V in each of them:

SaliencyDisplay.from_estimator(network, X_test[chosen], y_test[chosen], target="V", fs=125)

# %%
# Gradients
# ---------
# Fine and noisy: the samples that would change the decision if they changed.

SaliencyDisplay.from_estimator(network, X_test[chosen], y_test[chosen], method="gradient", fs=125)
