"""Reading WFDB records, the format of PhysioNet, through the ``wfdb`` package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import wfdb

from skecg._readers._common import Content, Options
from skecg.recordings import Annotations

_DEFAULT_ANNOTATOR = "atr"
_FILE_SUFFIXES = {".hea", ".dat", ".mat", ".atr"}
_BYTES_PER_SAMPLE = {
    **{"8": 1.0, "80": 1.0, "16": 2.0, "61": 2.0, "160": 2.0, "24": 3.0, "32": 4.0},
    **{"212": 3 / 2, "310": 4 / 3, "311": 4 / 3},
}
_COMPRESSED = {"508", "516", "524"}
# "69 M 1085 1629 x1" (MIT-BIH); "<age>: 71", "Age: 71", "<sex>: M", "Sex: Female" (others).
_AGE_AND_SEX = re.compile(r"(-?\d+) ([MF]) \d+ \S+ x\d")
_AGE = re.compile(r"<?age>?\s*:\s*(\d+)", re.IGNORECASE)
_SEX = re.compile(r"<?sex>?\s*:\s*(m|f)", re.IGNORECASE)


def read(path: Path, options: Options) -> Content:
    """Read one record; see `skecg.recordings.read_record`."""
    base = _base(path)
    header_path = base.with_name(f"{base.name}.hea")
    if not header_path.stat().st_size:
        raise ValueError(f"{header_path} is empty.")
    # wfdb meets damaged files with whatever its parsing runs into.
    try:
        header = wfdb.rdheader(str(base))
    except Exception as error:
        raise ValueError(f"{header_path} is not a readable WFDB header: {error}") from error
    if isinstance(header, wfdb.Record):
        _check_signal_files(header, header_path)
    try:
        content, signal = _read_signals(base, header, options.verify)
    except Exception as error:
        raise ValueError(f"the signals of {header_path} cannot be read: {error}") from error

    age, sex = _demographics(content.comments)
    return Content(
        signal=signal,
        fs=content.fs,
        lead_names=[name or f"lead {i}" for i, name in enumerate(content.sig_name, start=1)],
        units=[str(unit) for unit in content.units],
        record_id=base.name,
        source=header_path,
        annotations=read_annotations(base, options.annotator, content.fs),
        age=age,
        sex=sex,
        metadata={"comments": list(content.comments)},
    )


def _base(path: Path) -> Path:
    """Find the record's path without suffix, by its header."""
    candidates = [path.with_suffix("")] if path.suffix in _FILE_SUFFIXES else []
    for base in [*candidates, path]:
        if base.with_name(f"{base.name}.hea").is_file():
            return base
    missing = [*candidates, path][0]
    raise FileNotFoundError(
        f"there is no recording {path}: neither a file nor a WFDB header {missing}.hea."
    )


def _check_signal_files(header: wfdb.Record, header_path: Path) -> None:
    """Refuse what the header promises and the signal files do not hold."""
    n_described = len(header.file_name or ())
    if header.n_sig != n_described or n_described == 0:
        raise ValueError(
            f"{header_path} announces {header.n_sig} signals and describes {n_described}."
        )
    unknown = set(header.fmt) - set(_BYTES_PER_SAMPLE) - _COMPRESSED
    if unknown:
        raise ValueError(f"{header_path} names unknown signal formats: {sorted(unknown)}.")
    for name in dict.fromkeys(header.file_name):
        signal_path = header_path.with_name(Path(name).name)
        if not signal_path.is_file():
            raise FileNotFoundError(f"{header_path} refers to {signal_path}, which is missing.")
        signals = [i for i, other in enumerate(header.file_name) if other == name]
        bytes_per_sample = _BYTES_PER_SAMPLE.get(header.fmt[signals[0]])
        if bytes_per_sample is None or header.sig_len is None:
            continue
        frame = sum(header.samps_per_frame[i] for i in signals)
        offset = header.byte_offset[signals[0]] or 0
        # The last block of a packed format may be incomplete.
        needed = int(offset + header.sig_len * frame * bytes_per_sample)
        size = signal_path.stat().st_size
        if size < needed:
            raise ValueError(
                f"{signal_path} is cut off: {header_path.name} promises {header.sig_len} samples "
                f"of {len(signals)} leads, {needed} bytes, and the file has {size}."
            )


def _read_signals(
    base: Path, header: wfdb.Record | wfdb.MultiRecord, verify: bool
) -> tuple[wfdb.Record, np.ndarray]:
    if isinstance(header, wfdb.Record) and set(header.samps_per_frame) == {1}:
        content = wfdb.rdrecord(str(base), physical=False, return_res=32)
        if verify and not any(header.skew):
            _verify(content)
        return content, content.dac(return_res=32)
    # wfdb's own smoothing of frames with several samples rounds to whole units.
    content = wfdb.rdrecord(str(base), smooth_frames=False, return_res=32)
    frames = zip(content.e_p_signal, content.samps_per_frame, strict=True)
    return content, np.column_stack([lead.reshape(-1, n).mean(axis=1) for lead, n in frames])


def _verify(content: wfdb.Record) -> None:
    """Compare the samples with the header's 16-bit check sums, where it has any."""
    sums = content.d_signal.sum(axis=0, dtype=np.int64)
    for name, found, stated in zip(content.sig_name, sums, content.checksum, strict=True):
        if stated and (found - stated) % 65536:
            raise ValueError(
                f"the samples of {name} do not match the header's check sum, so the file is "
                "damaged or its header is wrong; verify=False reads it nevertheless."
            )


def read_annotations(base: Path, annotator: str | None, fs: float) -> Annotations | None:
    """Read one annotation file; None where there is none of the default suffix."""
    if annotator is None:
        return None
    path = base.with_name(f"{base.name}.{annotator}")
    if not path.is_file():
        if annotator == _DEFAULT_ANNOTATOR:
            return None
        raise FileNotFoundError(f"there is no annotation file {path}.")
    # An annotation file ends in two zero bytes; wfdb takes its last two for them, unseen.
    if path.read_bytes()[-2:] != b"\0\0":
        raise ValueError(f"{path} is cut off or is no WFDB annotation file.")
    try:
        marks = wfdb.rdann(str(base), annotator)
        scale = fs / marks.fs if marks.fs else 1
        return Annotations(
            np.rint(marks.sample * scale).astype(np.int64),
            np.array(marks.symbol, dtype=str),
            np.array([note.rstrip("\0") for note in marks.aux_note], dtype=str),
        )
    except Exception as error:
        raise ValueError(f"{path} is not a readable WFDB annotation file: {error}") from error


def _demographics(comments: Sequence[str]) -> tuple[float | None, str | None]:
    def first(pattern: re.Pattern[str], group: int) -> Any:
        found = (pattern.match(comment) for comment in comments)
        return next((match.group(group) for match in found if match), None)

    age = first(_AGE, 1) or first(_AGE_AND_SEX, 1)
    sex = first(_SEX, 1) or first(_AGE_AND_SEX, 2)
    return (
        # MIT-BIH states an unknown age as -1.
        None if age is None or int(age) < 0 else float(age),
        None if sex is None else {"m": "male", "f": "female"}[sex.lower()],
    )
