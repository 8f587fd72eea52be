"""Writing WFDB annotation files, through the ``wfdb`` package."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import wfdb

from skecg._files import replacing
from skecg.recordings import Annotations


def write(path: Path, marks: Annotations, fs: float) -> None:
    """Write marks to a file, completely or not at all."""
    suffix = path.suffix[1:]
    if not (suffix.isascii() and suffix.isalpha()):
        raise ValueError(
            f"path must end in a suffix of letters, such as .skecg, got {path.name!r}."
        )
    content = b"\0\0"
    if len(marks):
        # wfdb takes no path for a file, and is particular about names.
        with tempfile.TemporaryDirectory() as folder:
            wfdb.wrann(
                "record",
                suffix,
                marks.sample,
                symbol=marks.symbol.tolist(),
                aux_note=marks.note.tolist() if np.any(marks.note != "") else None,
                fs=fs,
                write_dir=folder,
            )
            content = (Path(folder) / f"record.{suffix}").read_bytes()
    with replacing(path) as beside:
        beside.write_bytes(content)
