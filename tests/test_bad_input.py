"""What every public entry point says to bad input, and that it works on afterwards.

The estimators are found by walking the package; `REFUSED` has the calls of everything else, and
`test_no_entry_point_is_left_out` sees to it that nothing public is missing here.
"""

import importlib
import pkgutil
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from imblearn.under_sampling import RandomUnderSampler
from numpy.testing import assert_array_equal
from sklearn.base import is_classifier
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.utils import Bunch, get_tags

import skecg
from skecg import (
    ECGConvNetClassifier,
    augmentation,
    datasets,
    feature_extraction,
    metrics,
    preprocessing,
    sampling,
)
from skecg import inspection as displays
from skecg import model_selection as splits
from skecg._records import STANDARD_LEADS
from skecg.classifiers import to_onnx
from skecg.recordings import Annotations, ECGRecord
from tests.estimators import (
    all_estimator_classes,
    is_network,
    is_sampler,
    signals,
    small,
    untrained,
)

mpl.use("Agg")

X, Y = signals(24, 30)
AAMI, GUESS = np.array(list("NSVF" * 6)), np.array(list("NNVF" * 6))
GROUPS = np.repeat(list("abcd"), 6)
POSITION = np.tile(np.arange(6) * 100, 4)
MISSING = np.array([None, *GROUPS[1:]], dtype=object)
MIXED = np.array([1, *GROUPS[1:]], dtype=object)
NAN = np.where(np.arange(X.size).reshape(X.shape) == 7, np.nan, X)
INF = np.where(np.isnan(NAN), np.inf, X)
RECORD = datasets.make_recordings(1, duration=10, leads=STANDARD_LEADS, random_state=0)[0]
LEAD_II = RECORD.lead("II").astype(float)
TWELVE = np.ones((2, 40, 12))
NOWHERE = "http://127.0.0.1:9/"
SEQUENCES = np.array([["N", "V", "N"]])
NORMAL = DummyClassifier(strategy="most_frequent").fit(X, AAMI)


def with_nan(record):
    signal = record.signal.copy()
    signal[5] = np.nan
    return replace(record, signal=signal)


def accuracy(y_true, y_pred):
    return float(np.mean(y_true == y_pred))


