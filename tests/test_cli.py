import csv
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import wfdb
from click.testing import CliRunner

import skecg
from skecg._cli._architectures import ARCHITECTURES
from skecg._cli._recordings import strip
from skecg.cli import main
from skecg.datasets import make_heartbeats, make_recordings

TINY = ["--set", "epochs=1", "filters=[4]", "kernel_size=3", "dropout=0.1"]
INSTALLED = Path(sys.executable).with_name("skecg")


def run(*args, status=0):
    result = CliRunner().invoke(main, [str(arg) for arg in args], prog_name="skecg")
    assert result.exit_code == status, result.output
    return result


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Generated data of every kind that the command takes."""
    folder = tmp_path_factory.mktemp("cli")
    beats = make_heartbeats(120, class_weights={"N": 0.5, "V": 0.5}, random_state=0)
    labels = np.where(beats.target == "V", 2, 0)
    np.savetxt(folder / "beats.csv", np.c_[beats.data, labels], delimiter=",", fmt="%.5g")
    np.savetxt(folder / "new.csv", beats.data[:7], delimiter=",", fmt="%.5g")
    leads = np.stack([beats.data, -beats.data, beats.data / 2], axis=2)
    np.savetxt(folder / "leads.csv", leads.reshape(120, -1), delimiter=",", fmt="%.5g")
    np.savetxt(folder / "labels.csv", labels, fmt="%d")
    mitdb = folder / "wfdb"
    mitdb.mkdir()
    for i, record in enumerate(make_recordings(4, duration=30, leads=("I", "II"), random_state=0)):
        name, marks = f"r{i}", record.annotations
        wfdb.wrsamp(
            name,
            fs=record.fs,
            units=["mV"] * 2,
            sig_name=list(record.lead_names),
            p_signal=record.signal.astype(np.float64),
            fmt=["16"] * 2,
            write_dir=str(mitdb),
        )
        wfdb.wrann(name, "atr", marks.sample, symbol=marks.symbol.tolist(), write_dir=str(mitdb))
    rows = [f"r{i};{'sick' if i % 2 else 'well'};p{i}" for i in range(4)]
    (folder / "recordings.csv").write_text("\n".join(["name;class;patient", *rows]))
    return folder


@pytest.fixture(scope="module")
def beats_model(folder):
    """A folder with a network trained on a heartbeat CSV, as a file."""
    out = folder / "out"
    data = ["--data-csv", folder / "beats.csv", "--target-names", "N,S,V"]
    more = ["--balance", 70, "--noise", 0.02, "--shift-copies", 1]
    result = run("train", *data, "--model-name", "a", "--out-dir", out, *more, *TINY)
    assert "the data do not tell the patients" in result.stderr
    return out


@pytest.fixture(scope="module")
def record_model(folder):
    """A folder with networks trained on folds of annotated recordings, as a file."""
    out = folder / "folds"
    data = ["--data-csv", folder / "wfdb", "--records", "r0,r1,r2"]
    result = run("train", *data, "--folds", 2, "--out-dir", out, *TINY)
    assert "of 3 recordings, each taken for a patient" in result.stderr
    return out / "model_convnet.skecg"


@pytest.mark.parametrize("command", sorted(main.commands))
def test_help_has_an_example(command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    text = run(command, "--help").output
    assert f"\n  skecg {command}" in text[text.index("Example:") :]
    options = text[: text.index("Example:")].splitlines()
    assert max(map(len, options)) <= 60


def test_the_installed_command_starts_without_networks():
    code = (
        "import sys\nfrom skecg.cli import main\n"
        "try:\n    main(['train', '--help'])\n"
        "finally:\n    print([m for m in sys.modules if '.' not in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.splitlines()[-1]
    assert not any(f"'{name}'" in loaded for name in ("keras", "tensorflow", "sklearn", "numpy"))


@pytest.mark.parametrize("command", [[INSTALLED], [sys.executable, "-m", "skecg"]])
def test_the_installed_command_fails_in_one_line(command):
    done = subprocess.run([*command, "info", "nowhere"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ")
    assert "nowhere" in done.stderr
    assert done.stderr.count("\n") == 1


def test_debug_shows_the_traceback():
    result = run("info", "nowhere", "--debug", status=1)
    assert isinstance(result.exception, FileNotFoundError)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["info"], "Missing argument 'FILE'"),
        (["classify", "x", "--format", "wfdb"], "--format wfdb needs --out"),
        (["eval", "--data-csv", "."], "--model-name or --model is needed"),
        (["train", "--data-csv", ".", "--model-name", "../x"], "'../x'"),
        (["train", "--data-csv", ".", "--set", "epochs"], "NAME=VALUE"),
        (["train", "--data-csv", ".", "--set", "a=1", "b"], "NAME=VALUE, got 'b'"),
        (["train", "--data-csv", ".", "--set", "kernel_sise=3"], "did you mean kernel_size?"),
        (["train", "--data-csv", ".", "--set", "epochs=0"], "'epochs' parameter"),
    ],
)
def test_wrong_use_is_told_in_one_line(args, message):
    result = run(*args, status=2)
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["data", "labels"])
def test_damaged_data_are_told_before_networks_are_loaded(folder, beats_model, monkeypatch, name):
    for module in ("skecg.classifiers", "skecg.persistence"):
        monkeypatch.setitem(sys.modules, module, None)
    damaged = folder / "empty.csv"
    damaged.write_text("\n")
    paths = {"data": folder / "leads.csv", "labels": folder / "labels.csv", name: damaged}
    for command in ("train", "eval", "predict")[: 3 if name == "data" else 2]:
        args = ["--data-csv", paths["data"], "--labels-csv", paths["labels"]]
        model = [] if command == "train" else ["--model", beats_model / "model_a.skecg"]
        result = run(command, *args, *model, "--out-dir", folder, "--model-name", "e", status=1)
        assert result.stderr == f"Error: {damaged} holds nothing but blank lines.\n"


def test_settings_are_json_literals_or_text(folder):
    out = folder / "cut.csv"
    values = ["window=(0.2, 0.3)", "target_fs=100", "scaling=null"]
    run("segment", folder / "wfdb" / "r0", "--out", out, "--r-peaks", "annotated", "--set", *values)
    assert np.loadtxt(out, delimiter=",").shape[1] == 50


def test_training_writes_three_files_with_the_name(beats_model, folder):
    written = {path.name for path in beats_model.iterdir()}
    assert {"model_a.skecg", "metrics_a.json", "history_a.csv"} <= written
    metrics = json.loads((beats_model / "metrics_a.json").read_text())
    assert metrics["parameters"]["filters"] == [4]
    assert metrics["samples"] == {"N": 60, "V": 60}
    assert [row["epoch"] for row in table(beats_model / "history_a.csv")] == ["1"]
    model = skecg.load(beats_model / "model_a.skecg")
    sampler, _, network = (step for _, step in model.estimator_.steps)
    assert sampler.sampling_strategy_ == {"N": 70, "V": 70}
    assert (network.kernel_size, network.augment.std) == (3, 0.02)


@pytest.mark.slow
def test_a_training_interrupted_in_a_narrow_terminal(folder, tmp_path):
    command = [INSTALLED, "train", "--data-csv", folder / "beats.csv", "--out-dir", tmp_path, *TINY]
    pid, terminal = pty.fork()
    if not pid:
        environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
        command += ["epochs=5000", "early_stopping=False"]
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # which who runs the tests may have ignored
        os.execve(INSTALLED, list(map(str, command)), {**environment, "TERM": "xterm"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, 40, 0, 0))
    output = b""
    with suppress(OSError):  # that the terminal is gone
        while chunk := os.read(terminal, 4096):
            trained = re.search(rb"[1-9]\d*/5000", output)
            output += chunk
            if not trained and re.search(rb"[1-9]\d*/5000", output):
                os.write(terminal, b"\x03")
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\^C", "", output.decode())
    assert "━" in text
    assert text.rstrip().endswith("Aborted!")
    assert "Traceback" not in text
    drawn = [line for line in re.split("[\r\n]+", text) if not line.startswith("Warning: ")]
    assert max(map(len, drawn)) <= 40
    assert os.listdir(tmp_path) == []


def test_nothing_is_overwritten_unless_forced(beats_model, folder):
    path = beats_model / "model_a.skecg"
    before = path.read_bytes()
    data = ["--data-csv", folder / "beats.csv", "--model-name", "a", "--out-dir", beats_model]
    assert "--force" in run("train", *data, status=1).stderr
    assert path.read_bytes() == before


def test_evaluation_prints_and_writes_a_report(beats_model, folder):
    args = ["--data-csv", folder / "beats.csv", "--model-name", "a", "--out-dir", beats_model]
    result = run("eval", *args)
    assert (beats_model / "report_a.txt").read_text() in result.stdout
    figures = json.loads((beats_model / "report_a.json").read_text())
    confusion = table(beats_model / "confusion_a.csv")
    right = sum(int(row[row["reference"]]) for row in confusion)
    assert figures["overall"]["accuracy"] == pytest.approx(right / 120)
    assert (beats_model / "confusion_a.png").read_bytes().startswith(b"\x89PNG")
    run("eval", *args, status=1)
    run("eval", *args, "--force")


def test_labels_of_another_kind_are_refused(beats_model, folder):
    args = ["--data-csv", folder / "beats.csv", "--model-name", "a", "--out-dir", beats_model]
    result = run("eval", *args, "--target-names", "x,y,z", "--force", status=1)
    assert "none of the model's classes (N, V): --target-names" in result.stderr


def test_prediction_ignores_labels(beats_model, folder, tmp_path):
    model = ["--model", beats_model / "model_a.skecg", "--out-dir", tmp_path, "--force"]
    run("predict", "--data-csv", folder / "beats.csv", *model)
    labelled = table(tmp_path / "predictions_a.csv")
    assert len(labelled) == 120
    run("predict", "--data-csv", folder / "new.csv", *model)
    new = table(tmp_path / "predictions_a.csv")
    assert [row["label"] for row in new] == [row["label"] for row in labelled[:7]]
    # Float32 rounds by the samples that are predicted together.
    p_new, p_labelled = ([float(row["p_N"]) for row in rows] for rows in (new, labelled[:7]))
    assert p_new == pytest.approx(p_labelled, abs=2e-6)
    assert list(new[0]) == ["sample", "label", "p_N", "p_V"]
    result = run("predict", "--data-csv", folder / "leads.csv", *model, status=1)
    assert "rows of 561 values, the model takes 187" in result.stderr


def test_leads_and_labels_in_two_files(folder, tmp_path):
    data = ["--data-csv", folder / "leads.csv", "--labels-csv", folder / "labels.csv"]
    args = [*data, "--model-name", "l", "--out-dir", tmp_path]
    run("train", *args, "--n-leads", 3, "--architecture", "inversion-cnn", *TINY)
    assert "accuracy" in run("eval", *args).stdout
    run("predict", *args[:2], *args[4:])
    assert len(table(tmp_path / "predictions_l.csv")) == 120


def test_recordings_as_samples(folder, tmp_path):
    labels = ["--labels-csv", folder / "recordings.csv"]
    args = ["--data-csv", folder / "wfdb", "--model-name", "r", "--out-dir", tmp_path]
    reading = ["--lead", "II", "--target-fs", 50, "--seconds", 4]
    result = run("train", *args, *labels, *reading, *TINY, "early_stopping=false")
    assert "4 samples of 200 of 4 patients; sick: 2, well: 2" in result.stderr
    run("predict", *args)
    rows = table(tmp_path / "predictions_r.csv")
    assert [row["sample"] for row in rows] == ["r0", "r1", "r2", "r3"]
    (tmp_path / "bad.csv").write_text("r0,sick\nr9,well\n")
    bad = [*args, "--labels-csv", tmp_path / "bad.csv", "--force"]
    assert "r9: one recording of that name" in run("eval", *bad, status=1).stderr
    model = tmp_path / "model_r.skecg"
    result = run("classify", folder / "wfdb" / "r0", "--model", model, status=1)
    assert "of samples of 200 time steps, not of beats" in result.stderr


def test_a_wrong_first_recording_is_no_header(folder, tmp_path):
    args = ["--data-csv", folder / "wfdb", "--out-dir", tmp_path, *TINY, "early_stopping=false"]
    labels = tmp_path / "labels.csv"
    labels.write_text("r9,well\nr0,well\nr1,sick\n")
    result = run("train", *args, "--labels-csv", labels, status=1)
    assert f"r9 is not in {folder / 'wfdb'}" in result.stderr
    labels.write_text("who,what\nr0,well\nr1,sick\n")
    assert "'who,what' is taken as the header" in run("train", *args, "--labels-csv", labels).stderr
    labels.write_text("r0,well\nr1,well\n")
    result = run("train", *args, "--labels-csv", labels, "--force", status=1)
    assert "all samples are of one class" in result.stderr


def test_labels_are_found_by_the_names_above_them(folder, tmp_path):
    labels = tmp_path / "labels.csv"
    labels.write_text(
        "patient_id,age,Diagnosis,file\np,50,well,r0\np,50,sick,r1\nq,60,well,r2\nq,60,sick,r3\n"
    )
    args = ["--data-csv", folder / "wfdb", "--out-dir", tmp_path, *TINY, "early_stopping=false"]
    result = run("train", *args, "--labels-csv", labels)
    assert "of 2 patients; sick: 2, well: 2" in result.stderr
    labels.write_text("file,label\nr0,well\nr1\n")
    result = run("train", *args, "--labels-csv", labels, "--force", status=1)
    assert "'r1' is no whole row" in result.stderr


def test_recordings_in_microvolts(folder, tmp_path):
    data = tmp_path / "uv"
    data.mkdir()
    for i, record in enumerate(make_recordings(4, duration=10, random_state=0)):
        np.savetxt(data / f"r{i}.csv", record.signal * 1000, delimiter=",", fmt="%.1f")
    labels = folder / "recordings.csv"
    args = ["--data-csv", data, "--labels-csv", labels, "--fs", 360, "--model-name", "uv"]
    args += ["--out-dir", tmp_path]
    train = ["--architecture", "convnet", "--target-fs", 50, *TINY, "early_stopping=false"]
    result = run("train", *args, *train, status=1)
    assert "unit" in result.stderr
    run("train", *args, "--unit", "uV", *train)
    # How they were read is kept.
    result = run("eval", *args)
    assert "was trained on" in result.stderr
    assert json.loads((tmp_path / "metrics_uv.json").read_text())["reading"]["unit"] == "uV"


def test_beats_without_a_class_are_told_of(folder, tmp_path):
    record = make_recordings(1, duration=30, random_state=1)[0]
    symbol = record.annotations.symbol.copy()
    symbol[:6] = [*"rBn??x"]
    wfdb.wrsamp(
        "own",
        fs=record.fs,
        units=["mV"],
        sig_name=["II"],
        p_signal=record.signal.astype(np.float64),
        fmt=["16"],
        write_dir=str(tmp_path),
    )
    sample = record.annotations.sample
    wfdb.wrann("own", "atr", sample, symbol=symbol.tolist(), write_dir=str(tmp_path))
    args = ["--data-csv", tmp_path, "--out-dir", tmp_path, *TINY, "early_stopping=false"]
    result = run("train", *args)
    assert "own: marks without an AAMI class are left out: 2 ?." in result.stderr
    # x, blocked, is no beat, and the last one is cut off.
    assert f"{np.sum(~np.isin(symbol, ['?', 'x'])) - 1} samples" in result.stderr
    assert "of 1 recordings, each taken for a patient" in result.stderr


def test_recordings_one_folder_down(folder):
    result = run("train", "--data-csv", folder, status=1)
    assert f"{folder} has no recordings itself, {folder / 'wfdb'} has" in result.stderr


def test_folds_keep_patients_apart(record_model):
    metrics = json.loads(record_model.with_name("metrics_convnet.json").read_text())
    assert (metrics["patients"], len(metrics["networks"])) == (3, 2)
    assert metrics["held_out_folds"]["stopped_training"]
    model = skecg.load(record_model)
    assert isinstance(model, skecg.RecordClassifier)
    assert type(model.estimator.cv).__name__ == "StratifiedGroupKFold"


def test_annotated_recordings_are_scored_by_record(record_model, folder, tmp_path):
    args = ["--data-csv", folder / "wfdb", "--records", "r2,r3", "--model", record_model]
    result = run("eval", *args, "--out-dir", tmp_path)
    assert "annotated beats were not classified" in result.stdout
    figures = json.loads((tmp_path / "report_convnet.json").read_text())
    assert sorted(figures["records"]) == ["r2", "r3"]
    run("predict", *args, "--out-dir", tmp_path)
    assert {row["record"] for row in table(tmp_path / "predictions_convnet.csv")} == {"r2", "r3"}


def test_classifying_a_recording(record_model, folder, tmp_path):
    record = folder / "wfdb" / "r3"
    args = ["classify", record, "--model", record_model, "--r-peaks", "annotated"]
    out, picture = tmp_path / "beats.csv", tmp_path / "r3.png"
    result = run(*args, "--out", out, "--plot", picture)
    assert "beats annotated" in result.stdout
    assert "not a medical device" in result.stderr
    beats = table(out)
    assert picture.read_bytes().startswith(b"\x89PNG")
    summary = json.loads(run(*args, "--format", "json").stdout)
    assert len(summary["beats"]) == len(beats)
    assert sum(summary["counts"].values()) + summary["unclassified"] == len(beats)
    run(*args, "--format", "wfdb", "--out", tmp_path / "r3.net")
    marks = wfdb.rdann(str(tmp_path / "r3"), "net")
    assert set(map(int, (row["sample"] for row in beats))) <= set(marks.sample.tolist())
    run(*args, "--out", out, status=1)


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (["--lead", "aVF"], 1, "no lead named 'aVF'"),
        (["--plot", "r3.bmp"], 2, "--plot must end in .png, .pdf, .svg, got r3.bmp"),
        (["--plot", "r3.png", "--start", 40], 2, "--start must be in the 30 s"),
        (["--fs", 250], 1, "--fs 250 contradicts the file"),
    ],
)
def test_mistakes_are_told_before_the_model_is_loaded(folder, monkeypatch, args, status, message):
    monkeypatch.setattr("skecg._cli._recordings._record_classifier", None)
    result = run("classify", folder / "wfdb" / "r3", *args, status=status)
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_unit_may_be_a_fraction(tmp_path):
    path = tmp_path / "steps.csv"
    path.write_text("\n".join(str(1000 + i % 200) for i in range(1000)))
    failed = run("info", path, "--fs", 250, status=1).stderr
    assert "--unit is the mV of one step, such as 1/200" in failed
    assert "\n 5.00 " in run("info", path, "--fs", 250, "--unit", "1/200").stdout


def test_the_model_in_the_box_is_the_default(record_model, folder, monkeypatch):
    def load_pretrained(name):
        assert name == "mitbih-aami"
        return skecg.load(record_model)

    monkeypatch.setattr("skecg._cli._recordings.pretrained_loader", lambda: load_pretrained)
    args = ["classify", folder / "wfdb" / "r3", "--r-peaks", "xqrs", "--lead", "I"]
    result = run(*args)
    assert "30.0 s, lead I\n" in result.stdout
    assert "beats detected" in result.stdout
    # The model card's figures: who reads "F 0" has to know that it never finds one.
    assert "S 14%, V 94%, F 0%, Q 0% of the beats (Q: paced, unknown)" in result.stderr
    assert "of the beats" not in run(*args, "--model", record_model).stderr
    monkeypatch.setattr("skecg._cli._recordings.pretrained_loader", lambda: None)
    assert "--model is needed" in run(*args, status=2).stderr


def test_without_neurokit2_r_peaks_are_found_by_xqrs(record_model, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("skecg._cli._recordings.find_spec", lambda name: None)
    record = folder / "wfdb" / "r3"
    for args in (["classify", "--model", record_model], ["segment", "--out", tmp_path / "beats"]):
        result = run(*args, record)
        assert "found by xqrs, which misses more of them than khamis2016" in result.stderr
        assert "NeuroKit2" not in run(*args, record, "--r-peaks", "xqrs", "--force").stderr


def test_info_tells_what_is_in_a_recording(folder, tmp_path):
    args = ["info", folder / "wfdb" / "r0"]
    lines = run(*args).stdout.splitlines()
    assert lines[:3] == ["record    r0", "leads     I, II", "rate      360 Hz"]
    assert "quality   II: good" in lines
    run(*args, "--plot", tmp_path / "strip.svg")
    assert "<svg" in (tmp_path / "strip.svg").read_text()
    run(*args, "--start", 40, status=2)


def test_a_strip_fits_the_screen_and_shows_the_peaks():
    signal = np.zeros(1000)
    signal[[200, 600]] = [2, 1]
    lines = strip(signal, 46)
    assert max(map(len, lines)) <= 46
    assert lines[0].startswith(" 2.00")
    assert lines[0][6:].index("|") == 8
    assert strip(np.full(10, np.nan), 40) == ["nothing but missing samples"]


def test_segmented_beats_can_be_predicted(beats_model, folder, tmp_path):
    beats = tmp_path / "beats.csv"
    result = run("segment", folder / "wfdb" / "r1", "--out", beats, "--r-peaks", "annotated")
    assert "beats of 187 samples at 125 Hz, lead II" in result.stdout
    model = ["--model", beats_model / "model_a.skecg", "--out-dir", tmp_path]
    run("predict", "--data-csv", beats, *model)
    n_beats = len(beats.read_text().splitlines())
    assert len(table(tmp_path / "predictions_a.csv")) == n_beats


def test_models_are_listed(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    listed = run("models").stdout
    assert all(name in listed for name in ARCHITECTURES)
    assert max(map(len, listed.splitlines())) <= 40
    assert "kernel_size" in run("models", "convnet").stdout


def test_the_demonstration_is_told_where_to_write(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr("skecg._demo.run", lambda *args: calls.append(args))
    (tmp_path / "mine").touch()
    run("demo", "--out", tmp_path, status=1)
    run("demo", "--out", tmp_path, "--force")
    assert calls == [(tmp_path, None)]
