"""
=====================
Signals on ECG paper
=====================

Recordings drawn as cardiologists read them: 25 mm/s and 10 mm/mV, a small square 0.04 s by 0.1 mV.
"""

# %%
# A recording and its beats
# -------------------------

from skecg.datasets import make_recordings
from skecg.inspection import SignalDisplay

CLASSES = {"N": 70, "S": 15, "V": 10, "F": 5}
records = make_recordings(
    12, duration=60, leads=["II", "V1"], class_weights=CLASSES, random_state=1
)
SignalDisplay.from_record(records[-1], start=9, duration=8)

# %%
# What a classifier made of them
# ------------------------------
# A forest is trained on the beats of eleven recordings and labels those of the twelfth. Labels
# that differ from the annotation stand out: the forest sees one beat at a time, and the atrial
# premature beats (A) look like any other but for coming early.

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from skecg.preprocessing import BeatSegmenter

segmenter = BeatSegmenter(window=(0.3, 0.5), leads="II")
beats = [segmenter.segment(record) for record in records]
symbols = [
    record.annotations.symbol[part.index] for record, part in zip(records, beats, strict=True)
]
forest = RandomForestClassifier(random_state=0)
forest.fit(np.concatenate([part.data for part in beats[:-1]]), np.concatenate(symbols[:-1]))
SignalDisplay.from_predictions(
    records[-1],
    beats[-1].sample,
    forest.predict(beats[-1].data),
    y_true=symbols[-1],
    leads=["II"],
    start=9,
    duration=8,
)

# %%
# Twelve leads
# ------------
# The leads of a row follow each other in time, so that a column shows one moment.

from skecg.inspection import TwelveLeadDisplay

record = make_recordings(1, duration=10, leads=None, class_weights=CLASSES, random_state=3)[0]
TwelveLeadDisplay.from_record(record)