# Of each public function, calls that must be refused with a word that tells what is wrong. A call
# gets an empty folder.
REFUSED = {
    "ECGRecord": [
        (lambda _: ECGRecord(np.zeros((2, 100)), 100, ["I", "II"]), "transposed"),
        (lambda _: ECGRecord(np.full((9, 1), np.inf), 100, ["I"]), "infinite"),
        (lambda _: ECGRecord(np.zeros((0, 1)), 100, ["I"]), "signal"),
        (lambda _: ECGRecord(np.zeros((9, 1), dtype=object), 100, ["I"]), "numeric"),
        (lambda _: ECGRecord(np.zeros((9, 1)), 0, ["I"]), "fs"),
        (lambda _: ECGRecord(np.zeros((9, 1)), "100", ["I"]), "fs"),
        (lambda _: ECGRecord(np.zeros((9, 1)), 100, None), "lead_names"),
        (lambda _: ECGRecord(np.zeros((9, 1)), 100, [None]), "lead_names"),
        (lambda _: ECGRecord(np.zeros((9, 1)), 100, ["I"], annotations=[3]), "annotations"),
        (lambda _: ECGRecord(np.zeros((9, 1)), 100, ["I"], delineation=[3]), "delineation"),
        (lambda _: ECGRecord(np.zeros((9, 1)), 100, ["I"], delineation={"I": 3}), "delineation"),
    ],
    "Annotations": [
        (lambda _: Annotations([1.5], ["N"]), "whole numbers"),
        (lambda _: Annotations([2, 1], ["N", "N"]), "ascending"),
        (lambda _: Annotations([1, 2], ["N"]), "one length"),
    ],
    "read_record": [
        (lambda folder: skecg.read_record(folder / "100"), "no recording"),
        (lambda folder: skecg.read_record(folder), "is a folder"),
    ],
    "load": [
        (lambda folder: skecg.load(folder / "model"), "model"),
    ],
    "save": [
        (lambda folder: skecg.save(None, folder / "model"), "estimator"),
        (lambda folder: skecg.save(LogisticRegression(), folder / "no" / "model"), "nothing was"),
    ],
    "load_pretrained": [(lambda _: skecg.load_pretrained("resnet"), "name")],
    "to_onnx": [(lambda folder: to_onnx(LogisticRegression(), folder / "x"), "estimator")],
    "transfer": [(lambda _: skecg.transfer(LogisticRegression()), "estimator")],
    "RecordPrediction": [],  # made by RecordClassifier
    "exchange_electrodes": [
        (lambda _: datasets.exchange_electrodes(np.where(TWELVE, np.nan, 0), "RA-LA"), "NaN"),
        (lambda _: datasets.exchange_electrodes(TWELVE * np.inf, "RA-LA"), "infinity"),
        (lambda _: datasets.exchange_electrodes(TWELVE.transpose(0, 2, 1), "RA-LA"), "twelve"),
        (lambda _: datasets.exchange_electrodes(TWELVE.astype(object), "RA-LA"), "object"),
        (lambda _: datasets.exchange_electrodes(TWELVE, "RA"), "electrodes"),
    ],
    "fetch_ludb": [
        (lambda folder: datasets.fetch_ludb(folder, base_url=NOWHERE, n_retries=0), "SHA256SUMS"),
    ],
    "fetch_mitbih": [
        (lambda folder: datasets.fetch_mitbih(folder, records=["1"]), "records"),
        (
            lambda folder: datasets.fetch_mitbih(folder, base_url=NOWHERE, n_retries=1.5),
            "n_retries",
        ),
        (lambda folder: datasets.fetch_mitbih(folder, base_url=NOWHERE, target="x"), "target"),
    ],
    "load_ludb": [(lambda folder: datasets.load_ludb(folder), "data_home")],
    "load_mitbih": [
        (lambda folder: datasets.load_mitbih(folder), "has none of the records asked for. fetch"),
        (lambda folder: datasets.load_mitbih(folder / "no"), "which is no folder. fetch"),
        (lambda folder: datasets.load_mitbih(folder, segmenter="rr"), "segmenter"),
    ],
    "load_heartbeat_csv": [
        (lambda folder: datasets.load_heartbeat_csv(folder / "beats.csv"), "beats.csv"),
        (lambda folder: datasets.load_heartbeat_csv([]), "path"),
    ],
    "load_lead_csv": [
        (lambda folder: datasets.load_lead_csv(folder / "beats.csv"), "beats.csv"),
        (lambda folder: datasets.load_lead_csv(folder / "x", n_leads=1.5), "n_leads"),
    ],
    "make_heartbeats": [
        (lambda _: datasets.make_heartbeats(-1), "n_samples"),
        (lambda _: datasets.make_heartbeats(2.5), "n_samples"),
        (lambda _: datasets.make_heartbeats(5, noise=np.nan), "noise"),
        (lambda _: datasets.make_heartbeats(5, fs="125"), "fs"),
    ],
    "make_lead_inversions": [
        (lambda _: datasets.make_lead_inversions([]), "records"),
        (lambda _: datasets.make_lead_inversions([RECORD], ["RA"]), "electrodes"),
    ],
    "make_recordings": [
        (lambda _: datasets.make_recordings(0), "n_recordings"),
        (lambda _: datasets.make_recordings(1, duration=np.inf), "duration"),
        (lambda _: datasets.make_recordings(1, leads=["Z"]), "leads"),
    ],
    "delineate": [
        (lambda _: feature_extraction.delineate(LEAD_II), "record"),
        (lambda _: feature_extraction.delineate(with_nan(RECORD)), "NaN"),
        (lambda _: feature_extraction.delineate(RECORD, r_peaks=[1.5]), "r_peaks"),
        (lambda _: feature_extraction.delineate(RECORD, r_peaks=[-5]), "r_peaks"),
        (lambda _: feature_extraction.delineate(RECORD, r_peaks=[10**6]), "r_peaks"),
        (lambda _: feature_extraction.delineate(RECORD, r_peaks=[500, 300]), "ascend"),
    ],
    "validate_records": [
        (lambda _: feature_extraction.validate_records(RECORD), "records"),
        (lambda _: feature_extraction.validate_records([RECORD], [1, 2]), "inconsistent"),
        (lambda _: feature_extraction.validate_records([RECORD], leads=[0]), "leads"),
    ],
    "voltage_criteria": [
        (lambda _: feature_extraction.voltage_criteria(LEAD_II), "record"),
        (
            lambda _: feature_extraction.voltage_criteria(
                replace(RECORD, delineation={}), delineator=lambda record: None
            ),
            "delineator",
        ),
    ],
    "VoltageCriterion": [],  # a result
    "aami_confusion_matrix": [
        (lambda _: metrics.aami_confusion_matrix(AAMI, GUESS[1:]), "one shape"),
        (lambda _: metrics.aami_confusion_matrix(AAMI[:0], GUESS[:0]), "no beat"),
        (lambda _: metrics.aami_confusion_matrix(MIXED, MIXED), "y_true"),
        (lambda _: metrics.aami_confusion_matrix(AAMI, GUESS, labels=5), "labels"),
    ],
    "aami_report": [
        (lambda _: metrics.aami_report(AAMI, GUESS, output="html"), "output"),
        (lambda _: metrics.aami_report(AAMI, GUESS, groups=MISSING), "groups"),
        (lambda _: metrics.aami_report(AAMI, GUESS, groups=GROUPS[1:]), "groups"),
        (
            lambda _: metrics.aami_report(AAMI, GUESS, groups=GROUPS, confidence_level="95"),
            "confidence_level",
        ),
    ],
    "aami_report_by_record": [
        (lambda _: metrics.aami_report_by_record(AAMI, GUESS, record=MISSING), "record"),
        (lambda _: metrics.aami_report_by_record(AAMI, GUESS, record=POSITION * np.nan), "record"),
    ],
    "aami_score": [
        (lambda _: metrics.aami_score(AAMI, GUESS, None), "measure"),
        (lambda _: metrics.aami_score(AAMI, GUESS, "Z_f1"), "measure"),
        (lambda _: metrics.aami_score(AAMI, GUESS, sample_weight=POSITION * np.nan), "weight"),
        (lambda _: metrics.aami_score(AAMI, GUESS, sample_weight=-POSITION), "weight"),
        (lambda _: metrics.aami_score(AAMI, GUESS, sample_weight=POSITION[1:]), "weight"),
    ],
    "aami_scorer": [(lambda _: metrics.aami_scorer(1), "measure")],
    "context_scorer": [
        (lambda _: metrics.context_scorer(None), "scoring"),
        (lambda _: metrics.context_scorer("f2"), "scor"),
    ],
    "j_index_score": [(lambda _: metrics.j_index_score(AAMI, AAMI + "?"), "y_pred")],
    "j_kappa_score": [(lambda _: metrics.j_kappa_score(np.arange(24) / 7, AAMI), "y_true")],
    "patient_bootstrap": [
        (lambda _: metrics.patient_bootstrap("f1", AAMI, GUESS, groups=GROUPS), "metric"),
        (lambda _: metrics.patient_bootstrap(accuracy, AAMI, None, groups=GROUPS), "y_pred"),
        (lambda _: metrics.patient_bootstrap(accuracy, AAMI, GUESS, groups=MIXED), "groups"),
        (
            lambda _: metrics.patient_bootstrap(
                accuracy, AAMI, GUESS, groups=GROUPS, n_resamples=1.5
            ),
            "n_resamples",
        ),
    ],
    "to_aami_classes": [
        (lambda _: metrics.to_aami_classes(["N", None]), "symbols"),
        (lambda _: metrics.to_aami_classes(["N"], reassign="e"), "reassign"),
    ],
    "cross_validate_bunch": [
        (lambda _: splits.cross_validate_bunch(LogisticRegression(), Bunch(data=X)), "target"),
        (
            lambda _: splits.cross_validate_bunch(
                LogisticRegression(), Bunch(data=X, target=Y, groups=MISSING), cv=3
            ),
            "groups",
        ),
    ],
    "InterPatientSplit": [
        (lambda _: list(splits.InterPatientSplit().split(X, Y)), "groups"),
        (lambda _: list(splits.InterPatientSplit().split(X, Y, GROUPS)), "groups"),
    ],
    "leave_one_patient_out": [
        (lambda _: splits.leave_one_patient_out(MISSING), "groups"),
        (lambda _: splits.leave_one_patient_out(GROUPS[:0]), "groups"),
        (lambda _: splits.leave_one_patient_out(POSITION * np.nan), "groups"),
        (lambda _: splits.leave_one_patient_out(["a", np.nan, "b"]), "all strings or all numbers"),
    ],
    "train_test_split_by_group": [
        (lambda _: splits.train_test_split_by_group(X, groups=MIXED), "groups"),
        (lambda _: splits.train_test_split_by_group(X, groups=GROUPS[1:]), "inconsistent"),
        (lambda _: splits.train_test_split_by_group(X, groups=GROUPS, test_size=2), "test_size"),
        (lambda _: splits.train_test_split_by_group(X, groups=GROUPS, test_size="a"), "test_size"),
        (lambda _: splits.train_test_split_by_group(X, groups=GROUPS, stratify=MIXED), "stratify"),
        (
            lambda _: splits.train_test_split_by_group(
                X, groups=GROUPS, stratify=POSITION * np.nan
            ),
            "stratify",
        ),
        (lambda _: splits.train_test_split_by_group(X, groups=GROUPS, stratify=X), "stratify"),
    ],
    "warn_if_groups_overlap": [
        (lambda _: splits.warn_if_groups_overlap([([0], [99])], GROUPS), "splits"),
        (lambda _: splits.warn_if_groups_overlap([([0.5], [1])], GROUPS), "splits"),
    ],
    "detect_r_peaks": [
        (lambda _: preprocessing.detect_r_peaks(LEAD_II[:9], 360), "signal"),
        (lambda _: preprocessing.detect_r_peaks(LEAD_II, "360"), "fs"),
        (lambda _: preprocessing.detect_r_peaks(LEAD_II * np.inf, 360), "infinite"),
        (lambda _: preprocessing.detect_r_peaks(np.zeros((2, 5000)), 360), "transposed"),
    ],
    "signal_quality": [
        (lambda _: preprocessing.signal_quality(LEAD_II.astype(object), 360), "numeric"),
        (lambda _: preprocessing.signal_quality(LEAD_II, 0), "fs"),
        (lambda _: preprocessing.signal_quality(np.zeros((2, 5000)), 360), "transposed"),
    ],
    "make_beat_sequences": [
        (lambda _: preprocessing.make_beat_sequences(X, Y, MISSING, POSITION, 3), "groups"),
        (lambda _: preprocessing.make_beat_sequences(X, Y, GROUPS, POSITION * np.nan, 3), "positi"),
        (lambda _: preprocessing.make_beat_sequences(X, Y, GROUPS, GROUPS, 3), "numeric"),
        (lambda _: preprocessing.make_beat_sequences(X, Y, GROUPS, X, 3), "position"),
        (lambda _: preprocessing.make_beat_sequences(X, Y, GROUPS, POSITION, 2.5), "n_beats"),
        (
            lambda _: preprocessing.make_beat_sequences(
                np.zeros((24, 2, 30)), Y, GROUPS, POSITION, 3
            ),
            "transposed",
        ),
    ],
    "flatten_sequences": [
        (lambda _: preprocessing.flatten_sequences(SEQUENCES, [[0, 1]]), "index"),
        (lambda _: preprocessing.flatten_sequences(SEQUENCES, [[0, 1, np.nan]]), "index"),
        (lambda _: preprocessing.flatten_sequences(SEQUENCES, [[-1, 0, 1]]), "index"),
    ],
    "balance_to": [
        (lambda _: sampling.balance_to(2.5), "n_samples"),
        (lambda _: sampling.balance_to(5, only=["larger"]), "only"),
    ],
    "saliency_map": [(lambda _: displays.saliency_map(None, X), "estimator")],
    "SaliencyDisplay": [
        (lambda _: displays.SaliencyDisplay(X[:1], X[:1], ["N"], fs=0).plot(), "fs"),
        (lambda _: displays.SaliencyDisplay(X[:1], X[:1], ["N"], fs="125").plot(), "fs"),
    ],
    "BeatDensityDisplay": [
        (lambda _: displays.BeatDensityDisplay.from_samples(NAN), "NaN"),
        (lambda _: displays.BeatDensityDisplay.from_samples(X, bins=2.5), "bins"),
        (lambda _: displays.BeatDensityDisplay.from_samples(X, amplitude_range=5), "amplitude"),
        (lambda _: displays.BeatDensityDisplay.from_samples(X, fs=-1), "fs"),
    ],
    "BeatExamplesDisplay": [
        (lambda _: displays.BeatExamplesDisplay.from_samples(INF, Y), "infinity"),
        (lambda _: displays.BeatExamplesDisplay.from_samples(X, MISSING), "y "),
        (lambda _: displays.BeatExamplesDisplay.from_samples(X, Y, fs=0), "fs"),
        (
            lambda _: displays.BeatExamplesDisplay.from_samples(np.zeros((24, 2, 30)), Y),
            "transposed",
        ),
    ],
    "ClassCalibrationDisplay": [
        (lambda _: displays.ClassCalibrationDisplay.from_predictions(MISSING, X), "y_true"),
        (lambda _: displays.ClassCalibrationDisplay.from_predictions(Y, NAN), "y_proba"),
    ],
    "ClassSharesDisplay": [
        (lambda _: displays.ClassSharesDisplay.from_labels(MISSING), "y "),
        (lambda _: displays.ClassSharesDisplay.from_labels(Y[:0]), "empty"),
        (lambda _: displays.ClassSharesDisplay.from_sampler(None, X, Y), "sampler"),
    ],
    "NormalizedConfusionMatrixDisplay": [
        (
            lambda _: displays.NormalizedConfusionMatrixDisplay.from_predictions(Y, Y[1:]),
            "inconsistent",
        ),
    ],
    "SignalDisplay": [
        (lambda _: displays.SignalDisplay.from_record(LEAD_II), "record"),
        (lambda _: displays.SignalDisplay.from_record(RECORD, start="0"), "start"),
        (lambda _: displays.SignalDisplay.from_record(RECORD, duration=None), "duration"),
        (lambda _: displays.SignalDisplay.from_predictions(RECORD, [-1], ["N"]), "sample"),
        (lambda _: displays.SignalDisplay.from_predictions(RECORD, [10**6], ["N"]), "sample"),
        (lambda _: displays.SignalDisplay.from_predictions(RECORD, [np.nan], ["N"]), "sample"),
        (lambda _: displays.SignalDisplay.from_predictions(RECORD, [5], []), "inconsistent"),
    ],
    "TwelveLeadDisplay": [
        (lambda _: displays.TwelveLeadDisplay.from_record([RECORD]), "record"),
        (lambda _: displays.TwelveLeadDisplay.from_record(RECORD, start=np.nan), "start"),
    ],
    "TrainingHistoryDisplay": [
        (lambda _: displays.TrainingHistoryDisplay.from_estimator(LogisticRegression()), "history"),
    ],
    # Objects that are tested elsewhere: the command, Keras' own kind, a warning.
    "main": [],
    "AdaBound": [],
    "GroupOverlapWarning": [],
    "j_index_scorer": [(lambda _: metrics.j_index_scorer(NORMAL, X, AAMI[1:]), "one shape")],
    "j_kappa_scorer": [(lambda _: metrics.j_kappa_scorer(NORMAL, X, AAMI[1:]), "one shape")],
}


