"""Subcommands that make models, test them and use them: train, eval and predict."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skecg._cli._architectures import ARCHITECTURES
from skecg._cli._command import (
    Command,
    force_option,
    refuse_to_overwrite,
    set_option,
    set_parameters,
)

if TYPE_CHECKING:
    from skecg._cli._data import Samples

_PATH = click.Path(path_type=Path, exists=True)
_DEFAULTS = {
    "n_leads": 12,
    "order": "time",
    "target_names": None,
    "lead": None,
    "fs": None,
    "unit": None,
    "target_fs": None,
    "seconds": None,
}


def _model_name(_: Any, __: Any, name: str | None) -> str | None:
    if name is not None and not re.fullmatch(r"\w[\w.-]*", name):
        raise click.BadParameter(f"letters, digits, '.', '-' and '_' are allowed, got {name!r}.")
    return name


def _data_options(command: Any) -> Any:
    """Add what says where data are and how to read them."""
    for option in (
        force_option,
        click.option(
            "--out-dir",
            type=click.Path(file_okay=False, path_type=Path),
            default=Path(),
            help="Folder of the model and of what is written; by default the current one.",
        ),
        click.option("--seconds", type=float, help="Folder of recordings: take so many seconds."),
        click.option(
            "--target-fs",
            type=float,
            help="Folder of recordings: bring them to this rate in Hz; by default the first's.",
        ),
        click.option("--unit", help="Folder: V, mV, uV, nV, or the mV of a step, if not told."),
        click.option("--fs", type=float, help="Folder: rate in Hz of files that do not tell it."),
        click.option("--lead", help="Folder: leads to take, with commas between."),
        click.option("--records", help="Folder: recordings, with commas between, or DS1 or DS2."),
        click.option(
            "--target-names",
            help="Heartbeat CSV: names of the classes 0, 1, ...: aami, ptb, or a,b,c.",
        ),
        click.option(
            "--order", type=click.Choice(["time", "lead"]), help="Lead CSV: what is side by side."
        ),
        click.option("--n-leads", type=click.IntRange(1), help="Lead CSV: number of leads; 12."),
        click.option(
            "--model-name",
            callback=_model_name,
            help="Goes into the name of every file; in train, the architecture by default.",
        ),
        click.option(
            "--labels-csv", type=_PATH, help="Labels of a lead CSV or a folder of recordings."
        ),
        click.option(
            "--data-csv",
            type=_PATH,
            multiple=True,
            required=True,
            help="The data: a heartbeat CSV (several will do), a lead CSV with --labels-csv, a "
            "folder of annotated WFDB records, or a folder of recordings with --labels-csv.",
        ),
    ):
        command = option(command)
    return command


def _use_options(command: Any) -> Any:
    """Add what eval and predict share."""
    model = click.option(
        "--model",
        "model_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A model by its file instead of its name; its stem names the files.",
    )
    return model(_data_options(command))


@click.command(
    cls=Command,
    example="""
skecg train --data-csv mitbih_train.csv --target-names aami --model-name a
skecg train --data-csv beats.csv --labels-csv labels.csv \\
    --architecture inversion-cnn --shift-copies 5 --model-name inversion
skecg train --data-csv mitdb --records DS1 --folds 5 --balance 20000 \\
    --noise 0.05 --set epochs=20 kernel_size=7
