import pickle
import warnings
from dataclasses import replace

import numpy as np
import pytest
import wfdb
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skecg import (
    BeatSequenceClassifier,
    ECGCNNLSTMClassifier,
    ECGRecord,
    RecordClassifier,
    read_record,
)
from skecg.augmentation import GaussianNoise
from skecg.datasets import load_mitbih, make_recordings
from skecg.preprocessing import BeatSegmenter
from skecg.record_classifier import RecordPrediction
from skecg.recordings import Annotations
from tests.estimators import small

FS = 360
WEIGHTS = {"N": 8, "V": 2}


@pytest.fixture(scope="module")
def records():
    return make_recordings(6, duration=60, class_weights=WEIGHTS, random_state=0)


@pytest.fixture(scope="module")
def classifier(records):
    pytest.importorskip("neurokit2")
    trees = make_pipeline(StandardScaler(), ExtraTreesClassifier(30, random_state=0))
    return RecordClassifier(trees).fit(records[:5])


@pytest.fixture(scope="module")
def prediction(classifier, records):
    return classifier.predict_record(records[5])


def made(labels, rr=0.8, **changes):
    """A prediction of beats with these labels, a character each; blanks are not classified."""
    beats = np.zeros(len(labels), dtype=RecordPrediction.beat_dtype)
    beats["label"] = [label.strip() for label in labels]
    beats["rr"] = rr
    beats["rr"][:1] = np.nan
    beats["time"] = 1 + np.nancumsum(beats["rr"])
    beats["sample"] = np.rint(beats["time"] * FS)
    beats["quality"] = "good"
    arguments = {
        "beats": beats,
        "probabilities": np.full((len(labels), 3), 1 / 3),
        "classes": np.array(["N", "S", "V"]),
        "quality": np.empty(0, dtype=[("lead", int)]),
        "fs": float(FS),
        "lead_names": ("II",),
        "all_lead_names": ("II",),
        "duration": 2000.0,
        "r_peaks": "given",
        "ectopic": ("S", "V"),
    }
    return RecordPrediction(**{**arguments, **changes})


def test_beats_are_found_and_classified(prediction, records):
    true = records[5].annotations.beats()
    beats = prediction.beats
    nearest = np.abs(np.subtract.outer(true.sample, beats["sample"])).argmin(axis=1)
    near = np.abs(beats["sample"][nearest] - true.sample) < 0.15 * FS
    assert near.mean() > 0.95
    assert np.mean((beats["label"][nearest] == true.symbol)[near]) > 0.85
    np.testing.assert_allclose(beats["time"], beats["sample"] / FS)
    np.testing.assert_allclose(beats["rr"][1:], np.diff(beats["time"]))
    assert np.isnan(beats["rr"][0])


def test_probabilities_are_those_of_the_labels(prediction):
    classified = prediction.beats["label"] != ""
    assert prediction.n_unclassified == np.sum(~classified)
    known = prediction.probabilities[classified]
    np.testing.assert_allclose(known.sum(axis=1), 1)
    np.testing.assert_allclose(prediction.beats["probability"][classified], known.max(axis=1))
    assert np.isnan(prediction.probabilities[~classified]).all()
    assert sum(prediction.counts.values()) == classified.sum()
    assert sum(prediction.burden.values()) == pytest.approx(1)


def test_the_last_beat_is_cut_off(prediction):
    assert prediction.beats["quality"][-1] == "cut off"
    assert set(prediction.beats["quality"][:-1]) == {"good"}


def test_bad_stretches_are_marked_and_not_classified(classifier, records):
    signal = records[5].signal.copy()
    signal[20 * FS : 30 * FS] = 0
    signal[40 * FS : 50 * FS, 0] += np.random.default_rng(0).normal(0, 3, 10 * FS)
    signal[55 * FS : 56 * FS] = np.nan
    prediction = classifier.predict_record(ECGRecord(signal, FS, ["II"]))
    assert prediction.quality["reason"].tolist() == ["flat", "noisy", "missing"]
    beats = prediction.beats
    bad = np.zeros(len(beats), dtype=bool)
    for start, stop in ((20, 30), (40, 50), (55, 56)):
        bad |= (beats["time"] > start) & (beats["time"] < stop)
    assert bad.sum() > 5
    assert np.all(beats["label"][bad] == "")
    assert not np.any(beats["quality"][bad] == "good")
    # The beat before is 1.2 RR intervals long and reaches into the stretch.
    assert beats["quality"][beats["time"] < 20][-1] == "flat"
    gap = np.flatnonzero(beats["time"] > 30)[0]
    assert np.isnan(beats["rr"][gap])
    assert prediction.heart_rate["min"] > 30
    marks = prediction.to_annotations()
    assert marks.note[marks.symbol == "~"].tolist() == [
        *("flat", "clean", "noisy", "clean", "missing", "clean")
    ]


