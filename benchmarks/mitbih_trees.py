"""Trees on rhythm, shape and neighbours of beats, chosen by cross-validation among patients."""

import numpy as np
from imblearn.pipeline import make_pipeline
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.preprocessing import FunctionTransformer

from skecg.feature_extraction import RRFeatures
from skecg.metrics import j_kappa_score
from skecg.preprocessing import BeatSegmenter
from skecg.sampling import RandomResampler

FS = 125
# Seconds before and after the R peak, of the beat and of its parts.
BEAT = (0.3, 0.5)
PARTS = {"P": (-0.24, -0.07), "QRS": (-0.07, 0.09), "ST": (0.09, 0.16), "T": (0.14, 0.44)}


def segmenter():
    """Cut beats with their P wave, in mV."""
    return BeatSegmenter(window=BEAT, target_fs=FS, scaling=None)


def beat_features(beats, record, sample, fs=360):
    """Describe beats: rhythm, shape, shape against the usual beat of the record, neighbours.

    ``beats`` is (n_beats, n_timesteps, n_leads) from `segmenter`, those of a record in order of
    time; the columns are the rhythm's, then those of each lead, then those of the neighbours.
    Medians are taken over the whole record, unlabelled: this is for recordings at hand.
    """
    rhythm = RRFeatures(fs=fs).fit_transform(np.column_stack([record.astype(int), sample]))
    # The usual beat of a record may be an ectopic one: not among those that do not come early.
    late = rhythm[:, 0] >= rhythm[:, 3]
    shapes = [shape_features(beats[..., lead], record, late) for lead in range(beats.shape[2])]
    neighbours = neighbour_features(rhythm, shapes[0], record)
    return np.column_stack([rhythm, *shapes, neighbours]).astype(np.float32)


def neighbour_features(rhythm, shape, record):
    """Describe the beats around each beat, those to come included: rhythm and P waves there."""
    rows = [np.flatnonzero(record == name) for name in np.unique(record)]

    def around(values, reach, summary):
        found = np.empty(len(values))
        for of_record in rows:
            padded = np.pad(values[of_record], reach, mode="reflect")
            found[of_record] = summary(sliding_window_view(padded, 2 * reach + 1), axis=1)
        return found

    def beside(values, step):
        found = np.empty(len(values))
        for of_record in rows:
            place = np.arange(len(of_record)) + step
            found[of_record] = values[of_record[np.clip(place, 0, len(of_record) - 1)]]
        return found

    def spread(windows, axis):
        return np.subtract(*np.quantile(windows, (0.75, 0.25), axis=axis))

    pre, post, _, record_rr = rhythm[:, :4].T
    p_max, p_min, p_alike, qrs_alike, p_off = shape[:, [8, 9, 17, 18, 20]].T
    usual = around(pre, 8, np.mean)
    p_alike_around = around(p_alike, 15, np.median)
    p_off_around = around(p_off, 15, np.median)
    return np.column_stack(
        [
            pre / usual,
            post / usual,
            beside(pre, -1) / usual,
            beside(post, 1) / usual,
            (pre + post) / (2 * usual),
            usual / record_rr,
            # Atrial fibrillation: intervals vary, and no P wave is like the others.
            around(np.abs(pre - beside(pre, -1)), 25, np.median) / usual,
            around(pre, 25, spread) / usual,
            p_alike_around,
            p_alike - p_alike_around,
            p_off_around,
            p_off - p_off_around,
            around(p_max - p_min, 15, np.median),
            around(qrs_alike, 15, np.median),
        ]
    )


def shape_features(beats, record, late):
    """Describe the beats of one lead."""
    beats = beats - np.median(beats, axis=1, keepdims=True)
    usual = median_by_record(beats, record, late)
    p, qrs, st, t = (part(beats, name) for name in PARTS)
    usual_p, usual_qrs, _, usual_t = (part(usual, name) for name in PARTS)
    # Against the beat itself, and against the record: a wide beat is often a high one, too.
    height = np.ptp(qrs, axis=1) + 1e-3
    usual_height = np.ptp(usual_qrs, axis=1) + 1e-3
    begin, middle, end = energy_quantiles(beats)
    width = end - begin
    return np.column_stack(
        [
            width,
            middle,
            width / (median_by_record(width, record, late) + 1),
            height / usual_height,
            qrs.max(axis=1) / usual_height,
            qrs.min(axis=1) / usual_height,
            qrs.max(axis=1) / height,
            np.abs(qrs).mean(axis=1) / height,
            p.max(axis=1) / height,
            p.min(axis=1) / height,
            p.std(axis=1) / height,
            p.argmax(axis=1),
            st.mean(axis=1) / height,
            t.max(axis=1) / height,
            t.min(axis=1) / height,
            t.argmax(axis=1),
            correlation(beats, usual),
            correlation(p, usual_p),
            correlation(qrs, usual_qrs),
            correlation(t, usual_t),
            np.abs(p - usual_p).mean(axis=1) / usual_height,
            np.abs(qrs - usual_qrs).mean(axis=1) / usual_height,
            np.abs(t - usual_t).mean(axis=1) / usual_height,
        ]
    )