""",
)
@_data_options
@click.option(
    "--architecture",
    type=click.Choice(list(ARCHITECTURES)),
    default="convnet",
    metavar="NAME",
    help="One of those that skecg models lists; convnet.",
)
@set_option("Parameters of the network: see skecg models ARCHITECTURE.")
@click.option("--balance", type=click.IntRange(1), help="Samples that every class shall have.")
@click.option("--noise", type=click.FloatRange(0, min_open=True), help="Standard deviation added.")
@click.option("--shift-copies", type=click.IntRange(1), help="Copies of a sample, shifted in time.")
@click.option("--folds", type=click.IntRange(2), help="Train one network a fold, average them.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Of all that is random; 0.")
def train(
    data_csv: tuple[Path, ...],
    labels_csv: Path | None,
    model_name: str | None,
    records: str | None,
    out_dir: Path,
    force: bool,
    architecture: str,
    values: Mapping[str, Any],
    balance: int | None,
    noise: float | None,
    shift_copies: int | None,
    folds: int | None,
    seed: int,
    **reading: Any,
) -> None:
    """Train a network.

    Writes model_NAME.skecg, metrics_NAME.json and history_NAME.csv. Patients, where the data
    tell them, are kept apart in the folds and from the samples that stop the training.
    """
    name = model_name or architecture
    _look_at(data_csv, labels_csv)
    network = _network(architecture, dict(values), noise, seed)
    out_dir.mkdir(parents=True, exist_ok=True)
    paths = [out_dir / f"{f.format(name)}" for f in ("model_{}.skecg", "metrics_{}.json")]
    model_path, metrics_path = paths
    history_path = out_dir / f"history_{name}.csv"
    refuse_to_overwrite([*paths, history_path], force)

    import skecg
    from skecg._cli._output import write_json, write_table

    reading = _DEFAULTS | {key: value for key, value in reading.items() if value is not None}
    wrap = None
    if data_csv[0].is_dir() and labels_csv is None:
        lead = _leads(reading["lead"])
        wrap = skecg.RecordClassifier(network, lead="II" if lead is None else lead)
    samples = _read(data_csv, labels_csv, records, reading, wrap)
    if samples.y is None:
        raise click.ClickException("there are no labels to learn from.")
    click.echo(_counted(samples), err=True)
    if len(_class_counts(samples.y)) < 2:
        raise click.ClickException("all samples are of one class: there is nothing to learn.")
    if samples.groups is None and (folds is not None or network.early_stopping):
        where = (
            "in what is trained on and in what validates" if folds is None else "in several folds"
        )
        click.echo(
            f"Warning: the data do not tell the patients: samples of one may be {where}.", err=True
        )
    started = time.perf_counter()
    model = _fit(samples, network, balance, shift_copies, folds, seed)
    seconds = time.perf_counter() - started
    for each in (network, *_networks(model)):
        each.set_params(verbose=0)
    saved = model if wrap is None else skecg.RecordClassifier(model, lead=wrap.lead)
    metrics = {
        "model": name,
        "architecture": architecture,
        "parameters": values,
        "balance": balance,
        "noise": noise,
        "shift_copies": shift_copies,
        "folds": folds,
        "seed": seed,
        "skecg": skecg.__version__,
        "data": [str(path) for path in data_csv],
        "records": records,
        "reading": samples.reading,
        "samples": _class_counts(samples.y),
        "patients": None if samples.groups is None else len(set(samples.groups.tolist())),
        "training_seconds": seconds,
        **_training_figures(model, samples.y),
    }
    skecg.save(saved, model_path)
    write_json(metrics_path, metrics)
    write_table(history_path, *_history(model))
    click.echo(_trained(metrics))
    for path in (*paths, history_path):
        click.echo(f"wrote {path}")


@click.command(
    "eval",
    cls=Command,
    example="""
skecg eval --data-csv mitbih_test.csv --model-name a
skecg eval --data-csv mitdb --records DS2 --model-name convnet
""",
)
@_use_options
def evaluate(
    data_csv: tuple[Path, ...],
    labels_csv: Path | None,
    model_name: str | None,
    model_file: Path | None,
    records: str | None,
    out_dir: Path,
    force: bool,
    **reading: Any,
) -> None:
    """Compare a model's predictions with labels.

    Prints a report, and writes it with figures and confusion matrix to report_NAME.txt,
    report_NAME.json, confusion_NAME.csv and confusion_NAME.png.
    """
    path, name = _model_path(model_file, model_name, out_dir)
    files = [out_dir / f"report_{name}.{suffix}" for suffix in ("txt", "json")]
    files += [out_dir / f"confusion_{name}.{suffix}" for suffix in ("csv", "png")]
    refuse_to_overwrite(files, force)
    _look_at(data_csv, labels_csv)

    import skecg
    from skecg._cli._output import write_json, write_table, write_text
    from skecg._cli._scoring import draw_confusion, score

    model, reading = _load(path, reading)
    _warn_if_trained_on(path, data_csv, records)
    note = ""
    if isinstance(model, skecg.RecordClassifier):
        true, predicted, groups, record, left_out = _evaluate_beats(
            model, data_csv, records, reading
        )
        note = f"{left_out} annotated beats were not classified, and are not counted\n"
    else:
        samples = _read(data_csv, labels_csv, records, reading, None, model=model)
        if samples.y is None:
            raise click.UsageError("eval needs labels: --labels-csv is missing.")
        true, groups, record = samples.y, samples.groups, None
        _check_labels(true, model.classes_)
        predicted = model.predict(samples.X)
    text, figures, labels, confusion = score(true, predicted, groups, record)
    text += f"\n{note}" if note else "\n"
    click.echo(text, nl=False)
    write_text(files[0], text)
    write_json(files[1], figures)
    rows = [[label, *row] for label, row in zip(labels, confusion.tolist(), strict=True)]
    write_table(files[2], ["reference", *map(str, labels)], rows)
    draw_confusion(files[3], true, predicted, labels)
    for file in files:
        click.echo(f"wrote {file}")


@click.command(
    cls=Command,
    example="""
