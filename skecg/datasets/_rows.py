"""Text files with one sample a row: the heartbeat files, and beats of several leads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from sklearn.utils import Bunch
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from skecg._files import replacing
from skecg._progress import console
from skecg._readers._delimited import Block, Table, find_table, read_blocks, read_lines, split
from skecg._records import STANDARD_LEADS

_HEARTBEAT_FS = 125.0
_HEARTBEAT_NAMES = {"aami": ("N", "S", "V", "F", "Q"), "ptb": ("normal", "abnormal")}
# The wrong order makes neighbours in time differ by so much more.
_ROUGHER = 2.0


@validate_params(
    {
        "path": [str, os.PathLike, "array-like"],
        "target_names": [StrOptions(set(_HEARTBEAT_NAMES)), "array-like", None],
        "memmap": [str, os.PathLike, None],
        "return_X_y": ["boolean"],
        "verbose": ["verbose"],
    },
    prefer_skip_nested_validation=True,
)
def load_heartbeat_csv(
    path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    target_names: str | Sequence[str] | None = None,
    memmap: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
    verbose: bool | int = False,
) -> Any:
    """Load beats from text files with one beat a row and its class in the last column.

    So are the widely used heartbeat files made from the MIT-BIH and PTB databases [1]_: 187
    samples at 125 Hz, scaled to [0, 1], zero-padded, and a number for the class. Rows of any other
    length will do, too.

    Parameters
    ----------
    path : str, path-like or sequence of them
        The file, or several, one after the other: ``mitbih_train.csv`` and ``mitbih_test.csv``,
        or ``ptbdb_normal.csv`` and ``ptbdb_abnormal.csv``.
    target_names : {"aami", "ptb"} or sequence of str, optional
        Names of the classes 0, 1, ...: "aami" stands for N, S, V, F, Q, "ptb" for normal,
        abnormal. By default the target is the numbers.
    memmap : str or path-like, optional
        A file, ``.npy``, to write the beats to, for data larger than memory. It appears when it is
        complete; ``data`` is then a read-only map of it.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of the Bunch.
    verbose : bool or int, default=False
        Whether to show progress on standard error.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the following attributes.

        data : ndarray of float32 of shape (n_samples, n_timesteps)
            The beats.
        target : ndarray of shape (n_samples,)
            Classes: str where there are ``target_names``, else int.
        target_names : ndarray
            The classes.
        source : ndarray of int of shape (n_samples,)
            Which of the files a beat is from.
        fs : float
            125 Hz, the rate of the heartbeat files.

    Raises
    ------
    OSError
        If a file is missing or cannot be read or written.
    ValueError
        If a row is damaged, lacks values, or has no class; if the files differ in width. The
        message names the file and the line.

    See Also
    --------
    load_mitbih : The same beats from the recordings, with the patient of each.

    Notes
    -----
    The files do not tell whose beat is whose. In any split of them, beats of one person are in both
    parts, so that scores promise nothing for new patients.

    References
    ----------
    .. [1] M. Kachuee, S. Fazeli, M. Sarrafzadeh, "ECG heartbeat classification: a deep
       transferable representation", IEEE ICHI, 443-444, 2018. arXiv:1805.00794

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from skecg.datasets import load_heartbeat_csv
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "beats.csv")
    ...     rows = np.column_stack([np.random.default_rng(0).random((6, 187)), [0, 0, 1, 2, 3, 4]])
    ...     np.savetxt(path, rows, delimiter=",")
    ...     X, y = load_heartbeat_csv(path, target_names="aami", return_X_y=True)
    >>> X.shape, y.tolist()
    ((6, 187), ['N', 'N', 'S', 'V', 'F', 'Q'])
    """
    paths = [Path(path)] if isinstance(path, str | os.PathLike) else [Path(p) for p in path]
    if not paths:
        raise ValueError("path must be a file or several, got none.")
    names = _HEARTBEAT_NAMES[target_names] if isinstance(target_names, str) else target_names
    tables = [find_table(each) for each in paths]
    for table in tables:
        if not 2 <= table.n_columns == tables[0].n_columns:
            raise ValueError(
                f"{table.path} has {table.n_columns} columns"
                + (f", and {paths[0]} {tables[0].n_columns}." if len(paths) > 1 else ", not two.")
            )
    classes, source = [], []
    with _progress(paths, verbose) as report, _collector(memmap) as beats:
        for number, table in enumerate(tables):
            for block in read_blocks(table, report):
                _refuse_missing(block, table)
                beats.append(block.values[:, :-1].astype(np.float32))
                classes.append(_whole(block, table, None if names is None else len(names)))
                source.append(np.full(len(block.values), number))
    target = np.concatenate(classes)
    bunch = Bunch(
        data=beats.finish(),
        target=target if names is None else np.array(names, dtype=str)[target],
        target_names=np.unique(target) if names is None else np.array(names, dtype=str),
        source=np.concatenate(source),
        fs=_HEARTBEAT_FS,
    )
    return (bunch.data, bunch.target) if return_X_y else bunch


@validate_params(
    {
        "data_csv": [str, os.PathLike],
        "labels_csv": [str, os.PathLike, None],
        "n_leads": [Interval(Integral, 1, None, closed="left")],
        "order": [StrOptions({"time", "lead"})],
        "memmap": [str, os.PathLike, None],
        "return_X_y": ["boolean"],
        "verbose": ["verbose"],
    },
    prefer_skip_nested_validation=True,
)
def load_lead_csv(
    data_csv: str | os.PathLike[str],
    labels_csv: str | os.PathLike[str] | None = None,
    *,
    n_leads: int = 12,
    order: str = "time",
    memmap: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
    verbose: bool | int = False,
) -> Any:
    """Load samples of several leads from a text file with one sample a row.

    Parameters
    ----------
    data_csv : str or path-like
        One row a sample, n_timesteps x n_leads values; a column before them that counts the rows
        is left out.
    labels_csv : str or path-like, optional
        One label a line, in the same order: text or numbers, a header or none. Of two columns, the
        last holds the labels.
    n_leads : int, default=12
        Number of leads.
    order : {"time", "lead"}, default="time"
        Whether values of one time are neighbours in a row, as ``X.reshape(n_samples, -1)`` writes
        them, or values of one lead.
    memmap : str or path-like, optional
        A file, ``.npy``, to write the samples to, for data larger than memory. It appears when it
        is complete; ``data`` is then a read-only map of it.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of the Bunch.
    verbose : bool or int, default=False
        Whether to show progress on standard error.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch`
        With the following attributes.

        data : ndarray of float32 of shape (n_samples, n_timesteps, n_leads)
            The samples.
        target : ndarray of shape (n_samples,) or None
            The labels: int where all are whole numbers, else str.
        target_names : ndarray or None
            The labels that there are.
        lead_names : tuple of str or None
            The twelve standard leads where ``n_leads`` is 12.

    Raises
    ------
    OSError
        If a file is missing or cannot be read or written.
    ValueError
        If a row is damaged or lacks values, if the leads do not divide its length, if ``order``
        contradicts the data, or if there are more or fewer labels than samples.

    See Also
    --------
    make_lead_inversions : Such samples made from recordings of twelve leads.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from skecg.datasets import load_lead_csv
    >>> X = np.cumsum(np.random.default_rng(0).normal(size=(4, 750, 12)), axis=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     data, labels = os.path.join(folder, "data.csv"), os.path.join(folder, "labels.csv")
    ...     np.savetxt(data, X.reshape(4, -1), delimiter=",")
    ...     np.savetxt(labels, [0, 1, 1, 0], fmt="%d")
    ...     bunch = load_lead_csv(data, labels)
    >>> bunch.data.shape, bunch.target.tolist()
    ((4, 750, 12), [0, 1, 1, 0])
    """
    table = find_table(Path(data_csv))
    n_values = table.n_columns // n_leads * n_leads
    first = table.n_columns - n_values
    if n_values == 0 or first > 1:
        raise ValueError(
            f"{data_csv} has rows of {table.n_columns} values, which n_leads={n_leads} does not "
            "divide."
        )
    n_timesteps, n_rows, start = n_values // n_leads, 0, None
    with _progress([table.path], verbose) as report, _collector(memmap) as samples:
        for block in read_blocks(table, report):
            if first and table.is_number[0]:
                start = block.values[0, 0] if start is None else start
                if (block.values[:, 0] - start != n_rows + np.arange(len(block.values))).any():
                    raise ValueError(
                        f"{data_csv} has rows of {table.n_columns} values, which n_leads={n_leads} "
                        "does not divide, and the first does not count the rows."
                    )
            _refuse_missing(block, table, first)
            values = block.values[:, first:].astype(np.float32)
            signals = values.reshape(-1, n_timesteps, n_leads)
            turned = values.reshape(-1, n_leads, n_timesteps).transpose(0, 2, 1)
            signals, other = (signals, turned) if order == "time" else (turned, signals)
            if n_rows == 0:
                _check_order(signals, other, order, data_csv)
            n_rows += len(signals)
            samples.append(signals)
    target = None if labels_csv is None else _labels(Path(labels_csv), n_rows)
    bunch = Bunch(
        data=samples.finish(),
        target=target,
        target_names=None if target is None else np.unique(target),
        lead_names=STANDARD_LEADS if n_leads == len(STANDARD_LEADS) else None,
    )
    return (bunch.data, bunch.target) if return_X_y else bunch


def _refuse_missing(block: Block, table: Table, first: int = 0) -> None:
    good = np.isfinite(block.values[:, first:])
    if good.all():
        return
    row, column = np.argwhere(~good)[0]
    raise ValueError(
        f"{table.path}, about line {block.first_line + row}, column {column + first + 1}: the "
        "value is missing or infinite."
    )


def _whole(block: Block, table: Table, n_classes: int | None) -> np.ndarray:
    labels = block.values[:, -1]
    highest = np.inf if n_classes is None else n_classes
    wrong = (labels % 1 != 0) | (labels < 0) | (labels >= min(highest, 2**31))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            f"{table.path}, about line {block.first_line + row}: the last column must be a class, "
            f"a whole number from 0{'' if n_classes is None else f' to {n_classes - 1}'}, got "
            f"{labels[row]:g}."
        )
    return labels.astype(np.int64)


def _check_order(signals: np.ndarray, other: np.ndarray, order: str, path: Any) -> None:
    """Refuse an order in which the signals jump much more than in the other one."""
    if min(signals.shape[1:]) == 1:
        return
    jumps = [float(np.abs(np.diff(x[:50], axis=1)).mean()) for x in (signals, other)]
    if jumps[0] > _ROUGHER * jumps[1]:
        raise ValueError(
            f"{path} is not in order={order!r}: neighbours in time would differ by "
            f"{jumps[0]:.3g} on average, and by {jumps[1]:.3g} in the other order."
        )


def _labels(path: Path, n_samples: int) -> np.ndarray:
    _, encoding = read_lines(path)
    with path.open(encoding=encoding, errors="replace") as file:
        lines = [line.strip() for line in file if line.strip()]
    delimiter = next((d for d in "\t;|," if all(d in line for line in lines)), "\n")
    labels = [split(line, delimiter)[-1] for line in lines]
    # One line more than samples is a header.
    if len(labels) == n_samples + 1:
        labels = labels[1:]
    if len(labels) != n_samples:
        raise ValueError(f"{path} has {len(labels)} labels for {n_samples} samples.")
    if "" in labels:
        raise ValueError(f"{path} lacks label {labels.index('') + 1} of {n_samples}.")
    try:
        numbers = np.array(labels, dtype=np.float64)
        return numbers.astype(np.int64) if (numbers % 1 == 0).all() else np.array(labels)
    except ValueError:
        return np.array(labels)


class _Rows:
    """Blocks of rows, kept in memory."""

    def __init__(self) -> None:
        self._blocks: list[np.ndarray] = []

    def append(self, block: np.ndarray) -> None:
        self._blocks.append(block)

    def finish(self) -> np.ndarray:
        return np.concatenate(self._blocks)


class _RowsOnDisk:
    """Blocks of rows, appended to a .npy file whose header is completed at the end."""

    path: Path

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._shape: tuple[int, ...] = ()
        self._header_bytes = 0

    def append(self, block: np.ndarray) -> None:
        if not self._shape:
            self._shape = (0, *block.shape[1:])
            self._header_bytes = self._write_header()
        self._file.write(np.ascontiguousarray(block).data)
        self._shape = (self._shape[0] + len(block), *self._shape[1:])

    def complete(self) -> None:
        self._file.seek(0)
        if self._write_header() != self._header_bytes:
            raise AssertionError("NumPy no longer leaves room for the header to grow.")

    def finish(self) -> np.ndarray:
        return np.load(self.path, mmap_mode="r")

    def _write_header(self) -> int:
        description = {"descr": "<f4", "fortran_order": False, "shape": self._shape}
        np.lib.format.write_array_header_1_0(self._file, description)
        return self._file.tell()


@contextmanager
def _collector(memmap: str | os.PathLike[str] | None) -> Iterator[_Rows | _RowsOnDisk]:
    """Collect blocks, in memory or in a file."""
    if memmap is None:
        yield _Rows()
        return
    path = Path(memmap)
    with replacing(path) as beside, beside.open("wb") as file:
        rows = _RowsOnDisk(file)
        yield rows
        rows.complete()
    rows.path = path


@contextmanager
def _progress(
    paths: Sequence[Path], verbose: bool | int
) -> Iterator[Callable[[int], object] | None]:
    """Show how much of the files is read, on standard error and in a terminal."""
    if not verbose:
        yield None
        return
    from rich.progress import Progress

    screen = console()
    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("Reading", total=sum(path.stat().st_size for path in paths))
        yield lambda n: bar.advance(task, n)
