"""An ensemble of support vector machines as Mondejar-Guerra et al. published it, for MIT-BIH.

V. Mondejar-Guerra, J. Novo, J. Rouco, M. G. Penedo and M. Ortega, "Heartbeat classification fusing
temporal and morphological information of ECGs via ensemble of classifiers", Biomedical Signal
Processing and Control 47, 41-48, 2019. doi:10.1016/j.bspc.2018.08.007

One machine looks at the RR intervals, four others at one description each of half a second of
MLII around the R peak. Their settings are the published ones; nothing is chosen here.
"""

from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import median_filter
from scipy.stats import kurtosis, skew
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from skecg.recordings import read_record

FS = 360
HALF = 90  # samples before and after the R peak
SEARCH = 20  # samples around the annotated R peak in which the highest one is taken
FIVE_MINUTES = 300 * FS
SIZES = {"rr": 8, "wavelet": 23, "moments": 10, "patterns": 59, "amplitudes": 4}
# As of the neighbours' order, those without more than two changes around the circle.
UNIFORM = [p for p in range(256) if bin(p ^ ((p >> 1) | (p & 1) << 7)).count("1") <= 2]


def svm_features(mitbih, folder):
    """Describe the beats of `load_mitbih`, of which only their places are used."""
    features = np.empty((len(mitbih.record), sum(SIZES.values())), dtype=np.float32)
    for name in np.unique(mitbih.record):
        rows = mitbih.record == name
        record = read_record(Path(folder) / name)
        signal = record.signal[:, record.lead_names.index(mitbih.lead_names[name][0])]
        beats, places = cut(signal, mitbih.sample[rows])
        features[rows] = np.column_stack(
            [rr(places), wavelet(beats), moments(beats), patterns(beats), amplitudes(beats)]
        )
    return features


def cut(signal, places):
    """Take the baseline out, move the R peaks to the highest sample, and cut beats there."""
    baseline = median_filter(median_filter(signal, 71), 215)
    signal = np.pad(signal - baseline, HALF, mode="edge")
    near = sliding_window_view(signal, 2 * SEARCH)[places + HALF - SEARCH]
    places = places - SEARCH + near.argmax(axis=1)
    return sliding_window_view(signal, 2 * HALF)[places], places


def rr(places):
    """Give the intervals before and after, the mean of ten and of five minutes, and by record."""
    pre = np.diff(places, prepend=2 * places[0] - places[1]).astype(float)
    post = np.append(pre[1:], pre[-1])
    total = np.append(0, np.cumsum(pre))
    here = np.arange(len(pre))
    tenth = np.maximum(here - 9, 0)
    local = (total[here + 1] - total[tenth]) / (here + 1 - tenth)
    first = np.minimum(np.searchsorted(places, places - FIVE_MINUTES, side="right"), here - 1)
    first = np.maximum(first, 0)
    last = np.maximum(here, 1)
    longer = (total[last] - total[first]) / (last - first)
    intervals = np.column_stack([pre, post, local, longer])
    return np.column_stack([intervals, intervals / intervals.mean(axis=0)])


def wavelet(beats):
    """Give the approximation of the third level by Haar's wavelet: means of eight samples."""
    beats = np.pad(beats, ((0, 0), (0, -beats.shape[1] % 8)), mode="symmetric")
    return beats.reshape(len(beats), -1, 8).sum(axis=2) / np.sqrt(8)


def moments(beats):
    """Give skewness and kurtosis of five parts."""
    parts = np.stack([beats[:, i - 15 : i + 15] for i in range(30, 180, 30)], axis=1)
    with np.errstate(invalid="ignore"):
        both = np.column_stack([skew(parts, axis=2), kurtosis(parts, axis=2, fisher=False)])
    return np.nan_to_num(both)


def patterns(beats):
    """Count uniform local binary patterns of eight neighbours, and the others."""
    windows = sliding_window_view(beats, 9, axis=1)
    centre = windows[..., 4:5]
    bits = np.delete(windows, 4, axis=2) < centre
    pattern = (bits * 2 ** np.arange(7, -1, -1)).sum(axis=2)
    number = np.full(256, len(UNIFORM))
    number[UNIFORM] = np.arange(len(UNIFORM))
    pattern = number[pattern]
    return np.stack([(pattern == i).sum(axis=1) for i in range(len(UNIFORM) + 1)], axis=1)


def amplitudes(beats):
    """Give the distances of the R peak from four extremes, both axes scaled to [0, 1]."""
    parts = [(0, 40, np.argmax), (75, 85, np.argmin), (95, 105, np.argmin), (150, 180, np.argmax)]
    at = np.stack([begin + of(beats[:, begin:end], axis=1) for begin, end, of in parts], axis=1)
    at = np.column_stack([at, np.full(len(beats), HALF)])
    value = np.take_along_axis(beats, at, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = [
            (v - v.min(axis=1, keepdims=True)) / np.ptp(v, axis=1, keepdims=True)
            for v in (at, value)
        ]
    distances = np.hypot(*(v[:, :4] - v[:, 4:] for v in scaled))
    return np.nan_to_num(distances)


class SVMEnsemble(ClassifierMixin, BaseEstimator):
    """Support vector machines, one for each description, whose votes are multiplied."""

    def __init__(self, C=0.001):
        self.C = C

    def fit(self, X, y):
        """Fit each machine to its columns."""
        self.classes_, counts = np.unique(y, return_counts=True)
        weight = dict(zip(self.classes_.tolist(), len(y) / counts, strict=True))
        machine = SVC(
            C=self.C,
            gamma="auto",
            class_weight=weight,
            decision_function_shape="ovo",
            cache_size=2000,
        )
        self.machines_ = []
        for columns in self._parts(X):
            self.machines_.append(
                make_pipeline(StandardScaler(), SVC(**machine.get_params())).fit(columns, y)
            )
        return self

    def _parts(self, X):
        return np.split(X, np.cumsum(list(SIZES.values()))[:-1], axis=1)

    def votes(self, X):
        """Give each machine's votes: of the pairs of a class, those that it won, softly."""
        first, second = np.triu_indices(len(self.classes_), k=1)
        votes = np.zeros((len(self.machines_), len(X), len(self.classes_)))
        for vote, machine, columns in zip(votes, self.machines_, self._parts(X), strict=True):
            won = 1 / (1 + np.exp(-machine.decision_function(columns)))
            for pair, (i, j) in enumerate(zip(first, second, strict=True)):
                vote[:, i] += won[:, pair]
                vote[:, j] += 1 - won[:, pair]
        return votes

    def predict(self, X):
        """Take the class with the largest product of votes."""
        return self.classes_[self.votes(X).prod(axis=0).argmax(axis=1)]
