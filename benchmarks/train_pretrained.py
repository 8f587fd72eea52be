"""Train the model in the box, ``skecg.load_pretrained("mitbih-aami")``, and measure it.

    python benchmarks/train_pretrained.py FOLDER train
    python benchmarks/train_pretrained.py FOLDER measure

FOLDER holds the 48 records of MIT-BIH. ``train`` sees DS1 only: it trains five networks, each
without some patients, calibrates by what they make of these, trains one network on all of DS1 and
writes the file of weights. ``measure`` classifies the recordings of DS2 with that file and writes
the figures beside it, and the tables of the model card into docs/pretrained.md.

Every error counts: a beat that is not found, or found and not classified, is a missed one, and a
beat found where there is none is a wrong one of its class.
"""

import argparse
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from imblearn.pipeline import make_pipeline
from mitbih import decaying, write_between
from recordings import compare
from scipy.optimize import minimize
from scipy.special import log_softmax
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

import skecg
from skecg import ECGWideDeepClassifier, RecordClassifier, read_record
from skecg._aami import AAMI_CLASSES
from skecg._signals import resample
from skecg.datasets import load_mitbih
from skecg.datasets._mitbih import MITBIH_RECORDS
from skecg.feature_extraction import BeatContextSegmenter
from skecg.metrics import j_kappa_score, patient_bootstrap
from skecg.model_selection import InterPatientSplit
from skecg.sampling import RandomResampler

NAME = "mitbih-aami"
ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "skecg" / "pretrained_models" / f"{NAME}.skecg"
CARD = ROOT / "docs" / "pretrained.md"
SEED = 0
NETWORK = {"n_wide": 10, "n_leads": 2, "batch_size": 64, "l2": 1e-3}
CLASSES = tuple(sorted(AAMI_CLASSES))


def train(folder, epochs):
    """Calibrate on patients of DS1 held out in turn, and train on all of them."""
    ds1 = load_mitbih(folder, records=halves()[0], segmenter=BeatContextSegmenter())
    X, y, groups = ds1.data, ds1.target, ds1.groups
    # A third of the normal beats says as much, in a third of the time; calibration gives them
    # their share again.
    pipeline = make_pipeline(
        RandomResampler(sampling_strategy=fewer_usual, random_state=SEED),
        decaying(ECGWideDeepClassifier, epochs, SEED, **NETWORK),
    )
    cv = StratifiedGroupKFold(5, shuffle=True, random_state=SEED)
    held_out = cross_val_predict(pipeline, X, y, groups=groups, cv=cv, method="predict_proba")
    temperature, bias = calibration(held_out, y)
    print(f"temperature {temperature:.2f}, bias {dict(zip(CLASSES, bias.round(2), strict=True))}")
    scores = logarithm(held_out)
    describe("as it is", scores, y)
    describe("calibrated", log_softmax(scores / temperature + bias, axis=1), y)

    network = clone(pipeline).fit(X, y)[-1]
    # The last layer gives the logarithm of the probabilities, up to an offset.
    *_, last = network.model_.layers
    kernel, offset = last.get_weights()
    last.set_weights([kernel / temperature, offset / temperature + bias])
    network.set_params(callbacks=None, verbose=0)
    classifier = RecordClassifier(network, segmenter=BeatContextSegmenter(), lead="II")
    skecg.save(classifier, FILE)
    print(f"{FILE.name}: {FILE.stat().st_size} bytes, {network.model_.count_params()} parameters")


def halves():
    """Return the names of the records of DS1 and DS2."""
    names = np.array(MITBIH_RECORDS)
    ds1, ds2 = next(InterPatientSplit().split(names, groups=names))
    return names[ds1], names[ds2]


