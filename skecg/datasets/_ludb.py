"""The Lobachevsky University Electrocardiography Database."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from skecg._progress import track
from skecg.datasets._download import database_folder, download
from skecg.recordings import ECGRecord, read_record

_SHORT_NAMES = {
    "lvh": "Left ventricular hypertrophy",
    "rvh": "Right ventricular hypertrophy",
    "lah": "Left atrial hypertrophy",
    "rah": "Right atrial hypertrophy",
}
_MV_PER_UNIT = 1e-3

_BASE_URL = "https://physionet.org/files/ludb/1.0.1/"
# PhysioNet's list of all files with their SHA-256 sums, and its own.
_SUMS = "SHA256SUMS.txt"
_SUM_OF_SUMS = "cccef1f3529519db8f26a333c97a6872a7d0e3e5c64a1448b76b161fd87fb75f"
_DOWNLOADS_AT_ONCE = 4

_DESCR = """\
Lobachevsky University Electrocardiography Database (LUDB)
-----------------------------------------------------------

200 recordings of 200 people, healthy volunteers and patients: 10 s, 12 leads, 500 Hz. In
every lead cardiologists marked onset, peak and offset of the P waves, the QRS complexes and
the T waves; the diagnoses are theirs as well. 108 people have left ventricular hypertrophy.

In 24 recordings no P wave is marked, most of them in atrial fibrillation or flutter; in three
of these (38, 104 and 112) at least one lead also lacks every T wave or every QRS onset. The
marks begin and end with a whole heartbeat, so that the recording's first and last ones have
none.

The gains in the headers make every lead of every recording 1 mV high from its lowest to its
highest point, so that they are no gains. The stored integers are voltages of one unit: in all
recordings II = I + III to the last digit. The unit is taken for 1 uV, which is not documented but
gives usual voltages (R in V5 is 1.3 mV on average in people without hypertrophy).

Open Data Commons Attribution License 1.0. https://physionet.org/content/ludb/1.0.1/

