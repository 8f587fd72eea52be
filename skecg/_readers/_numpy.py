"""Reading NumPy's .npy and .npz files."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from skecg._readers._common import Content, Options

_SIGNAL_KEYS = ("signal", "ecg", "p_signal", "data")
_FS_KEYS = ("fs", "sampling_rate", "sampling_frequency")
_NAMES_KEYS = ("lead_names", "leads", "sig_name")
_UNIT_KEYS = ("unit", "units")
# Deflate reaches 1,032 at most.
_MOST_COMPRESSED = 1100


def read(path: Path, options: Options) -> Content:
    """Read one recording; see `skecg.recordings.read_record`."""
    # NumPy meets damaged files with whatever its parsing runs into.
    try:
        loaded = np.load(path, allow_pickle=False, mmap_mode="r")
        if isinstance(loaded, np.ndarray):
            arrays = {"": loaded}
        else:
            with loaded:
                arrays = {key: _member(loaded, key) for key in loaded.files}
    except Exception as error:
        raise ValueError(f"{path} is not a readable NumPy file: {error}") from error
    key = _signal_key(arrays, options, path)
    signal = _one_record(arrays[key], options, path)
    names = _first(arrays, _NAMES_KEYS)
    units = _first(arrays, _UNIT_KEYS)
    fs = _first(arrays, _FS_KEYS)
    if fs is not None and not (fs.size == 1 and fs.dtype.kind in "iuf" and 0 < fs.item() < np.inf):
        raise ValueError(f"{path}: fs must be a positive number, got {fs!r}.")
    n_leads = signal.shape[1]
    if units is not None and units.size not in (1, n_leads):
        raise ValueError(f"{path} has {units.size} units for {n_leads} leads.")
    return Content(
        signal=signal,
        fs=None if fs is None else float(fs.item()),
        lead_names=[f"lead {k}" for k in range(1, n_leads + 1)]
        if names is None
        else [str(name) for name in names.ravel()],
        units=[None] * n_leads
        if units is None
        else [str(unit) for unit in np.broadcast_to(units.ravel(), n_leads)],
        record_id=path.stem if options.row is None else f"{path.stem}-{options.row}",
        source=path,
    )


def _member(archive: Any, key: str) -> np.ndarray:
    """Read one array, but none that claims more bytes than the archive has for it."""
    member = next(m for m in archive.zip.infolist() if m.filename in (key, f"{key}.npy"))
    if member.file_size > _MOST_COMPRESSED * max(member.compress_size, 1):
        raise ValueError(f"array {key!r} is compressed beyond belief")
    return archive[key]


def _signal_key(arrays: Mapping[str, np.ndarray], options: Options, path: Path) -> str:
    if options.key is not None and "" not in arrays:
        if options.key not in arrays:
            raise ValueError(
                f"{path} has no array {options.key!r}, only {', '.join(arrays) or 'none'}."
            )
        return options.key
    about = {*_FS_KEYS, *_NAMES_KEYS, *_UNIT_KEYS}
    found = [
        key for key, a in arrays.items() if a.dtype.kind in "biuf" and a.ndim and key not in about
    ]
    usual = [key for key in _SIGNAL_KEYS if key in found]
    if len(arrays) == 1 or len(found) == 1:
        return (found or list(arrays))[0]
    if len(usual) == 1:
        return usual[0]
    raise ValueError(
        f"{path} has the arrays {', '.join(arrays) or 'none'}: key= tells which one is the signal."
    )


def _one_record(array: np.ndarray, options: Options, path: Path) -> np.ndarray:
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{path} holds values of type {array.dtype}, not numbers.")
    if options.row is not None or options.layout == "samples":
        if array.ndim not in (2, 3):
            raise ValueError(f"{path} has shape {array.shape}, and so no rows to choose from.")
        if options.row is None and len(array) != 1:
            raise ValueError(f"{path} has {len(array)} samples: row= chooses one, from 0.")
        row = int(options.row or 0)
        if row >= len(array):
            raise ValueError(f"{path} has {len(array)} samples, and so no row {row}, from 0.")
        array = array[row]
    elif array.ndim == 3:
        raise ValueError(
            f"{path} has shape {array.shape}: if that is samples, time steps and leads, row= "
            "chooses a sample."
        )
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{path} has shape {array.shape}, and not (n_timesteps, n_leads).")
    if options.layout == "leads":
        array = array.T
    if array.shape[1] > len(array):
        raise ValueError(
            f"{path} has more columns than rows, {array.shape}: if the rows are leads, pass "
            "layout='leads'; if they are time steps, the array is transposed; if they are "
            "samples, row= chooses one."
        )
    return np.array(array, dtype=np.float64 if array.dtype == np.float64 else np.float32)


def _first(arrays: Mapping[str, np.ndarray], keys: tuple[str, ...]) -> np.ndarray | None:
    return next((np.asarray(arrays[key]) for key in keys if key in arrays), None)


def is_archive(path: Path) -> bool:
    """Tell NumPy's zip files from others."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith(".npy") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