def fewer_usual(y):
    """Keep a third of the largest class, under whatever name it goes in a cross-validation."""
    names, counts = np.unique(y, return_counts=True)
    return {names[counts.argmax()]: counts.max() // 3}


def logarithm(probabilities):
    return np.log(np.maximum(probabilities.astype(np.float64), 1e-12))


def calibration(probabilities, y):
    """Find the temperature, and the bias by class, with the least log loss."""
    logits = logarithm(probabilities)
    column = np.searchsorted(CLASSES, y)
    rows = np.arange(len(y))

    def loss(parameters):
        scores = logits / np.exp(parameters[0]) + parameters[1:]
        return -log_softmax(scores, axis=1)[rows, column].mean()

    found = minimize(loss, np.zeros(1 + len(CLASSES)), method="L-BFGS-B").x
    return float(np.exp(found[0])), found[1:] - found[1:].mean()


def describe(label, scores, y):
    """Print what held-out patients give."""
    predicted = np.array(CLASSES)[scores.argmax(axis=1)]
    rows = np.arange(len(y))
    loss = -scores[rows, np.searchsorted(CLASSES, y)].mean()
    kappa = j_kappa_score(y[y != "Q"], predicted[y != "Q"], labels="NSVF", ec57=False)
    by_class = {c: figures_of(c, y, predicted) for c in "NSVF"}
    print(
        f"  {label}: j-kappa {kappa:.3f}, log loss {loss:.3f}, accuracy "
        f"{np.mean(predicted == y):.4f}, mean confidence {np.exp(scores.max(axis=1)).mean():.4f}, "
        + ", ".join(f"{c} {se:.3f} / {p:.3f}" for c, (se, p) in by_class.items()),
        flush=True,
    )


def figures_of(name, true, predicted):
    """Return sensitivity and positive predictivity of a class."""
    hits = np.sum((true == name) & (predicted == name))
    n_true, n_predicted = np.sum(true == name), np.sum(predicted == name)
    return hits / n_true if n_true else np.nan, hits / n_predicted if n_predicted else np.nan


def measure(folder):
    """Classify DS2 in three ways, and write down what comes out."""
    classifier = skecg.load_pretrained(NAME)
    ways = {
        "annotated": lambda record: classifier.predict_record(record, r_peaks="annotated"),
        "detected": classifier.predict_record,
        "detected, 250 Hz": lambda record: at_250_hz(classifier, record),
    }
    figures = {"date": datetime.now(UTC).date().isoformat(), "ds2": {}}
    for way, classify in ways.items():
        by_record, confidence = {}, []
        for name in halves()[1].tolist():
            record = read_record(folder / name)
            prediction = classify(record)
            by_record[name] = counts(*compare(record, prediction))
            confidence.append(prediction.beats["probability"])
        figures["ds2"][way] = {
            **score(by_record),
            "mean_confidence": round(float(np.nanmean(np.concatenate(confidence))), 4),
            "by_record": by_record,
        }
        print(f"{way}\n{table(figures['ds2'][way])}", flush=True)
    FILE.with_suffix(".json").write_text(json.dumps(figures) + "\n")
    write_between(CARD, {f"pretrained {way}": table(f) for way, f in figures["ds2"].items()})


def at_250_hz(classifier, record):
    """Classify the recording at another rate; give positions in the samples of this one."""
    signal = resample(record.signal, record.fs, 250)
    slower = replace(record, signal=signal, fs=250, annotations=None)
    prediction = classifier.predict_record(slower)
    beats = prediction.beats.copy()
    beats["sample"] = np.rint(beats["sample"] * (record.fs / 250))
    return replace(prediction, beats=beats)


def counts(true, predicted):
    """Count the beats of each class, those found, and those said to be of it."""
    return {
        c: [
            int(np.sum(true == c)),
            int(np.sum((true == c) & (predicted == c))),
            int(np.sum(predicted == c)),
        ]
        for c in AAMI_CLASSES
    }


def score(by_record):
    """Score, with intervals from drawing patients."""
    # A row a patient: the counts stand for the beats.
    table = np.array([list(of_class.values()) for of_class in by_record.values()])
    patients = np.arange(len(table))

    def ends(share):
        def metric(rows, _):
            part, whole = share(*np.moveaxis(rows.sum(axis=0), -1, 0))
            return part / whole if whole else np.nan

        found = patient_bootstrap(metric, table, table, groups=patients, random_state=SEED)
        values = (found.score, found.low, found.high)
        return [None if np.isnan(value) else round(float(value), 4) for value in values]

    totals = table.sum(axis=0)
    return {
        "n_beats": int(totals[:, 0].sum()),
        "accuracy": ends(lambda n, found, said: (found.sum(), n.sum())),
        "classes": {
            name: {
                "n_beats": int(totals[i, 0]),
                "sensitivity": ends(lambda n, found, said, i=i: (found[i], n[i])),
                "positive_predictivity": ends(lambda n, found, said, i=i: (found[i], said[i])),
            }
            for i, name in enumerate(AAMI_CLASSES)
        },
    }


def table(figures):
    """Render one way's figures for the card."""

    def cell(ends):
        return "-" if ends[0] is None else "{:.3f} ({:.3f} to {:.3f})".format(*ends)

    lines = ["| class | beats | sensitivity | positive predictivity |", "| --- | --- | --- | --- |"]
    for name, of_class in figures["classes"].items():
        cells = (cell(of_class[key]) for key in ("sensitivity", "positive_predictivity"))
        lines.append(f"| {name} | {of_class['n_beats']:,} | {' | '.join(cells)} |")
    lines.append(f"| all | {figures['n_beats']:,} | {cell(figures['accuracy'])} | |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="folder of the MIT-BIH Arrhythmia Database")
    parser.add_argument("step", choices=["train", "measure"])
    parser.add_argument("--epochs", type=int, default=8)
    options = parser.parse_args()
    if options.step == "train":
        train(options.folder, options.epochs)
    else:
        measure(options.folder)


if __name__ == "__main__":
    main()
