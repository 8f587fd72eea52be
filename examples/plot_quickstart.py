"""
===========================
From beats to a class table
===========================

A pipeline that balances the classes, augments, and trains a small network on generated beats; then
what it gets right and wrong on patients that it has not seen.
"""

# %%
# Beats, classes, patients
# ------------------------
# Each beat is a model patient's, from the R peak on, scaled to [0, 1] and padded with zeros.

from skecg.datasets import make_heartbeats
from skecg.inspection import BeatExamplesDisplay

CLASSES = ["N", "S", "V", "F", "Q"]
beats = make_heartbeats(
    2000, class_weights={"N": 70, "S": 8, "V": 12, "F": 3, "Q": 7}, random_state=0
)
BeatExamplesDisplay.from_samples(beats.data, beats.target, classes=CLASSES, fs=beats.fs)

# %%
# Where all the ventricular beats run:

from skecg.inspection import BeatDensityDisplay

# sphinx_gallery_thumbnail_number = 2
BeatDensityDisplay.from_samples(
    beats.data[beats.target == "V"], fs=beats.fs, name="Ventricular beats"
)

# %%
# Patients apart
# --------------

from skecg.model_selection import train_test_split_by_group

X_train, X_test, y_train, y_test, groups_train, groups_test = train_test_split_by_group(
    beats.data,
    beats.target,
    beats.groups,
    groups=beats.groups,
    stratify=beats.target,
    random_state=0,
)

# %%
# A pipeline
# ----------
# The rare classes are raised and the common one is cut to 250 beats; shifts and noise make the
# copies differ. Both happen in ``fit`` only.

from imblearn.pipeline import make_pipeline

from skecg import ECGConvNetClassifier
from skecg.augmentation import GaussianNoise, TimeShift
from skecg.inspection import ClassSharesDisplay
from skecg.sampling import RandomResampler, balance_to

resampler = RandomResampler(sampling_strategy=balance_to(250), random_state=0)
ClassSharesDisplay.from_sampler(resampler, X_train, y_train, classes=CLASSES)

# %%
# The network is a small one, so that this page is built in seconds.

pipeline = make_pipeline(
    resampler,
    TimeShift(4, random_state=0),
    GaussianNoise(0.02, random_state=0),
    ECGConvNetClassifier(
        filters=(16, 16, 32, 64),
        kernel_size=5,
        epochs=10,
        early_stopping=False,
        optimizer__learning_rate=3e-3,
        random_state=0,
    ),
)
pipeline.fit(X_train, y_train)

# %%

from skecg.inspection import TrainingHistoryDisplay

TrainingHistoryDisplay.from_estimator(pipeline)

# %%
# Results on unseen patients
# --------------------------

from skecg.metrics import aami_report

print(aami_report(y_test, pipeline.predict(X_test), labels=CLASSES))

# %%

from skecg.inspection import NormalizedConfusionMatrixDisplay

NormalizedConfusionMatrixDisplay.from_estimator(pipeline, X_test, y_test, labels=CLASSES)

# %%
# Whether its probabilities can be believed: bins with as many beats each suit rare classes.

from skecg.inspection import ClassCalibrationDisplay

ClassCalibrationDisplay.from_estimator(pipeline, X_test, y_test, n_bins=5, strategy="quantile")