def test_another_lead_helps_to_find_beats(classifier, records):
    noise = np.random.default_rng(0).normal(0, 1, records[5].n_timesteps)
    record = ECGRecord(np.column_stack([noise, records[5].signal]), FS, ["II", "V5"])
    prediction = classifier.predict_record(record)
    assert prediction.n_unclassified == len(prediction.beats)
    assert np.isfinite(prediction.beats["rr"][1:]).all()
    true = records[5].annotations.beats().sample
    assert abs(len(prediction.beats) - len(true)) < 4


@pytest.mark.parametrize("name", ["II", "MLII", "lead II", "Lead 2", "ECG_ii", "ML2"])
def test_a_lead_is_found_by_any_of_its_names(classifier, records, name):
    signal = np.column_stack([np.zeros(records[5].n_timesteps), records[5].signal])
    record = ECGRecord(signal, FS, ["V2", name])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prediction = classifier.predict_record(record, r_peaks=[1000, 1400])
    assert prediction.lead_names == (name,)


def test_without_the_lead_the_first_one_is_taken_with_a_warning(classifier, records):
    record = ECGRecord(records[5].signal, FS, ["V1"])
    with pytest.warns(UserWarning, match="no lead like II, only V1: V1 is taken"):
        assert classifier.predict_record(record, r_peaks=[1000, 1400]).lead_names == ("V1",)


def test_numbers_for_names_tell_of_no_lead(classifier, records):
    signal = np.column_stack([records[5].signal, np.zeros(records[5].n_timesteps)])
    record = ECGRecord(signal, FS, ["lead 1", "lead 2"])
    with pytest.warns(UserWarning, match="only lead 1, lead 2: lead 1 is taken"):
        prediction = classifier.predict_record(record, r_peaks=[1000, 1400])
    assert str(prediction).splitlines()[0].endswith(", lead 1")


def test_annotated_beats_if_asked_for(classifier, records):
    annotated = records[5].annotations.beats().sample
    prediction = classifier.predict_record(records[5], r_peaks="annotated")
    np.testing.assert_array_equal(prediction.beats["sample"], annotated)
    assert prediction.r_peaks == "annotated"
    given = classifier.predict_record(records[5], r_peaks=annotated)
    np.testing.assert_array_equal(given.beats["label"], prediction.beats["label"])


def test_a_fitted_estimator_serves_as_it_is(records):
    segmenter = BeatSegmenter(window=(0.2, 0.4), scaling=None)
    cut = [segmenter.segment(record) for record in records]
    labels = [r.annotations.beats().symbol[c.index] for r, c in zip(records, cut, strict=True)]
    X, y = np.concatenate([c.data for c in cut]), np.concatenate(labels)
    ridge = RidgeClassifier().fit(X, y)
    classifier = RecordClassifier(ridge, segmenter=segmenter)
    np.testing.assert_array_equal(classifier.classes_, ["N", "V"])
    prediction = classifier.predict_record(records[0], r_peaks="annotated")
    np.testing.assert_array_equal(
        prediction.beats["label"][cut[0].index], ridge.predict(cut[0].data)
    )
    # It has no probabilities.
    assert np.isnan(prediction.probabilities).all()
    with pytest.raises(NotFittedError, match="nor is its estimator"):
        clone(classifier).predict_record(records[0])
    frozen = clone(RecordClassifier(FrozenEstimator(ridge), segmenter=segmenter))
    assert len(frozen.predict_record(records[0], r_peaks="annotated").beats)


def test_fit_takes_labels_of_ones_own(records):
    y = [(r.annotations.beats().symbol == "V").astype(int) for r in records[:2]]
    classifier = RecordClassifier(RidgeClassifier()).fit(records[:2], y)
    assert set(classifier.predict_record(records[0], r_peaks="annotated").counts) == {"0", "1"}
    with pytest.raises(ValueError, match=r"58 beats, and labels in y of shape \(3,\)"):
        classifier.fit(records[:1], [[0, 1, 0]])
    with pytest.raises(ValueError, match="one entry for each of the 2 records"):
        classifier.fit(records[:2], y[:1])
    with pytest.raises(ValueError, match="one entry for each"):
        classifier.fit(records[:2], 5)
    with pytest.raises(ValueError, match="labels in y"):
        classifier.fit(records[:2], ["N", "V"])
    with pytest.raises(ValueError, match="no annotated beats"):
        classifier.fit([ECGRecord(np.zeros(720), FS, ["II"])])