skecg predict --data-csv new_beats.csv --model-name a
skecg predict --data-csv recordings --model model_convnet.skecg
""",
)
@_use_options
def predict(
    data_csv: tuple[Path, ...],
    labels_csv: Path | None,
    model_name: str | None,
    model_file: Path | None,
    records: str | None,
    out_dir: Path,
    force: bool,
    **reading: Any,
) -> None:
    """Predict with a model; labels are ignored.

    Writes predictions_NAME.csv with class and probabilities of every sample.
    """
    path, name = _model_path(model_file, model_name, out_dir)
    out = out_dir / f"predictions_{name}.csv"
    refuse_to_overwrite([out], force)
    _look_at(data_csv, None)

    import skecg
    from skecg._cli._output import write_table

    model, reading = _load(path, reading)
    if isinstance(model, skecg.RecordClassifier):
        header, rows = _predict_beats(model, data_csv, records, reading)
    else:
        samples = _read(
            data_csv, labels_csv, records, reading, None, model=model, ignore_labels=True
        )
        header, rows = _predict_samples(model, samples)
    write_table(out, header, rows)
    click.echo(f"{len(rows)} predictions\nwrote {out}")


def _look_at(paths: tuple[Path, ...], labels_csv: Path | None) -> None:
    """Say what is wrong with the beginning of files before the seconds that a network takes."""
    from skecg._readers._delimited import find_table, read_lines

    for path in paths:
        if path.is_file():
            find_table(path)
    if labels_csv is not None:
        read_lines(labels_csv)


def _network(architecture: str, values: dict[str, Any], noise: float | None, seed: int) -> Any:
    """Make the network, before anything is read: what is wrong with it is said at once."""
    import skecg.classifiers
    from skecg.augmentation import GaussianNoise

    network = getattr(skecg.classifiers, ARCHITECTURES[architecture])(random_state=seed)
    if noise is not None:
        network.set_params(augment=GaussianNoise(noise))
    if sys.stdout.isatty():
        network.set_params(verbose="bar")
    return set_parameters(network, values, architecture)


def _fit(
    samples: Samples,
    network: Any,
    balance: int | None,
    shift_copies: int | None,
    folds: int | None,
    seed: int,
) -> Any:
    from imblearn.pipeline import make_pipeline
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    from skecg.augmentation import AugmentedCopies
    from skecg.early_stopping import EarlyStoppingClassifier
    from skecg.ensemble import FoldEnsembleClassifier
    from skecg.sampling import RandomResampler, balance_to

    steps: list[Any] = []
    if balance is not None:
        steps.append(RandomResampler(sampling_strategy=balance_to(balance), random_state=seed))
    if shift_copies is not None:
        steps.append(AugmentedCopies(n_copies=shift_copies, random_state=seed))
    estimator = make_pipeline(*steps, network) if steps else network
    if folds is not None:
        splitter = StratifiedKFold if samples.groups is None else StratifiedGroupKFold
        cv = splitter(folds, shuffle=True, random_state=seed)
        return FoldEnsembleClassifier(estimator, cv=cv).fit(
            samples.X, samples.y, groups=samples.groups
        )
    if network.early_stopping:
        stopped = EarlyStoppingClassifier(
            estimator, validation_fraction=network.validation_fraction, random_state=seed
        )
        return stopped.fit(samples.X, samples.y, groups=samples.groups)
    return estimator.fit(samples.X, samples.y)


def _networks(model: Any) -> Iterator[Any]:
    """Find the fitted networks in a model."""
    if hasattr(model, "estimators_"):
        for each in model.estimators_:
            yield from _networks(each)
    elif hasattr(model, "steps"):
        yield from _networks(model.steps[-1][1])
    elif hasattr(model, "estimator_") or hasattr(model, "estimator"):
        yield from _networks(getattr(model, "estimator_", None) or model.estimator)
    elif hasattr(model, "history_"):
        yield model


def _history(model: Any) -> tuple[list[str], list[list[Any]]]:
    """Give what the networks' epochs came to, as a table."""
    histories = [network.history_ for network in _networks(model)]
    names = list(histories[0])
    rows = [
        [fold, epoch, *figures]
        for fold, history in enumerate(histories)
        for epoch, figures in enumerate(zip(*(history[name] for name in names), strict=True), 1)
    ]
    return ["fold", "epoch", *names], rows