def test_no_entry_point_is_left_out():
    names = [m.name for m in pkgutil.iter_modules(skecg.__path__) if not m.name.startswith("_")]
    modules = [skecg, *(importlib.import_module(f"skecg.{name}") for name in names)]
    public = {
        name for m in modules for name in getattr(m, "__all__", ()) if callable(getattr(m, name))
    }
    abstract = {"BaseAugmenter", "BaseECGClassifier", "BaseSequenceClassifier"}
    assert public - abstract == set(REFUSED) | set(all_estimator_classes())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(*case, id=f"{name}-{i}")
        for name, cases in REFUSED.items()
        for i, case in enumerate(cases)
    ],
)
def test_is_refused(call, message, tmp_path):
    with pytest.raises((ValueError, OSError, TypeError), match=message) as error:
        call(tmp_path)
    if error.type is TypeError:
        assert "estimator instance" in str(error.value)


def test_a_single_name_of_a_lead_is_no_list_of_letters(tmp_path):
    display = displays.SignalDisplay.from_record(RECORD, leads="II")
    assert len(display.lines_) == 1
    with pytest.raises(ValueError, match="lacks lead II:"):
        feature_extraction.validate_records([RECORD.select_leads("I")], leads="II")
    np.save(tmp_path / "two.npy", np.zeros((50, 2)))
    with pytest.raises(ValueError, match="lead_names"):
        skecg.read_record(tmp_path / "two.npy", fs=100, unit="mV", lead_names="II")