def test_pickle(classifier, prediction, records):
    again = pickle.loads(pickle.dumps(classifier)).predict_record(records[5])
    np.testing.assert_array_equal(again.beats["label"], prediction.beats["label"])
    assert str(pickle.loads(pickle.dumps(again))) == str(prediction)


def test_couplets_runs_and_bigeminy():
    prediction = made("NVVNNSSSNVNVNVNNVN VV")
    assert prediction.runs[["kind", "label", "first", "last", "n_ectopic"]].tolist() == [
        ("couplet", "V", 1, 2, 2),
        ("run", "S", 5, 7, 3),
        ("bigeminy", "V", 9, 13, 3),
        ("couplet", "V", 19, 20, 2),
    ]
    np.testing.assert_allclose(prediction.runs["time"], 1 + 0.8 * prediction.runs["first"])
    np.testing.assert_allclose(prediction.runs["duration"], [0.8, 1.6, 3.2, 0.8])
    # Two of one class and one of the other are no run of three; two couples are no bigeminy.
    assert made("NSVVNVNVN").runs["kind"].tolist() == ["couplet", "bigeminy"]


def test_what_cannot_be_read_ends_a_run():
    assert len(made("NVVN", rr=[0, 0.8, np.nan, 0.8]).runs) == 0
    assert len(made("NV VN").runs) == 0
    assert len(made("").runs) == 0


def test_heart_rate():
    rr = [0, *[1.0] * 20, *[0.5] * 20, np.nan, 0.5]
    rate = made("N" * 43, rr=rr).heart_rate
    assert rate["mean"] == pytest.approx(60 / (30.5 / 41))
    assert (rate["min"], rate["max"]) == pytest.approx((60, 120))
    assert np.isnan(made("N").heart_rate["mean"])
    assert made("NN").heart_rate["min"] == pytest.approx(75)
    # Slower at both ends than in any eight intervals.
    rate = made("N" * 11, rr=[0, 1.5, *[1.0] * 8, 1.5]).heart_rate
    assert rate["min"] == rate["mean"] == pytest.approx(60 / 1.1)
    assert rate["max"] == pytest.approx(60)


def test_a_summary_has_aami_classes_in_their_order():
    lines = str(made("NNFV", classes=np.array(["F", "N", "S", "V"]))).splitlines()
    assert [line[0] for line in lines[3:7]] == ["N", "S", "V", "F"]
    assert lines[3].split() == ["N", "2", "50.0%"]


def test_no_beats_at_all(classifier, tmp_path):
    prediction = classifier.predict_record(ECGRecord(np.zeros(20 * FS), FS, ["II"]))
    assert len(prediction.beats) == 0
    assert prediction.counts == {"N": 0, "V": 0}
    assert np.isnan(prediction.burden["V"])
    assert "0 beats" in str(prediction)
    assert "heart rate unknown" in str(prediction)
    assert "nan" not in str(prediction)
    empty = made("")
    empty.to_wfdb_annotations(tmp_path / "empty.skecg")
    assert len(empty.to_annotations()) == 0


def test_frame(prediction):
    pytest.importorskip("pandas")
    frame = prediction.to_frame()
    assert list(frame)[:6] == list(RecordPrediction.beat_dtype.names)
    assert list(frame)[6:] == ["p_N", "p_V"]
    assert len(frame) == len(prediction.beats)


def test_annotations_read_back_equal(prediction, tmp_path):
    path = tmp_path / "rec 1.skecg"
    path.write_text("an older file")
    prediction.to_wfdb_annotations(path)
    signal = np.zeros((round(prediction.duration * FS), 1))
    wfdb.wrsamp("rec", FS, ["mV"], ["II"], signal, fmt=["16"], write_dir=str(tmp_path))
    path.rename(tmp_path / "rec.skecg")
    back, written = read_record(tmp_path / "rec", annotator="skecg").annotations, prediction
    for name in ("sample", "symbol", "note"):
        expected = getattr(written.to_annotations(), name)
        np.testing.assert_array_equal(getattr(back, name), expected)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rec.dat", "rec.hea", "rec.skecg"]


def test_annotations_far_apart_and_codes(tmp_path):
    prediction = made("NV ", rr=[0, 1000.0, 0.5])
    prediction.to_wfdb_annotations(tmp_path / "rec.skecg", symbols={"V": "E"})
    marks = wfdb.rdann(str(tmp_path / "rec"), "skecg")
    assert marks.symbol == ["N", "E", "?"]
    np.testing.assert_array_equal(marks.sample, prediction.beats["sample"])
    with pytest.raises(ValueError, match="'usual' is no PhysioNet code"):
        made("N", classes=np.array(["N", "usual"])).to_annotations()
    with pytest.raises(ValueError, match="suffix of letters"):
        prediction.to_wfdb_annotations(tmp_path / "rec.1")
    with pytest.raises(OSError, match="nothing was written"):
        prediction.to_wfdb_annotations(tmp_path / "nowhere" / "rec.skecg")


