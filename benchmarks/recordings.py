"""What is left of a classifier's figures when R peaks have to be found first.

    python benchmarks/recordings.py FOLDER

FOLDER holds the 48 records of MIT-BIH. Extra trees learn the annotated beats of DS1, as a window in
mV with four RR intervals beside it, and classify those of DS2 from whole recordings, once with
the annotated R peaks and once with detected ones. A beat that is not found within 150 ms, or is
found and not classified, counts as missed; a beat that is found where there is none counts as a
wrong one of its class. Other lead than MLII: the first. One seed, no search: the two tables are to
be compared with each other, not with the best classifier.
"""

import argparse
import warnings
from pathlib import Path

import numpy as np
from r_peaks import TOLERANCE, match, outside_flutter, reference_beats
from sklearn.ensemble import ExtraTreesClassifier

from skecg import RecordClassifier, read_record
from skecg._aami import AAMI_CLASS_OF_SYMBOL, AAMI_CLASSES
from skecg.datasets._mitbih import MITBIH_RECORDS
from skecg.model_selection import InterPatientSplit
from skecg.preprocessing import BeatSegmenter

MISSED = "missed"


class BeatsWithRhythm(BeatSegmenter):
    """Beats of 0.75 s in mV, followed by RR intervals: before, after, local and overall mean."""

    def segment(self, record, r_peaks=None):
        """Cut beats and measure the rhythm round them."""
        beats = super().segment(record, r_peaks)
        rr = np.diff(np.asarray(r_peaks)) / record.fs
        before, after = np.r_[rr[:1], rr][beats.index], np.r_[rr, rr[-1:]][beats.index]
        local = np.convolve(np.pad(rr, 5, mode="edge"), np.full(10, 0.1), mode="valid")[beats.index]
        overall = np.full(len(before), rr.mean())
        beats.data = np.column_stack([beats.data, before, after, local, overall])
        return beats


def by_class(true, predicted):
    """Print the table; ``true`` is "" for what was found where there is no beat."""
    columns = [*AAMI_CLASSES, MISSED]
    print("reference " + "".join(f"{c.lower():>8}" for c in columns) + "      Se %      +P %")
    for name in AAMI_CLASSES:
        row = [int(np.sum((true == name) & (predicted == c))) for c in columns]
        hit = row[AAMI_CLASSES.index(name)]
        n_true, n_predicted = np.sum(true == name), np.sum(predicted == name)
        figures = [100 * hit / n if n else np.nan for n in (n_true, n_predicted)]
        cells = [*(f"{n:8}" for n in row), *(f"{figure:10.2f}" for figure in figures)]
        print(f"{name:<10}" + "".join(cells))
    row = [int(np.sum((true == "") & (predicted == c))) for c in AAMI_CLASSES]
    print("no beat   " + "".join(f"{n:8}" for n in row))
    beats = true != ""
    print(f"accuracy over {beats.sum()} beats: {100 * np.mean((true == predicted)[beats]):.2f} %")


def compare(record, prediction):
    """Pair the annotated beats of a recording with the classified ones."""
    reference = reference_beats(record)
    marks = record.annotations.beats()
    symbols = marks.symbol[np.isin(marks.sample, reference)]
    classes = np.array([AAMI_CLASS_OF_SYMBOL[symbol] for symbol in symbols.tolist()])
    position = outside_flutter(record, prediction.beats["sample"])
    label = prediction.beats["label"][np.isin(prediction.beats["sample"], position)]
    i, j = match(reference, position, TOLERANCE * record.fs)
    predicted = np.full(len(reference), MISSED, dtype="U6")
    predicted[i] = np.where(label[j] == "", MISSED, label[j])
    extra = np.delete(label, j)
    extra = extra[extra != ""]
    return np.r_[classes, np.full(len(extra), "")], np.r_[predicted, extra]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="folder with the database's files")
    folder = Path(parser.parse_args().folder)
    # The first lead is taken in records without MLII, with a warning.
    warnings.filterwarnings("ignore", message=".*has no lead like II")
    names = np.array(MITBIH_RECORDS)
    train, test = next(InterPatientSplit().split(names, groups=names))
    classifier = RecordClassifier(
        ExtraTreesClassifier(300, min_samples_leaf=2, n_jobs=2, random_state=0),
        segmenter=BeatsWithRhythm(window=(0.25, 0.5), scaling=None),
    )
    classifier.fit([read_record(folder / name) for name in names[train]])
    for source in ("annotated", "detected"):
        pairs, n_beats, n_good = [], 0, 0
        for name in names[test]:
            record = read_record(folder / name)
            r_peaks = "annotated" if source == "annotated" else None
            prediction = classifier.predict_record(record, r_peaks=r_peaks)
            pairs.append(compare(record, prediction))
            n_beats += len(prediction.beats)
            n_good += np.sum(prediction.beats["quality"] == "good")
        print(f"\nDS2, R peaks {source}: {n_beats} beats, {n_beats - n_good} not classified")
        by_class(*map(np.concatenate, zip(*pairs, strict=True)))


if __name__ == "__main__":
    main()
