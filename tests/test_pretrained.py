import json
import warnings
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import skecg
from skecg import ECGRecord, read_record
from skecg._aami import AAMI_CLASS_OF_SYMBOL as AAMI
from skecg._signals import resample
from skecg.datasets import make_recordings
from skecg.pretrained import PRETRAINED_MODELS, load_pretrained

NAME = "mitbih-aami"
CARD = Path(__file__).resolve().parents[1] / "docs" / "pretrained.md"
CLASSES = "NSVFQ"


@pytest.fixture(scope="module")
def classifier():
    return load_pretrained(NAME).set_params(method="xqrs")


@pytest.fixture(scope="module")
def record():
    return make_recordings(1, duration=60, class_weights={"N": 8, "V": 2}, random_state=0)[0]


@pytest.fixture(scope="module")
def figures():
    return json.loads((files("skecg") / "pretrained_models" / f"{NAME}.json").read_text())


def test_a_recording_of_another_rate_with_a_lead_named_ii(classifier, record):
    signal = resample(record.signal, record.fs, 250)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prediction = classifier.predict_record(ECGRecord(signal, 250, ["II"]))
    assert sorted(prediction.counts) == sorted(CLASSES)
    true = record.annotations.beats()
    nearest = np.abs(np.subtract.outer(true.sample / record.fs, prediction.beats["time"]))
    near = nearest.min(axis=1) < 0.15
    label = prediction.beats["label"][nearest.argmin(axis=1)]
    near &= label != ""
    assert near.mean() > 0.9
    # Generated beats are not what it has learned from.
    assert np.mean((label == true.symbol)[near]) > 0.7
    assert np.mean((label == "V")[near & (true.symbol == "V")]) > 0.7
    known = prediction.probabilities[prediction.beats["label"] != ""]
    np.testing.assert_allclose(known.sum(axis=1), 1, rtol=1e-5)


def test_without_a_lead_like_ii_it_warns(classifier, record):
    other = ECGRecord(record.signal, record.fs, ["V1"])
    with pytest.warns(UserWarning, match="no lead like II, only V1"):
        classifier.predict_record(other, r_peaks=[1000, 1300, 1600, 1900])


def test_gain_does_not_matter(classifier, record):
    peaks = record.annotations.beats().sample
    found = [
        classifier.predict_record(
            ECGRecord(record.signal * gain, record.fs, ["II"]), r_peaks=peaks
        ).probabilities
        for gain in (1, 2)
    ]
    np.testing.assert_allclose(*found, atol=1e-3)


def test_names():
    assert PRETRAINED_MODELS == (NAME,)
    assert skecg.load_pretrained is load_pretrained
    with pytest.raises(ValueError, match="name must be one of mitbih-aami, got 'best'"):
        load_pretrained("best")


def test_it_is_small():
    assert len((files("skecg") / "pretrained_models" / f"{NAME}.skecg").read_bytes()) < 2e6


def test_the_card_has_the_measured_figures(figures):
    def cell(ends):
        return "-" if ends[0] is None else "{:.3f} ({:.3f} to {:.3f})".format(*ends)

    text = CARD.read_text("utf-8")
    assert sorted(figures["ds2"]) == ["annotated", "detected", "detected, 250 Hz"]
    for way, found in figures["ds2"].items():
        section = text.split(f"<!-- pretrained {way} -->")[1].split("<!-- end -->")[0]
        for name, of_class in found["classes"].items():
            keys = ("sensitivity", "positive_predictivity")
            cells = " | ".join(cell(of_class[key]) for key in keys)
            assert f"| {name} | {of_class['n_beats']:,} | {cells} |" in section
        assert f"| all | {found['n_beats']:,} | {cell(found['accuracy'])} |" in section
        by_record = [list(row.values()) for row in found["by_record"].values()]
        for name, (n_beats, right, said) in zip(CLASSES, np.sum(by_record, axis=0), strict=True):
            of_class = found["classes"][name]
            assert of_class["n_beats"] == n_beats
            assert of_class["sensitivity"][0] == pytest.approx(right / n_beats, abs=1e-4)
            if said:
                expected = pytest.approx(right / said, abs=1e-4)
                assert of_class["positive_predictivity"][0] == expected


@pytest.mark.real_data
def test_the_figures_are_those_of_the_recordings(mitdb_dir, figures, classifier):
    by_record = figures["ds2"]["annotated"]["by_record"]
    assert len(by_record) == 22
    for name, expected in by_record.items():
        record = read_record(mitdb_dir / name)
        said = classifier.predict_record(record, r_peaks="annotated").beats["label"]
        true = np.array([AAMI[symbol] for symbol in record.annotations.beats().symbol.tolist()])
        counts = [
            [np.sum(true == c), np.sum((true == c) & (said == c)), np.sum(said == c)]
            for c in CLASSES
        ]
        # Processors differ in the last digit, and a beat between two classes goes either way.
        np.testing.assert_allclose(counts, list(expected.values()), atol=2, err_msg=name)
