"""From heartbeats to a pickled, grid-searched pipeline: what ``skecg demo`` runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

_STEPS = 6
_PREDICT = """
import sys, joblib, numpy as np
model, beats, out = sys.argv[1:]
np.save(out, joblib.load(model).predict_proba(np.load(beats)))
"""


def run(out: Path, data: Path | None = None) -> None:
    """Run the demonstration.

    Parameters
    ----------
    out : Path
        Folder for results.
    data : Path, optional
        Folder of the MIT-BIH Arrhythmia Database; generated beats by default.
    """
    out.mkdir(parents=True, exist_ok=True)

    train, test, strategy, source = _generated() if data is None else _mitbih(data)
    _say(1, f"{source}: {len(train[1])} beats to learn from, {len(test[1])} of others to test on")

    _say(2, "kernel sizes 3, 5 and 7, each on three folds with patients apart; the best on all")
    search = _search(strategy, *train)
    for size, mean, sd in zip(
        search.cv_results_["param_ecgconvnetclassifier__kernel_size"],
        search.cv_results_["mean_test_score"],
        search.cv_results_["std_test_score"],
        strict=True,
    ):
        print(f"      kernel_size={size}: macro F1 {mean:.3f} (sd {sd:.3f} over the folds)")

    _say(3, f"report on the test patients, kernel_size={_kernel_size(search)}")
    predicted = search.predict(test[0])
    _report(test[1], predicted)

    picture = out / "confusion.png"
    _say(4, f"picture: {picture}")
    _draw(test, predicted, picture)

    model = out / "pipeline.joblib"
    _say(5, f"fitted pipeline: {model}")
    _dump_and_check(search.best_estimator_, test[0][:1000], model)
    _say(6, "a fresh process loaded it and predicted the same, bit for bit")
    if data is None:
        print("The beats were generated: these figures say nothing about patients.")


def _say(step: int, text: str) -> None:
    print(f"[{step}/{_STEPS}] {text}", flush=True)


def _generated() -> tuple[Any, Any, Any, str]:
    from skecg.datasets import make_heartbeats
    from skecg.model_selection import train_test_split_by_group
    from skecg.sampling import balance_to

    weights = {"N": 0.6, "S": 0.1, "V": 0.15, "F": 0.05, "Q": 0.1}
    X, y, groups = make_heartbeats(
        6000, class_weights=weights, n_patients=30, random_state=0, return_X_y_groups=True
    )
    X, X_test, y, y_test, groups, _ = train_test_split_by_group(
        X, y, groups, groups=groups, stratify=y, test_size=0.3, random_state=0
    )
    return (X, y, groups), (X_test, y_test), balance_to(600), "generated heartbeats"


def _mitbih(folder: Path) -> tuple[Any, Any, Any, str]:
    from skecg.datasets import load_mitbih
    from skecg.model_selection import InterPatientSplit
    from skecg.sampling import balance_to

    beats = load_mitbih(folder, verbose=True)
    rows, test = (
        part[beats.target[part] != "Q"]  # of which DS1 has 8 and DS2 7
        for part in next(InterPatientSplit().split(beats.data, groups=beats.record))
    )
    # A tenth of DS1: enough for a demonstration, and the search takes few minutes.
    rows = rows[::10]
    train = beats.data[rows], beats.target[rows], beats.groups[rows]
    # Most beats of new patients will be normal again: their share is left as it is.
    strategy = balance_to(600, only="smaller")
    source = "MIT-BIH without Q, every tenth beat of DS1, DS2"
    return train, (beats.data[test], beats.target[test]), strategy, source


def _search(strategy: Any, X: np.ndarray, y: np.ndarray, groups: np.ndarray) -> Any:
    from imblearn.pipeline import make_pipeline
    from sklearn.metrics import f1_score, make_scorer
    from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold

    from skecg import ECGConvNetClassifier
    from skecg.augmentation import GaussianNoise
    from skecg.sampling import RandomResampler, SignalSampler

    pipeline = make_pipeline(
        SignalSampler(RandomResampler(sampling_strategy=strategy, random_state=0)),
        GaussianNoise(random_state=0),
        ECGConvNetClassifier(epochs=5, early_stopping=False, random_state=0, verbose="bar"),
    )
    search = GridSearchCV(
        pipeline,
        {"ecgconvnetclassifier__kernel_size": [3, 5, 7]},
        cv=StratifiedGroupKFold(3, shuffle=True, random_state=0),
        scoring=make_scorer(f1_score, average="macro", zero_division=0),
        error_score="raise",
    )
    return search.fit(X, y, groups=groups)


def _kernel_size(search: Any) -> int:
    return search.best_params_["ecgconvnetclassifier__kernel_size"]


def _classes(y: np.ndarray) -> list[str]:
    from skecg._aami import AAMI_CLASSES

    return [label for label in AAMI_CLASSES if label in y]


def _report(y: np.ndarray, predicted: np.ndarray) -> None:
    from sklearn.metrics import classification_report

    print(classification_report(y, predicted, labels=_classes(y), zero_division=0))


def _draw(test: Any, predicted: np.ndarray, path: Path) -> None:
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from skecg.inspection import BeatExamplesDisplay, NormalizedConfusionMatrixDisplay

    classes = _classes(test[1])
    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 5), layout="constrained")
    BeatExamplesDisplay.from_samples(*test, classes=classes, fs=125, ax=left)
    NormalizedConfusionMatrixDisplay.from_predictions(test[1], predicted, labels=classes, ax=right)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _dump_and_check(pipeline: Any, X: np.ndarray, path: Path) -> None:
    import joblib

    joblib.dump(pipeline, path)
    beats, out = path.with_name("beats.npy"), path.with_name("probabilities.npy")
    np.save(beats, X)
    subprocess.run([sys.executable, "-c", _PREDICT, path, beats, out], check=True)
    if not np.array_equal(np.load(out), pipeline.predict_proba(X)):
        raise RuntimeError(f"{path} predicts otherwise in a fresh process.")