def part(beats, name):
    begin, end = (round((BEAT[0] + seconds) * FS) for seconds in PARTS[name])
    return beats[:, begin : end + 1]


def median_by_record(values, record, late):
    """Give every beat the median of the late beats of its record."""
    names, number = np.unique(record, return_inverse=True)
    medians = [np.median(values[late & (number == i)], axis=0) for i in range(len(names))]
    return np.stack(medians)[number]


def energy_quantiles(beats):
    """Give the samples by which 10, 50 and 90 % of the ups and downs near R are over."""
    r = round(BEAT[0] * FS)
    change = np.abs(np.diff(beats, axis=1))[:, r - 15 : r + 25]
    share = change.cumsum(axis=1) / (change.sum(axis=1, keepdims=True) + 1e-9)
    return [(share < quantile).sum(axis=1) for quantile in (0.1, 0.5, 0.9)]


def correlation(a, b):
    a = a - a.mean(axis=1, keepdims=True)
    b = b - b.mean(axis=1, keepdims=True)
    power = np.square(a).sum(axis=1) * np.square(b).sum(axis=1)
    return (a * b).sum(axis=1) / np.sqrt(power + 1e-12)


N_RHYTHM, N_SHAPE, N_NEIGHBOURS = 10, 23, 14
NEIGHBOURS = N_RHYTHM + 2 * N_SHAPE + np.arange(N_NEIGHBOURS)
COLUMNS = {
    "rhythm": np.arange(N_RHYTHM),
    "shape in two leads": np.arange(N_RHYTHM, N_RHYTHM + 2 * N_SHAPE),
    "rhythm, shape in one lead": np.arange(N_RHYTHM + N_SHAPE),
    "rhythm, shape in two leads": np.arange(N_RHYTHM + 2 * N_SHAPE),
    "rhythm, neighbours, shape in one lead": np.r_[np.arange(N_RHYTHM + N_SHAPE), NEIGHBOURS],
    "rhythm, neighbours, shape in two leads": np.arange(N_RHYTHM + 2 * N_SHAPE + N_NEIGHBOURS),
}
# Of the inverse frequency of a class: its weight.
POWERS = {"balanced": 1, "half balanced": 0.5}


def candidates(y, seed):
    """Return what is tried: classifiers by columns and weights."""
    classes, counts = np.unique(y, return_counts=True)
    counts[classes == "N"] = fewer_normal(y)["N"]
    found = {}
    for weights, power in POWERS.items():
        weight = dict(zip(classes.tolist(), (counts.max() / counts) ** power, strict=True))
        for name, columns in COLUMNS.items():
            trees = ExtraTreesClassifier(
                150, max_features=0.5, min_samples_leaf=10, class_weight=weight, random_state=seed
            )
            found[f"{weights}, {name}"] = make_pipeline(
                # A third of the normal beats says as much, in a third of the time.
                RandomResampler(sampling_strategy=fewer_normal, random_state=seed),
                FunctionTransformer(np.take, kw_args={"indices": columns, "axis": 1}),
                trees,
            )
    return found


def fewer_normal(y):
    return {"N": int(np.sum(y == "N")) // 3}


class ChosenTrees(ClassifierMixin, BaseEstimator):
    """The candidate with the best j-kappa of pooled predictions for patients held out."""

    def __init__(self, seed=0):
        self.seed = seed

    def fit(self, X, y, groups):
        """Choose on these patients, then fit on all of them."""
        cv = StratifiedGroupKFold(5, shuffle=True, random_state=self.seed)
        self.scores_ = {}
        tried = candidates(y, self.seed)
        for name, candidate in tried.items():
            predicted = cross_val_predict(candidate, X, y, groups=groups, cv=cv)
            self.scores_[name] = j_kappa_score(y, predicted, labels="NSVF", ec57=False)
            print(f"{name:55s} j-kappa {self.scores_[name]:.3f}", flush=True)
        self.chosen_ = max(self.scores_, key=self.scores_.get)
        self.estimator_ = clone(tried[self.chosen_]).fit(X, y)
        self.classes_ = self.estimator_.classes_
        return self

    def predict(self, X):
        """Classify beats."""
        return self.estimator_.predict(X)