def made(cls):
    if cls.__name__ == "SignalSampler":
        return cls(RandomUnderSampler(random_state=0))
    estimator = small(cls)
    return (
        estimator.set_params(random_state=0)
        if "random_state" in estimator.get_params()
        else estimator
    )


def fit(estimator, X, y=Y):
    return estimator.fit_resample(X, y) if is_sampler(type(estimator)) else estimator.fit(X, y)


def output(estimator, X):
    if is_sampler(type(estimator)):
        return estimator.fit_resample(X, Y)[0]
    return estimator.predict(X) if hasattr(estimator, "predict") else estimator.transform(X)


def bad_arrays(estimator):
    tags = get_tags(estimator).input_tags
    bad = {"1d": X[:, 0], "empty": X[:0], "None": None, "ragged": [[1.0], [1.0, 2.0]]}
    if not tags.allow_nan:
        bad |= {"nan": NAN, "inf": INF, "complex": X + 1j, "object": np.where(X > 9, X, None)}
    if tags.three_d_array and not is_sampler(type(estimator)):
        bad |= {"transposed": X[:, np.newaxis], "4d": X[..., np.newaxis, np.newaxis]}
    return bad


SAYING = {"nan": "NaN", "inf": "infinity", "transposed": "transposed"}
ESTIMATORS = all_estimator_classes().values()
ON_RECORDS = [cls for cls in ESTIMATORS if not get_tags(made(cls)).input_tags.two_d_array]
ON_ARRAYS = [cls for cls in ESTIMATORS if cls not in ON_RECORDS and cls.__name__ != "RRFeatures"]


