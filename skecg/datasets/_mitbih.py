"""The MIT-BIH Arrhythmia Database."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from joblib import Parallel, delayed
from sklearn.utils import Bunch

from skecg._aami import AAMI_CLASS_OF_SYMBOL, AAMI_CLASSES
from skecg._progress import console, track
from skecg.datasets._download import database_folder, download
from skecg.preprocessing import BeatSegmenter
from skecg.recordings import read_record

_BASE_URL = "https://physionet.org/files/mitdb/1.0.0/"
_SUFFIXES = ("hea", "dat", "atr")

MITBIH_RECORDS: Final = tuple(
    """
    100 101 102 103 104 105 106 107 108 109 111 112 113 114 115 116 117 118 119 121 122 123 124
    200 201 202 203 205 207 208 209 210 212 213 214 215 217 219 220 221 222 223 228 230 231 232
    233 234
    """.split()  # noqa: SIM905
)

_DESCR = """\
MIT-BIH Arrhythmia Database 1.0.0
---------------------------------

48 recordings of 47 people (201 and 202 are one man): 30 minutes, two leads, 360 Hz. The first
23 (numbered 100 to 124) were drawn at random from some 4,000 long-term recordings of in- and
outpatients at Boston's Beth Israel Hospital, the others (200 to 234) were chosen for less
common arrhythmias. Two cardiologists annotated every beat.

Lead MLII is missing in records 102 and 104, in which patients wear surgical dressings, and is
the second one in record 114. Records 102, 104, 107 and 217 are of people with pacemakers.

The five classes are those of ANSI/AAMI EC57: N (symbols N, L, R, e, j), S (A, a, J, S),
V (V, E), F (F) and Q (/, f, Q). Of 109,494 annotated beats, 109,446 are complete:

    N 90,589, S 2,779, V 7,236, F 803, Q 8,039.

Beats of one person resemble each other more than those of two people: a score from a split
that ignores ``groups`` says little about new patients.

Source: https://physionet.org/content/mitdb/1.0.0/ (doi:10.13026/C2F305)
Licence: Open Data Commons Attribution License 1.0 (ODC-By 1.0)

Citation:

- G. B. Moody, R. G. Mark, "The impact of the MIT-BIH Arrhythmia Database", IEEE Engineering in
  Medicine and Biology 20(3), 45-50, 2001. doi:10.1109/51.932724
- A. L. Goldberger et al., "PhysioBank, PhysioToolkit, and PhysioNet", Circulation 101(23),
  e215-e220, 2000.
