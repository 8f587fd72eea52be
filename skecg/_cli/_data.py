"""Reading what train, eval and predict are given: text files, or folders of recordings."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from skecg import read_record
from skecg._aami import known_classes, left_out
from skecg._cli._command import as_unit
from skecg._progress import track
from skecg.datasets import load_heartbeat_csv, load_lead_csv
from skecg.datasets._mitbih import MITBIH_RECORDS
from skecg.model_selection import _DS1, _DS2
from skecg.preprocessing import Resampler
from skecg.record_classifier import RecordClassifier, select_leads
from skecg.recordings import ECGRecord

# Recordings 201 and 202 of MIT-BIH are of one man.
_SAME_PATIENT = {"202": "201"}


@dataclass
class Samples:
    """What a classifier is trained on or asked about.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_timesteps[, n_leads])
        Signals.
    y : ndarray of shape (n_samples,) or None
        Labels.
    groups : ndarray of shape (n_samples,) or None
        Patients, where they are known.
    name : ndarray of shape (n_samples,)
        Row of the file, or name of the recording.
    reading : dict
        What has to be the same when other data are read for the model.
    """

    X: np.ndarray
    y: np.ndarray | None
    groups: np.ndarray | None
    name: np.ndarray
    reading: Mapping[str, Any]


def read_rows(
    paths: Sequence[Path],
    labels_csv: Path | None,
    reading: Mapping[str, Any],
    *,
    ignore_labels: bool = False,
    n_timesteps: int | None = None,
) -> Samples:
    """Read text files with one sample a row.

    Parameters
    ----------
    paths : sequence of Path
        Files.
    labels_csv : Path or None
        Labels; without it, the last column holds them.
    reading : mapping
        ``n_leads``, ``order`` and ``target_names``.
    ignore_labels : bool, default=False
        Whether labels are left out, and need not be there.
    n_timesteps : int, optional
        Time steps that a model takes, by which to tell whether there are labels.

    Returns
    -------
    Samples
        The samples.
    """
    n_leads = reading["n_leads"]
    several = n_leads > 1 or labels_csv is not None
    if ignore_labels and not several:
        from skecg._readers._delimited import find_table

        n_columns = find_table(paths[0]).n_columns
        if n_timesteps is not None and n_columns - n_timesteps not in (0, 1):
            raise click.ClickException(
                f"{paths[0]} has rows of {n_columns} values, the model takes {n_timesteps}."
            )
        several = n_columns == n_timesteps
    if several:
        if len(paths) > 1:
            raise click.UsageError("--data-csv can be given once here.")
        bunch = load_lead_csv(
            paths[0],
            None if ignore_labels else labels_csv,
            n_leads=n_leads,
            order=reading["order"],
            verbose=True,
        )
        X = bunch.data[:, :, 0] if n_leads == 1 else bunch.data
        used = {"n_leads": n_leads, "order": reading["order"]}
    else:
        names = reading["target_names"]
        if names is not None and names not in ("aami", "ptb"):
            names = [name.strip() for name in names.split(",")]
        bunch = load_heartbeat_csv(paths, target_names=names, verbose=True)
        X = bunch.data
        used = {"n_leads": 1, "target_names": reading["target_names"]}
    y = None if ignore_labels else bunch.target
    return Samples(X, y, None, np.arange(len(X)), used)


def recordings_in(folder: Path, wanted: str | None) -> list[str]:
    """Name the recordings of a folder.

    Parameters
    ----------
    folder : Path
        With WFDB records, or else with one file a recording.
    wanted : str or None
        Names with commas between, DS1 or DS2; None means all.

    Returns
    -------
    list of str
        Names of records or files.
    """
    if wanted is not None:
        published = {"DS1": _DS1, "DS2": _DS2}.get(wanted.upper())
        return published.split() if published else [n.strip() for n in wanted.split(",")]
    names = sorted(path.stem for path in folder.glob("*.hea"))
    if not names:
        below = min(folder.glob("*/*.hea"), default=None)
        if below is not None:
            raise click.ClickException(f"{folder} has no recordings itself, {below.parent} has.")
        names = sorted(p.name for p in folder.iterdir() if p.is_file() and p.name[0] != ".")
    if not names:
        raise click.ClickException(f"{folder} has no recordings.")
    return names


def read_records(
    paths: Sequence[Path], title: str, fs: float | None, unit: str | None = None
) -> Iterator[ECGRecord]:
    """Read recordings one by one, with progress.

    Parameters
    ----------
    paths : sequence of Path
        Files; WFDB records without suffix.
    title : str
        Shown beside the progress.
    fs : float or None
        Sampling rate in Hz of files that do not tell it.
    unit : str, optional
        Unit of the values of files that do not tell it, or the mV of a step.

    Yields
    ------
    ECGRecord
        One after the other.
    """
    of_mitbih = {path.name for path in paths} <= set(MITBIH_RECORDS)
    for path in track(paths, title, len(paths), True):
        record = read_record(path, fs=fs, unit=as_unit(unit))
        if of_mitbih and path.name in _SAME_PATIENT:
            record = replace(record, patient_id=_SAME_PATIENT[path.name])
        yield record


def beat_classes(record: ECGRecord) -> tuple[np.ndarray, np.ndarray]:
    """Give the annotated beats that have an AAMI class.

    Parameters
    ----------
    record : ECGRecord
        With annotations.

    Returns
    -------
    sample : ndarray of int, shape (n_beats,)
        R peaks.
    label : ndarray of str, shape (n_beats,)
        Classes.
    """
    if record.annotations is None or not len(record.annotations.beats()):
        raise click.ClickException(f"record {record.record_id} has no annotated beats.")
    marks = record.annotations.beats()
    if absent := left_out(record.annotations.symbol):
        click.echo(
            f"Warning: {record.record_id}: marks without an AAMI class are left out: {absent}.",
            err=True,
        )
    known, labels = known_classes(marks.symbol)
    return marks.sample[known], labels


def read_beats(
    folder: Path, wanted: str | None, reading: Mapping[str, Any], classifier: RecordClassifier
) -> Samples:
    """Cut the annotated beats of a folder's recordings.

    Parameters
    ----------
    folder : Path
        With recordings.
    wanted : str or None
        As in `recordings_in`.
    reading : mapping
        ``fs`` and ``unit``, as in `read_records`.
    classifier : RecordClassifier
        Tells the lead, and how to cut.

    Returns
    -------
    Samples
        The beats.
    """
    X, y, groups, name = [], [], [], []
    paths = [folder / each for each in recordings_in(folder, wanted)]
    for record in read_records(paths, "Cutting beats", reading["fs"], reading["unit"]):
        sample, labels = beat_classes(record)
        beats = classifier._segment(select_leads(record, classifier.lead), sample)
        X.append(beats.data)
        y.append(labels[beats.index])
        groups += [str(record.patient_id)] * len(beats.data)
        name += [str(record.record_id)] * len(beats.data)
    return Samples(np.concatenate(X), np.concatenate(y), np.array(groups), np.array(name), reading)


def read_recordings(
    folder: Path,
    labels_csv: Path | None,
    reading: Mapping[str, Any],
    *,
    ignore_labels: bool = False,
    wanted: str | None = None,
) -> Samples:
    """Read a folder of recordings, each a sample.

    Parameters
    ----------
    folder : Path
        With recordings.
    labels_csv : Path or None
        Rows of recording, label and, if known, patient.
    reading : mapping
        ``lead``, ``fs``, ``unit``, ``target_fs`` and ``seconds``.
    ignore_labels : bool, default=False
        Whether labels are left out; all recordings of the folder are then read.
    wanted : str, optional
        As in `recordings_in`.

    Returns
    -------
    Samples
        The recordings; all have to be of one length.
    """
    if ignore_labels or labels_csv is None:
        table = {name: [name] for name in recordings_in(folder, wanted)}
    else:
        table = _label_rows(folder, labels_csv)
        if wanted is not None:
            names = recordings_in(folder, wanted)
            missing = [name for name in names if name not in table]
            if missing:
                raise click.ClickException(f"{labels_csv} has no label of {', '.join(missing)}.")
            table = {name: table[name] for name in names}
    leads, target_fs = reading["lead"], reading["target_fs"]
    signals: list[np.ndarray] = []
    paths = [_locate(folder, name) for name in table]
    records = read_records(paths, "Reading", reading["fs"], reading["unit"])
    for path, record in zip(paths, records, strict=True):
        leads = list(record.lead_names) if leads is None else leads
        target_fs = record.fs if target_fs is None else target_fs
        chosen = select_leads(record, leads)
        if record.fs != target_fs:
            chosen = Resampler(target_fs=target_fs).transform([chosen])[0]
        signal = chosen.signal
        if reading["seconds"] is not None:
            signal = signal[: round(reading["seconds"] * target_fs)]
        if signals and len(signal) != len(signals[0]):
            raise click.ClickException(
                f"{path} has {len(signal)} samples at {target_fs:g} Hz, others {len(signals[0])}: "
                "--seconds cuts all to one length."
            )
        signals.append(signal)
    rows = list(table.values())
    with_labels = not ignore_labels and labels_csv is not None
    X = np.stack(signals)
    return Samples(
        X[:, :, 0] if X.shape[2] == 1 else X,
        np.array([row[1] for row in rows]) if with_labels else None,
        np.array([row[2] for row in rows]) if with_labels and len(rows[0]) > 2 else None,
        np.array(list(table)),
        {**reading, "lead": leads, "target_fs": target_fs},
    )


def _label_rows(folder: Path, labels_csv: Path) -> dict[str, list[str]]:
    """Read the rows of a file of labels by recording."""
    text = labels_csv.read_text(encoding="utf-8-sig")
    lines = [line for line in text.splitlines() if line.strip()]
    delimiter = next((d for d in "\t;," if all(d in line for line in lines)), ",")
    rows = [[field.strip() for field in row] for row in csv.reader(lines, delimiter=delimiter)]
    columns = _columns(rows[0]) if rows else None
    if columns is not None:
        short = next((row for row in rows if len(row) != len(rows[0])), None)
        if short is not None:
            raise click.ClickException(f"{labels_csv}: {delimiter.join(short)!r} is no whole row.")
        rows = [[row[k] for k in columns] for row in rows[1:]]
    elif rows and not _is_there(folder, rows[0][0]):
        if any(row[1:2] == rows[0][1:2] for row in rows[1:]):
            # A header does not name a class.
            raise click.ClickException(f"{labels_csv}: {rows[0][0]} is not in {folder}.")
        click.echo(f"{labels_csv}: {delimiter.join(rows[0])!r} is taken as the header.", err=True)
        rows = rows[1:]
    if not rows:
        raise click.ClickException(f"{labels_csv} names no recording that is in {folder}.")
    table = {}
    for row in rows:
        if not 2 <= len(row) == len(rows[0]) <= 3 or "" in row:
            raise click.ClickException(
                f"{labels_csv}: a recording, a label and, in all rows or none, a patient are "
                f"needed, got {delimiter.join(row)!r}."
            )
        if row[0] in table:
            raise click.ClickException(f"{labels_csv} names {row[0]} twice.")
        table[row[0]] = row
    return table


_HEADERS = (
    {"file", "filename", "file_name", "name", "record", "record_id", "recording"},
    {"label", "class", "diagnosis", "target", "y"},
    {"patient", "patient_id", "subject", "subject_id", "person", "group"},
)


def _columns(header: Sequence[str]) -> list[int] | None:
    """Find recording, label and patient by the names above them, None where there are none."""
    names = [name.lower() for name in header]
    found = [[i for i, name in enumerate(names) if name in known] for known in _HEADERS]
    if len(found[0]) != 1 or len(found[1]) != 1 or len(found[2]) > 1:
        return None
    return [i for each in found for i in each]


def _is_there(folder: Path, name: str) -> bool:
    path = folder / name
    return path.is_file() or path.with_name(f"{path.name}.hea").is_file() or bool(_alike(path))


def _alike(path: Path) -> list[Path]:
    """Find files of that name with a suffix."""
    if not path.parent.is_dir():
        return []
    return sorted(p for p in path.parent.iterdir() if p.is_file() and p.stem == path.name)


def _locate(folder: Path, name: str) -> Path:
    """Find the file of a recording that may be named without its suffix."""
    path = folder / name
    if path.is_file() or path.with_name(f"{path.name}.hea").is_file():
        return path
    alike = _alike(path)
    if len(alike) != 1:
        found = ", ".join(p.name for p in alike) or "no such file"
        raise click.ClickException(f"{path}: one recording of that name is needed: {found}.")
    return alike[0]