@pytest.mark.parametrize("cls", ON_ARRAYS)
def test_bad_arrays_are_refused(cls):
    for kind, bad in bad_arrays(made(cls)).items():
        with pytest.raises((ValueError, TypeError), match=SAYING.get(kind)):
            fit(made(cls), bad)
    if is_sampler(cls) or is_classifier(made(cls)):
        with pytest.raises(ValueError, match=r"inconsistent|one length"):
            fit(made(cls), X, Y[1:])


@pytest.mark.parametrize("cls", [cls for cls in ON_ARRAYS if not is_network(cls)])
def test_estimators_work_on_after_bad_arrays(cls):
    estimator = made(cls)
    fit(estimator, X)
    before = output(estimator, X)
    for bad in bad_arrays(estimator).values():
        with pytest.raises((ValueError, TypeError)):
            output(estimator, bad)
        with pytest.raises((ValueError, TypeError)):
            fit(estimator, bad)
    assert_array_equal(output(estimator, X), before)


@pytest.mark.parametrize("cls", ON_RECORDS)
@pytest.mark.parametrize(
    "bad", [None, RECORD, [], [None], np.zeros((3, 100)), "100"], ids=lambda bad: type(bad).__name__
)
def test_what_is_no_list_of_recordings_is_refused(cls, bad):
    with pytest.raises(ValueError, match="records must"):
        made(cls).fit(bad)