A. I. Kalyakulina et al., "LUDB: A New Open-Access Validation Tool for Electrocardiogram
Delineation Algorithms", IEEE Access 8, 186181-186190, 2020.
"""


def load_ludb(
    data_home: str | os.PathLike[str],
    *,
    target: str = "lvh",
    as_frame: bool = False,
    return_X_y_groups: bool = False,
    verbose: bool = False,
) -> Any:
    """Load the Lobachevsky University database: twelve leads with every wave marked.

    Parameters
    ----------
    data_home : path-like
        Folder of the database as PhysioNet distributes it, with ``RECORDS`` in it.
    target : str, default="lvh"
        The diagnosis to predict: ``"lvh"`` stands for left ventricular hypertrophy, ``"rvh"``,
        ``"lah"`` and ``"rah"`` for the other chambers. Any other diagnosis, rhythm or axis is given
        by its name in the database, in upper or lower case (``"Atrial fibrillation"``,
        ``"STEMI: septal"``); a name before a colon (``"STEMI"``) means all that begin with it.
    as_frame : bool, default=False
        Whether ``frame`` is a pandas DataFrame with one row per recording, and ``target`` a
        Series.
    return_X_y_groups : bool, default=False
        Whether to return ``(records, target, groups)`` instead of the Bunch.
    verbose : bool, default=False
        Whether to show progress on standard error.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the following attributes.

        records : list of ECGRecord
            The recordings, with all wave marks in ``delineation`` and the texts in ``metadata``.
        data : ndarray of shape (200, 5000, 12)
            Their signals in mV, as float32.
        target : ndarray of shape (200,) or Series
            1 where the diagnosis is made, else 0.
        target_names : ndarray of shape (2,)
            What 0 and 1 mean.
        groups : ndarray of shape (200,)
            Patient ids: one recording each.
        age : ndarray of shape (200,)
            In years.
        sex : ndarray of shape (200,)
            "female" or "male".
        rhythm, axis : ndarray of shape (200,)
            Heart rhythm and electrical axis; the axis is empty where pacing leaves none.
        diagnoses : list of tuple of str
            All further diagnoses of each person.
        lead_names : tuple of str
            The twelve leads.
        fs : float
            Sampling rate in Hz.
        frame : DataFrame or None
            Only where ``as_frame=True``: age, sex, rhythm, axis, diagnoses and target.
        DESCR : str
            What the database is.

    Raises
    ------
    FileNotFoundError
        If the folder is not the database, or one of its files is missing.
    ValueError
        If a file is damaged, or if there is no such diagnosis.

    See Also
    --------
    fetch_ludb : Downloads the database first.

    Notes
    -----
    The gains in the headers scale every lead of every recording to a height of 1 mV. They are left
    aside, and the stored integers taken for uV, so that the amplitudes of leads and of
    people can be compared.

    References
    ----------
    .. [1] A. I. Kalyakulina et al., "LUDB: A New Open-Access Validation Tool for
       Electrocardiogram Delineation Algorithms", IEEE Access 8, 186181-186190, 2020.
    .. [2] A. L. Goldberger et al., "PhysioBank, PhysioToolkit, and PhysioNet", Circulation
       101(23), e215-e220, 2000.

    Examples
    --------
    >>> from skecg.datasets import load_ludb
    >>> ludb = load_ludb("ludb", verbose=True)  # doctest: +SKIP
    >>> ludb.data.shape, ludb.target.sum()  # doctest: +SKIP
    ((200, 5000, 12), 108)
    """
    home = Path(data_home)
    names = _record_names(home)
    records = [_read(home / name) for name in track(names, "Reading LUDB", len(names), verbose)]
    data = np.stack([record.signal for record in records])

    y, target_names = _target(records, target)
    rhythm, axis = (np.array([r.metadata[key] for r in records]) for key in ("rhythm", "axis"))
    bunch = Bunch(
        records=records,
        data=data,
        target=y,
        target_names=target_names,
        groups=np.array([r.patient_id for r in records]),
        age=np.array([r.age for r in records], dtype=float),
        sex=np.array([r.sex for r in records]),
        rhythm=rhythm,
        axis=axis,
        diagnoses=[r.metadata["diagnoses"] for r in records],
        lead_names=records[0].lead_names,
        fs=records[0].fs,
        frame=None,
        DESCR=_DESCR,
    )
    if as_frame:
        _add_frame(bunch)
    if return_X_y_groups:
        return bunch.records, bunch.target, bunch.groups
    return bunch


def fetch_ludb(
    data_home: str | os.PathLike[str] | None = None,
    *,
    base_url: str = _BASE_URL,
    n_retries: int = 3,
    verbose: bool = False,
    **load_params: Any,
) -> Any:
    """Download the Lobachevsky University database where it is missing, and load it.

    Every file is checked against PhysioNet's SHA-256 sum. It is written beside its place and
    moved there when it is complete and right, so that an interrupted download leaves only
    good files; the next call fetches what is still missing or damaged, 2,800 files in all.

    Parameters
    ----------
    data_home : path-like, optional
        Folder for the database's files. By default ``ludb`` in the folder that the
        environment variable ``SKECG_DATA`` names, or else in the user's cache folder.
    base_url : str, default="https://physionet.org/files/ludb/1.0.1/"
        Where the files are.
    n_retries : int, default=3
        How often to try a file again.
    verbose : bool, default=False
        Whether to show progress on standard error.
    **load_params
        Further parameters of :func:`load_ludb`.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        As :func:`load_ludb`.

    Raises
    ------
    OSError
        If a file cannot be downloaded or written.
    ValueError
        If a downloaded file is not the publisher's, or there is no such diagnosis.

    See Also
    --------
    load_ludb : Loads a database that is already there.

    Examples
    --------
    >>> from skecg.datasets import fetch_ludb
    >>> ludb = fetch_ludb(verbose=True)  # doctest: +SKIP
    """
    home = database_folder(data_home, "ludb")
    download(home, {_SUMS: _SUM_OF_SUMS}, base_url, title="", n_retries=n_retries)
    lines = map(str.split, (home / _SUMS).read_text().splitlines())
    wanted = {name: digest for digest, name in lines if name.startswith(("data/", "RECORDS"))}
    download(
        home,
        wanted,
        base_url,
        title="Downloading LUDB",
        n_retries=n_retries,
        n_jobs=_DOWNLOADS_AT_ONCE,
        verbose=verbose,
    )
    return load_ludb(home, verbose=verbose, **load_params)


def _add_frame(bunch: Bunch) -> None:
    import pandas as pd

    index = pd.Index([record.record_id for record in bunch.records], name="record_id")
    bunch.target = pd.Series(bunch.target, index=index, name="target")
    columns: dict[str, Any] = {key: bunch[key] for key in ("age", "sex", "rhythm", "axis")}
    columns["diagnoses"] = ["; ".join(d) for d in bunch.diagnoses]
    columns["target"] = bunch.target.to_numpy()
    bunch.frame = pd.DataFrame(columns, index=index)


def _record_names(home: Path) -> list[str]:
    listing = home / "RECORDS"
    if not listing.is_file():
        raise FileNotFoundError(
            f"data_home must be the folder of the LUDB with its file RECORDS, got {str(home)!r}. "
            "fetch_ludb downloads it."
        )
    names = listing.read_text().split()
    if not names:
        raise ValueError(f"{str(listing)!r} names no recording.")
    if not all(name.startswith("data/") for name in names):
        raise ValueError(
            f"data_home must be the folder of the LUDB, got {str(home)!r}, whose file RECORDS "
            f"names {names[0]!r}, another database's."
        )
    return names


def _read(path: Path) -> ECGRecord:
    """Read one recording with its header and the marks of its twelve leads."""
    import wfdb

    from skecg._wfdb import read_annotations

    record = read_record(path, annotator=None)
    header = wfdb.rdheader(str(path))
    digital = np.rint(record.signal * np.float64(header.adc_gain) + header.baseline)
    marks = {}
    for name in record.lead_names:
        lead_marks = read_annotations(path, name.lower(), record.fs)
        if not lead_marks:
            raise ValueError(f"{path}.{name.lower()} has no mark.")
        marks[name] = lead_marks
    return replace(
        record,
        signal=(digital * _MV_PER_UNIT).astype(np.float32),
        delineation=marks,
        metadata=_parse_comments(record.metadata["comments"]),
    )


def _parse_comments(comments: Sequence[str]) -> dict[str, Any]:
    """Find rhythm, axis and the other diagnoses in a header's comments.

    A line can hold several statements and a statement can run over several lines, so that the full
    stops and not the line ends part them; the full stop of "supp.NSTEMI" is part of a word.
    """
    spoken = " ".join(comments).partition("<diagnoses>:")[2]
    named = {"Rhythm": "", "Electric axis of the heart": ""}
    diagnoses = []
    for statement in filter(None, map(str.strip, re.split(r"\.(?:\s+|$)", spoken))):
        key, _, value = statement.partition(":")
        if key in named:
            named[key] = value.strip()
        else:
            diagnoses.append(statement)
    rhythm, axis = named.values()
    return {"rhythm": rhythm, "axis": axis, "diagnoses": tuple(diagnoses)}


def _target(records: Sequence[ECGRecord], target: str) -> tuple[np.ndarray, np.ndarray]:
    name = _SHORT_NAMES.get(str(target).lower(), str(target)).lower()
    said = [(r.metadata["rhythm"], r.metadata["axis"], *r.metadata["diagnoses"]) for r in records]
    y = np.array(
        [
            any(name in (s.lower(), s.lower().partition(":")[0]) for s in filter(None, texts))
            for texts in said
        ],
        dtype=np.intp,
    )
    if not y.any():
        known = "; ".join(sorted({s for texts in said for s in texts if s}))
        raise ValueError(f"target must be a diagnosis of the database, got {target!r}: {known}.")
    return y, np.array([f"no {name}", name])