def _training_figures(model: Any, y: Any) -> dict[str, Any]:
    """Give the figures of the epoch whose weights were kept, and those of the folds."""
    import numpy as np
    from sklearn.metrics import f1_score

    kept = []
    for network in _networks(model):
        history = network.history_
        stopped = network.early_stopping and "val_loss" in history
        best = int(np.argmin(history["val_loss"])) if stopped else -1
        kept.append({"epochs": network.n_iter_, **{k: v[best] for k, v in history.items()}})
    figures: dict[str, Any] = {"networks": kept}
    if hasattr(model, "oof_proba_"):
        seen = np.isfinite(model.oof_proba_).all(axis=1)
        predicted = model.classes_[model.oof_proba_[seen].argmax(axis=1)]
        figures["held_out_folds"] = {
            "accuracy": model.oof_score_,
            "macro_f1": f1_score(y[seen], predicted, average="macro", zero_division=0),
            "largest_class": max(_class_counts(y[seen]).values()) / int(seen.sum()),
            "stopped_training": bool(next(_networks(model)).early_stopping),
        }
    return figures


def _trained(metrics: Mapping[str, Any]) -> str:
    epochs = ", ".join(str(network["epochs"]) for network in metrics["networks"])
    text = f"trained for {epochs} epochs in {metrics['training_seconds']:.1f} s"
    if "held_out_folds" in metrics:
        held_out = metrics["held_out_folds"]
        text += (
            f"; folds held out: accuracy {held_out['accuracy']:.3f}, "
            f"macro F1 {held_out['macro_f1']:.3f}; always the largest class would have accuracy "
            f"{held_out['largest_class']:.3f}"
        )
        if held_out["stopped_training"]:
            text += " (a little too good: these folds also stopped the training)"
    elif "val_accuracy" in metrics["networks"][0]:
        text += f"; validation accuracy {metrics['networks'][0]['val_accuracy']:.3f}"
    return text


def _class_counts(y: Any) -> dict[str, int]:
    import numpy as np

    labels, counts = np.unique(y, return_counts=True)
    return dict(zip(map(str, labels.tolist()), counts.tolist(), strict=True))


def _counted(samples: Samples) -> str:
    classes = ", ".join(f"{label}: {n}" for label, n in _class_counts(samples.y).items())
    patients = ""
    if samples.groups is not None:
        n_patients, n_recordings = (len(set(x.tolist())) for x in (samples.groups, samples.name))
        patients = f" of {n_patients} patients"
        if "target_fs" not in samples.reading and n_patients == n_recordings:
            patients = f" of {n_recordings} recordings, each taken for a patient"
    shape = " x ".join(map(str, samples.X.shape[1:]))
    return f"{len(samples.X)} samples of {shape}{patients}; {classes}"


def _leads(text: Any) -> list[str] | None:
    return [name.strip() for name in text.split(",")] if isinstance(text, str) else text


def _model_path(model_file: Path | None, model_name: str | None, out_dir: Path) -> tuple[Path, str]:
    if model_file is not None:
        return model_file, model_name or model_file.stem.removeprefix("model_")
    if model_name is None:
        raise click.UsageError("--model-name or --model is needed.")
    path = out_dir / f"model_{model_name}.skecg"
    if not path.is_file():
        raise click.ClickException(f"{path}: there is no such file; skecg train writes it.")
    return path, model_name