def test_a_disk_that_fills_leaves_the_file_as_it_was(prediction, tmp_path, monkeypatch):
    path = tmp_path / "rec.skecg"
    path.write_bytes(b"before")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="No space left"):
        prediction.to_wfdb_annotations(path)
    assert [p.name for p in tmp_path.iterdir()] == ["rec.skecg"]
    assert path.read_bytes() == b"before"


def test_bad_input(classifier, records):
    with pytest.raises(ValueError, match="record must be an ECGRecord, got ndarray"):
        classifier.predict_record(records[0].signal)
    with pytest.raises(ValueError, match="at least 2 s long"):
        classifier.predict_record(ECGRecord(np.zeros(FS), FS, ["II"]))
    with pytest.raises(ValueError, match="fs must be"):
        classifier.predict_record(ECGRecord(np.zeros(FS), 20, ["II"]))
    with pytest.raises(ValueError, match="r_peaks must be 'annotated'"):
        classifier.predict_record(records[0], r_peaks="magic")
    with pytest.raises(ValueError, match="has no annotations"):
        classifier.predict_record(ECGRecord(np.zeros(3600), FS, ["II"]), r_peaks="annotated")
    with pytest.raises(ValueError, match="must lie within"):
        classifier.predict_record(records[0], r_peaks=[-5, 400])
    with pytest.raises(ValueError, match="no lead named 'V9'"):
        clone(classifier).set_params(lead=["II", "V9"]).fit(records[:1])


def test_codes_that_are_no_mapping_are_refused(prediction):
    with pytest.raises(ValueError, match="symbols must map"):
        prediction.to_annotations("N")


@pytest.mark.real_data
def test_beats_are_those_of_load_mitbih(mitdb_dir):
    mitbih = load_mitbih(mitdb_dir, records=["114"])
    trees = ExtraTreesClassifier(10, random_state=0).fit(mitbih.data, mitbih.target)
    record = read_record(mitdb_dir / "114")
    prediction = RecordClassifier(trees).predict_record(record, r_peaks="annotated")
    assert prediction.lead_names == ("MLII",)
    good = prediction.beats["quality"] == "good"
    rows = np.searchsorted(mitbih.sample, prediction.beats["sample"][good])
    expected = trees.predict(mitbih.data)[rows]
    np.testing.assert_array_equal(prediction.beats["label"][good], expected)
    assert good.mean() > 0.99


def test_two_recordings_of_one_person_in_sequences(records):
    same = [replace(record, patient_id="one") for record in records]
    network = small(ECGCNNLSTMClassifier, epochs=1)
    expected = RecordClassifier(BeatSequenceClassifier(network, n_beats=5)).fit(records)
    model = RecordClassifier(BeatSequenceClassifier(network, n_beats=5)).fit(same)
    assert_array_equal(
        model.predict_record(records[0], r_peaks="annotated").probabilities,
        expected.predict_record(records[0], r_peaks="annotated").probabilities,
    )


def test_a_pipeline_that_keeps_neighbours_from_a_sequence_network_is_refused(records):
    sequences = BeatSequenceClassifier(small(ECGCNNLSTMClassifier), n_beats=5)
    model = RecordClassifier(make_pipeline(GaussianNoise(), sequences))
    with pytest.raises(ValueError, match="estimator must be BeatSequenceClassifier itself"):
        model.fit(records)


def test_long_names_of_classes(records):
    name = "a supraventricular premature or ectopic beat"
    y = [np.where(r.annotations.beats().symbol == "N", "N", name) for r in records]
    model = RecordClassifier(ExtraTreesClassifier(random_state=0), ectopic=[name]).fit(records, y)
    predictions = [model.predict_record(record, r_peaks="annotated") for record in records]
    assert predictions[0].counts[name] == np.sum(y[0] == name) > 0
    assert {label for p in predictions for label in p.runs["label"].tolist()} == {name}


def test_marks_without_a_class_are_told_of(records):
    marks = records[0].annotations
    symbol = marks.symbol.copy()
    symbol[:2] = "P"  # of somebody's own
    own = replace(records[0], annotations=Annotations(marks.sample, symbol))
    model = RecordClassifier(ExtraTreesClassifier(5, random_state=0))
    with pytest.warns(UserWarning, match="without an AAMI class are left out: 2 P. Give y"):
        model.fit([own])
    text = replace(own, annotations=Annotations(marks.sample, ['"'] * len(marks)))
    with pytest.raises(ValueError, match='no annotated beats to learn from; its marks are "'):
        model.fit([text])