def test_a_network_predicts_as_before_after_a_failed_fit():
    network = untrained(ECGConvNetClassifier)
    X, y = signals()
    before = network.predict_proba(X)
    for bad in (X[:, :9] * np.nan, X[:, np.newaxis], np.stack([X, X * np.inf], axis=-1)):
        with pytest.raises(ValueError, match=r"NaN|infinity|transposed"):
            network.fit(bad, y)
    for bad in (
        {"sample_weight": -np.ones(len(X))},
        {"groups": np.full(len(X), None)},
        {"X_val": X, "y_val": y},
        {"X_val": np.tile(X, 2), "y_val": np.full(len(X), "never seen")},
    ):
        with pytest.raises(ValueError, match="|".join(bad)):
            network.fit(np.tile(X, 2), np.char.add(y, "?"), **bad)
    with pytest.raises(ValueError, match="freeze"):
        network.set_params(freeze="features").fit(np.tile(X, 2), np.char.add(y, "?"))
    assert_array_equal(network.predict_proba(X), before)


@pytest.mark.parametrize(
    ("estimator", "arguments", "message"),
    [
        (ECGConvNetClassifier(class_weight={"N": -1}), {}, "class_weight"),
        (ECGConvNetClassifier(class_weight={"N": np.nan}), {}, "class_weight"),
        (ECGConvNetClassifier(augment=augmentation.GaussianNoise), {}, "augment"),
        (ECGConvNetClassifier(), {"groups": MISSING}, "groups"),
        (ECGConvNetClassifier(), {"groups": POSITION * np.nan}, "groups"),
        (ECGConvNetClassifier(), {"groups": X}, "groups"),
        (skecg.EarlyStoppingClassifier(LogisticRegression()), {"groups": MIXED}, "groups"),
        (
            skecg.BeatSequenceClassifier(LogisticRegression(), n_beats=3),
            {"groups": MISSING, "position": POSITION},
            "groups",
        ),
        (
            preprocessing.LeadSelector(leads=[0], lead_names=["II"]),
            {},
            "hold names",
        ),
        (preprocessing.LeadSelector(leads="II", lead_names=[0]), {}, "hold names"),
        (sampling.RandomResampler(sampling_strategy=lambda y: None), {}, "sampling_strategy"),
    ],
)
def test_what_goes_with_the_samples_is_refused(estimator, arguments, message):
    with pytest.raises(ValueError, match=message):
        estimator.fit(X, Y, **arguments)


def test_training_that_diverges_is_told_and_forgotten():
    network = small(ECGConvNetClassifier, epochs=1, optimizer__learning_rate=np.nan)
    with pytest.raises(ValueError, match="not finite"):
        network.fit(X, Y)
    with pytest.raises(NotFittedError):
        network.predict(X)
    network.set_params(optimizer__learning_rate=0.001).partial_fit(X, Y, classes=np.unique(Y))
    before = network.predict_proba(X)
    heavy = np.full(len(X), 1e38)
    with pytest.raises(ValueError, match="not finite"):
        network.set_params(optimizer__learning_rate=1e38).partial_fit(X, Y, sample_weight=heavy)
    assert_array_equal(network.predict_proba(X), before)
    network.set_params(optimizer__learning_rate=0.001).partial_fit(X, Y)
    assert not np.array_equal(network.predict_proba(X), before)