def _load(path: Path, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Load a model, and how data for it were read where its metrics are beside it."""
    import skecg

    model = skecg.load(path)
    saved = _metrics_of(path).get("reading", {})
    reading = {**_DEFAULTS, "n_leads": _taken(model)[1], **saved}
    return model, reading | {key: value for key, value in given.items() if value is not None}


def _metrics_of(path: Path) -> dict[str, Any]:
    """Read what training wrote beside a model; empty where nothing is there."""
    metrics = path.with_name(f"metrics_{path.stem.removeprefix('model_')}.json")
    if not metrics.is_file():
        return {}
    try:
        content = json.loads(metrics.read_text(encoding="utf-8"))
        return {**content, "reading": dict(content["reading"])}
    except (KeyError, TypeError, ValueError):
        raise click.ClickException(f"{metrics} is damaged.") from None


def _warn_if_trained_on(path: Path, data: tuple[Path, ...], records: str | None) -> None:
    """Warn where a model is tested on what it was trained on, by what its metrics tell."""
    trained = _metrics_of(path)
    same = {Path(each).resolve() for each in trained.get("data", ())} & {p.resolve() for p in data}
    if same and trained.get("records") == records:
        click.echo(
            f"Warning: {path.name} was trained on {', '.join(map(str, sorted(same)))}: this tells "
            "nothing of how well it does on other data.",
            err=True,
        )


def _taken(model: Any) -> tuple[int | None, int]:
    """Tell how many time steps and leads a model takes."""
    network = next(_networks(model), None)
    if network is None:
        return getattr(model, "n_features_in_", None), 1
    n_timesteps, *n_leads = network.input_shape_
    return n_timesteps, n_leads[0] if n_leads else 1


def _read(
    paths: tuple[Path, ...],
    labels_csv: Path | None,
    records: str | None,
    reading: Mapping[str, Any],
    wrap: Any,
    *,
    model: Any = None,
    ignore_labels: bool = False,
) -> Samples:
    from skecg._cli._data import read_beats, read_recordings, read_rows

    if not paths[0].is_dir():
        if model is None and labels_csv is None:
            reading = {**reading, "n_leads": 1}
        return read_rows(
            paths,
            labels_csv,
            reading,
            ignore_labels=ignore_labels,
            n_timesteps=None if model is None else _taken(model)[0],
        )
    if len(paths) > 1:
        raise click.UsageError("--data-csv can be given once where it is a folder.")
    if wrap is not None:
        return read_beats(paths[0], records, {k: reading[k] for k in ("fs", "unit")}, wrap)
    reading = {key: reading[key] for key in ("lead", "fs", "unit", "target_fs", "seconds")}
    reading["lead"] = _leads(reading["lead"])
    return read_recordings(
        paths[0], labels_csv, reading, ignore_labels=ignore_labels, wanted=records
    )


def _check_labels(y: Any, classes: Any) -> None:
    if not set(y.tolist()) & set(classes.tolist()):
        raise click.ClickException(
            f"the labels of the data ({', '.join(_class_counts(y))}) are none of the model's "
            f"classes ({', '.join(map(str, classes.tolist()))}): --target-names may be missing."
        )


def _records_of(
    paths: tuple[Path, ...], records: str | None, reading: Mapping[str, Any], title: str
) -> Iterator[Any]:
    from skecg._cli._data import read_records, recordings_in

    if paths[0].is_dir():
        files = [paths[0] / name for name in recordings_in(paths[0], records)]
    else:
        files = list(paths)
    yield from read_records(files, title, reading["fs"], reading["unit"])


def _evaluate_beats(
    model: Any, paths: tuple[Path, ...], records: str | None, reading: Mapping[str, Any]
) -> tuple[Any, Any, Any, Any, int]:
    import numpy as np

    from skecg._cli._data import beat_classes

    true, predicted, groups, names, left_out = [], [], [], [], 0
    for record in _records_of(paths, records, reading, "Classifying"):
        sample, label = beat_classes(record)
        found = model.predict_record(record, r_peaks=sample).beats["label"]
        done = found != ""
        left_out += int(np.sum(~done))
        true.append(label[done])
        predicted.append(found[done])
        groups += [str(record.patient_id)] * int(done.sum())
        names += [str(record.record_id)] * int(done.sum())
    y, labels = np.concatenate(true), np.concatenate(predicted)
    if not len(y):
        raise click.ClickException("no beat could be classified.")
    return y, labels, np.array(groups), np.array(names), left_out


def _predict_beats(
    model: Any, paths: tuple[Path, ...], records: str | None, reading: Mapping[str, Any]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    from skecg._cli._recordings import beat_rows

    header: list[str] = []
    rows: list[tuple[Any, ...]] = []
    for record in _records_of(paths, records, reading, "Classifying"):
        marked = record.annotations is not None and len(record.annotations.beats())
        prediction = model.predict_record(record, r_peaks="annotated" if marked else None)
        names, own = beat_rows(prediction)
        header = ["record", *names]
        rows += [(record.record_id, *row) for row in own]
    return header, rows


def _predict_samples(model: Any, samples: Samples) -> tuple[list[str], list[tuple[Any, ...]]]:
    labels = model.predict(samples.X).tolist()
    names = samples.name.tolist()
    if not hasattr(model, "predict_proba"):
        return ["sample", "label"], list(zip(names, labels, strict=True))
    probabilities = model.predict_proba(samples.X).tolist()
    header = ["sample", "label", *(f"p_{label}" for label in model.classes_)]
    triples = zip(names, labels, probabilities, strict=True)
    return header, [(name, label, *values) for name, label, values in triples]