"""


def load_mitbih(
    data_home: str | os.PathLike[str],
    *,
    records: Iterable[str | int] | None = None,
    lead: str | None = "MLII",
    segmenter: BeatSegmenter | None = None,
    target: str = "aami",
    return_X_y_groups: bool = False,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> Any:
    """Load the beats of the MIT-BIH Arrhythmia Database.

    Parameters
    ----------
    data_home : path-like
        Folder with the database's ``.hea``, ``.dat`` and ``.atr`` files.
    records : iterable of str or int, optional
        Records to load, such as ``["100", "101"]``; all 48 by default.
    lead : str or None, default="MLII"
        Name of the lead to take. A record without it gives its first lead, as 102 and 104 do
        for MLII; ``lead_names`` tells. None takes both leads of each record.
    segmenter : BeatSegmenter, optional
        How to cut the recordings. By default
        :class:`~skecg.preprocessing.BeatSegmenter` with its defaults.
    target : {"aami", "symbol"}, default="aami"
        Whether ``target`` is the AAMI class or the annotated symbol.
    return_X_y_groups : bool, default=False
        Whether to return ``(data, target, groups)`` instead of the Bunch.
    n_jobs : int, optional
        Threads that read at the same time; None means one, -1 all cores.
    verbose : bool, default=False
        Whether to show progress, and the time it took, on standard error.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the following attributes; beats are ordered by record and time.

        data : ndarray of shape (109446, 187)
            The beats, as float32. Other segmenters give other shapes.
        target : ndarray of shape (109446,)
            "N", "S", "V", "F" or "Q"; the annotated symbol for ``target="symbol"``.
        groups : ndarray of shape (109446,)
            The patient: the record's name, except that 202 is of patient "201".
        record : ndarray of shape (109446,)
            The record's name.
        sample : ndarray of shape (109446,)
            Position of the R peak in the record, in samples at 360 Hz.
        symbol : ndarray of shape (109446,)
            The annotated symbol.
        lead_names : dict of str to tuple of str
            The lead or leads taken from each record.
        target_names : list of str
            The classes that occur, AAMI classes in the order N, S, V, F, Q.
        fs : float
            Sampling rate of ``data`` in Hz.
        n_dropped : int
            Annotated beats left out because the record does not hold them completely: by
            default the last one of each record.
        DESCR : str
            What the database is, its source, licence and citation.

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file is damaged, a parameter is invalid, or no record has the lead.

    See Also
    --------
    fetch_mitbih : Downloads the database first.

    References
    ----------
    .. [1] G. B. Moody, R. G. Mark, "The impact of the MIT-BIH Arrhythmia Database", IEEE
       Engineering in Medicine and Biology 20(3), 45-50, 2001. :doi:`10.1109/51.932724`
    .. [2] A. L. Goldberger et al., "PhysioBank, PhysioToolkit, and PhysioNet", Circulation
       101(23), e215-e220, 2000.
    .. [3] ANSI/AAMI EC57:2012, "Testing and reporting performance results of cardiac rhythm
       and ST segment measurement algorithms".

    Examples
    --------
    >>> from skecg.datasets import load_mitbih
    >>> mitbih = load_mitbih("mitdb")  # doctest: +SKIP
    >>> mitbih.data.shape, mitbih.target_names  # doctest: +SKIP
    ((109446, 187), ['N', 'S', 'V', 'F', 'Q'])

    What is wrong is said before anything is read:

    >>> load_mitbih("mitdb", records=["999"])
    Traceback (most recent call last):
    ...
    ValueError: records must be among the 48 of the database (100 to 234), got 999.
    """
    started = time.perf_counter()
    home = Path(data_home)
    names = _check_records(records)
    _check_choices(target, segmenter)
    if segmenter is None:
        segmenter = BeatSegmenter()
    missing = [name for name in names if not (home / f"{name}.hea").is_file()]
    if len(missing) == len(names):
        where = "has none of the records asked for" if home.is_dir() else "is no folder"
        raise FileNotFoundError(
            f"data_home must be the folder of the MIT-BIH Arrhythmia Database, got {str(home)!r}, "
            f"which {where}. fetch_mitbih downloads it."
        )
    if missing:
        raise FileNotFoundError(
            f"{home} lacks {len(missing)} of {len(names)} records: {', '.join(missing)}. "
            "fetch_mitbih downloads them."
        )
    # Threads: most of the time goes by in NumPy, and processes would have to start.
    beats = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(
        delayed(_load_record)(home / name, lead, segmenter) for name in names
    )
    parts = list(track(beats, "Reading MIT-BIH", len(names), verbose))
    lead_names = {name: part.lead_names for name, part in zip(names, parts, strict=True)}
    if lead is not None and not any(lead in taken for taken in lead_names.values()):
        raise ValueError(f"lead {lead!r} is in none of the records.")

    n_beats = [len(part.data) for part in parts]
    record = np.repeat(names, n_beats)
    symbol = np.concatenate([part.symbol for part in parts])
    if target == "aami":
        y = np.array([AAMI_CLASS_OF_SYMBOL[s] for s in symbol.tolist()], dtype="U1")
        occurring = set(y.tolist())
        target_names = [name for name in AAMI_CLASSES if name in occurring]
    else:
        y = symbol.copy()
        target_names = np.unique(symbol).tolist()
    bunch = Bunch(
        data=np.concatenate([part.data for part in parts]),
        target=y,
        groups=np.where(record == "202", "201", record),
        record=record,
        sample=np.concatenate([part.sample for part in parts]),
        symbol=symbol,
        lead_names=lead_names,
        target_names=target_names,
        fs=parts[0].fs,
        n_dropped=sum(part.n_dropped for part in parts),
        DESCR=_DESCR,
    )
    if verbose:
        seconds = time.perf_counter() - started
        console().print(f"{len(y):,} beats of {len(names)} records in {seconds:.1f} s")
    return (bunch.data, bunch.target, bunch.groups) if return_X_y_groups else bunch


def fetch_mitbih(
    data_home: str | os.PathLike[str] | None = None,
    *,
    records: Iterable[str | int] | None = None,
    base_url: str = _BASE_URL,
    n_retries: int = 3,
    verbose: bool = False,
    **load_params: Any,
) -> Any:
    """Download the MIT-BIH Arrhythmia Database where it is missing, and load its beats.

    Every file is checked against PhysioNet's SHA-256 sum. It is written beside its place and
    moved there when it is complete and right, so that an interrupted download leaves only
    good files; the next call fetches what is still missing or damaged, 90 MB in all.

    Parameters
    ----------
    data_home : path-like, optional
        Folder for the database's files. By default ``mitdb`` in the folder that the
        environment variable ``SKECG_DATA`` names, or else in the user's cache folder.
    records : iterable of str or int, optional
        Records to download and load; all 48 by default.
    base_url : str, default="https://physionet.org/files/mitdb/1.0.0/"
        Where the files are.
    n_retries : int, default=3
        How often to try a file again.
    verbose : bool, default=False
        Whether to show progress on standard error.
    **load_params
        Further parameters of :func:`load_mitbih`.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        As :func:`load_mitbih`.

    Raises
    ------
    OSError
        If a file cannot be downloaded or written.
    ValueError
        If a downloaded file is not the publisher's, or a parameter is invalid.

    See Also
    --------
    load_mitbih : Loads a database that is already there.

    Examples
    --------
    >>> from skecg.datasets import fetch_mitbih
    >>> X, y, groups = fetch_mitbih(return_X_y_groups=True, verbose=True)  # doctest: +SKIP
    """
    names = _check_records(records)
    _check_choices(load_params.get("target", "aami"), load_params.get("segmenter"))
    home = database_folder(data_home, "mitdb")
    sums = _publisher_sums()
    wanted = {f: sums[f] for f in (f"{name}.{suffix}" for name in names for suffix in _SUFFIXES)}
    download(
        home, wanted, base_url, title="Downloading MIT-BIH", n_retries=n_retries, verbose=verbose
    )
    return load_mitbih(home, records=names, verbose=verbose, **load_params)


def _check_records(records: Iterable[str | int] | None) -> Sequence[str]:
    if records is None:
        return MITBIH_RECORDS
    names = [str(records)] if isinstance(records, str | int) else [str(name) for name in records]
    unknown = [name for name in names if name not in MITBIH_RECORDS]
    if unknown:
        raise ValueError(
            f"records must be among the {len(MITBIH_RECORDS)} of the database "
            f"({MITBIH_RECORDS[0]} to {MITBIH_RECORDS[-1]}), got {', '.join(unknown)}."
        )
    if not names or len(set(names)) < len(names):
        raise ValueError(f"records must name at least one record, each once, got {names}.")
    return names


def _check_choices(target: str, segmenter: BeatSegmenter | None) -> None:
    if target not in ("aami", "symbol"):
        raise ValueError(f"target must be 'aami' or 'symbol', got {target!r}.")
    if not (segmenter is None or hasattr(segmenter, "segment")):
        raise ValueError(f"segmenter must be a BeatSegmenter or None, got {segmenter!r}.")


def _load_record(path: Path, lead: str | None, segmenter: BeatSegmenter) -> Bunch:
    """Read one record and cut it into beats."""
    record = read_record(path)
    marks = record.annotations
    if marks is None:
        raise FileNotFoundError(f"there is no annotation file {path}.atr.")
    if lead is not None:
        record = record.select_leads([lead if lead in record.lead_names else record.lead_names[0]])
    is_beat = np.isin(marks.symbol, list(AAMI_CLASS_OF_SYMBOL))
    beats = segmenter.segment(record, marks.sample[is_beat])
    beats.symbol = marks.symbol[is_beat][beats.index]
    return beats


def _publisher_sums() -> dict[str, str]:
    """SHA-256 sums by file name, from PhysioNet's SHA256SUMS.txt."""
    text = (files(__package__) / "data" / "mitdb-1.0.0.sha256").read_text()
    return {name: digest for digest, name in map(str.split, text.splitlines())}
