"""The support vector machines of Mondejar-Guerra et al. on MIT-BIH, DS1 to DS2, rebuilt.

    python benchmarks/mitbih_svms.py FOLDER
    python benchmarks/mitbih_svms.py FOLDER --marks all

Five machines, one on each kind of features of lead MLII, whose votes are multiplied, after
V. Mondejar-Guerra et al., "Heartbeat classification fusing temporal and morphological information
of ECGs via ensemble of classifiers", Biomedical Signal Processing and Control 47, 41-48, 2019, with
the settings of the code that its authors published (mondejar/ecg-classification): the escape beats
e and j count as S, and an interval reaches to the mark before, whatever it marks (``--marks all``).
By default intervals are those between beats, which is what a detector of R peaks can give. An hour
on one core.
"""

import argparse
from pathlib import Path

import numpy as np
from scipy.signal import medfilt
from scipy.stats import kurtosis, skew
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skecg import read_record
from skecg.metrics import aami_report, to_aami_classes
from skecg.model_selection import InterPatientSplit

CLASSES = "NSVF"
SYMBOLS = "NLRejAaJSVEF"
BEFORE = AFTER = 90
SEARCH = 20
FIVE_MINUTES = 5 * 60 * 360


def intervals(r_peaks):
    """Give RR before and after, its mean over ten beats and over five minutes, in samples."""
    pre = np.diff(r_peaks, prepend=2 * r_peaks[0] - r_peaks[1]).astype(float)
    post = np.append(pre[1:], pre[-1])
    until = np.append(0, pre.cumsum())
    row = np.arange(len(pre))
    tenth = np.maximum(row - 9, 0)
    local = (until[row + 1] - until[tenth]) / (row + 1 - tenth)
    first = np.minimum(np.searchsorted(r_peaks, r_peaks - FIVE_MINUTES, side="right"), row)
    recent = (until[row] - until[first]) / np.maximum(row - first, 1)
    recent[0] = pre[0]
    return np.column_stack([pre, post, local, recent])


def read_beats(path, marks):
    """Cut the beats of a record; return them with intervals and symbols."""
    record = read_record(path)
    signal = np.rint(record.lead("MLII").astype(float) * 200)
    signal -= medfilt(medfilt(signal, 71), 215)
    annotations = record.annotations if marks == "all" else record.annotations.beats()
    inside = (annotations.sample > SEARCH) & (annotations.sample < len(signal) - SEARCH)
    peaks = annotations.sample.copy()
    around = peaks[inside, np.newaxis] + np.arange(-SEARCH, SEARCH)
    peaks[inside] += signal[around].argmax(axis=1) - SEARCH
    classified = np.isin(annotations.symbol, list(SYMBOLS))
    rr = intervals(peaks)[classified]
    padded = np.pad(signal, BEFORE + SEARCH, mode="edge")
    window = peaks[classified, np.newaxis] + SEARCH + np.arange(BEFORE + AFTER)
    return padded[window], np.hstack([rr, rr / rr.mean(axis=0)]), annotations.symbol[classified]


def haar(beats):
    """Approximate beats by wavelets of eight samples."""
    for _ in range(3):
        beats = np.pad(beats, ((0, 0), (0, beats.shape[1] % 2)), mode="edge")
        beats = (beats[:, ::2] + beats[:, 1::2]) / np.sqrt(2)
    return beats


def moments(beats):
    """Give skewness and kurtosis of five parts of the beat."""
    parts = [beats[:, middle - 15 : middle + 15] for middle in range(30, 180, 30)]
    skewness = [skew(part, axis=1) for part in parts]
    return np.nan_to_num(np.column_stack(skewness + [kurtosis(p, 1, fisher=False) for p in parts]))


def binary_patterns(beats):
    """Count by which of the four samples on either side each sample is higher."""
    middle = beats[:, 4:-4]
    code = np.zeros(middle.shape, dtype=int)
    for step in (-4, -3, -2, -1, 1, 2, 3, 4):
        code = 2 * code + (middle > beats[:, 4 + step : beats.shape[1] - 4 + step])
    bits = np.arange(256)[:, np.newaxis] >> np.arange(8) & 1
    uniform = (bits != np.roll(bits, 1, axis=1)).sum(axis=1) <= 2
    column = np.where(uniform, uniform.cumsum() - 1, uniform.sum())
    counts = np.zeros((len(beats), column.max() + 1))
    np.add.at(counts, (np.arange(len(beats))[:, np.newaxis], column[code]), 1)
    return counts


def distances(beats):
    """Measure how far the R peak is from four extremes, the beat scaled to a unit square."""
    place = np.column_stack(
        [
            beats[:, :40].argmax(axis=1),
            75 + beats[:, 75:85].argmin(axis=1),
            95 + beats[:, 95:105].argmin(axis=1),
            150 + beats[:, 150:180].argmax(axis=1),
        ]
    )
    height = np.take_along_axis(beats, place, axis=1)
    low = place.min(axis=1, keepdims=True)
    across = (BEFORE - place) / (place.max(axis=1, keepdims=True) - low)
    r = beats[:, [BEFORE]]
    return np.hypot(
        across, (r - height) / (np.ptp(np.hstack([height, r]), 1)[:, np.newaxis] + 1e-9)
    )


def votes(decision):
    """Add up what the machines for two classes each say of every class."""
    total = np.zeros((len(decision), len(CLASSES)))
    pairs = np.column_stack(np.triu_indices(len(CLASSES), 1))
    for (first, second), margin in zip(pairs, decision.T, strict=True):
        total[:, first] += 1 / (1 + np.exp(-margin))
        total[:, second] += 1 / (1 + np.exp(margin))
    return total


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="folder of the MIT-BIH Arrhythmia Database")
    parser.add_argument("--marks", choices=["beats", "all"], default="beats", help="see above")
    options = parser.parse_args()

    names = np.array(sorted(path.stem for path in options.folder.glob("*.hea")))
    ds1, ds2 = next(InterPatientSplit().split(names, groups=names))
    parts = [read_beats(options.folder / name, options.marks) for name in names[[*ds1, *ds2]]]
    beats, rr, symbol = map(np.concatenate, zip(*parts, strict=True))
    in_ds1 = np.arange(len(beats)) < sum(len(part[0]) for part in parts[: len(ds1)])
    y = to_aami_classes(symbol, reassign={"e": "S", "j": "S"})
    y = np.array([CLASSES.index(label) for label in y.tolist()])
    weights = {k: np.sum(in_ds1) / np.sum(y[in_ds1] == k) for k in range(len(CLASSES))}

    def report(name, votes):
        true, predicted = (np.array(list(CLASSES))[k] for k in (y[~in_ds1], votes.argmax(axis=1)))
        found = aami_report(true, predicted, labels=CLASSES, ec57=False, output="dict")
        print(
            f"{name:16s} j-kappa {found['overall']['j_kappa']:.3f}, "
            f"accuracy {found['overall']['accuracy']:.4f}, S {found['S']['sensitivity']:.3f}",
            flush=True,
        )

    product = 1
    for name, X in {
        "intervals": rr,
        "distances": distances(beats),
        "moments": moments(beats),
        "wavelets": haar(beats),
        "binary patterns": binary_patterns(beats),
    }.items():
        machine = SVC(C=0.001, gamma="auto", class_weight=weights, decision_function_shape="ovo")
        model = make_pipeline(StandardScaler(), machine.set_params(cache_size=2000))
        model.fit(X[in_ds1], y[in_ds1])
        own = votes(model.decision_function(X[~in_ds1]))
        report(name, own)
        product = product * own
    report("product", product)


if __name__ == "__main__":
    main()
