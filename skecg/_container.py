"""One file of JSON and arrays: safetensors, which has no code, names no paths and expands nothing.

Reading one takes about as much memory as the file is long, whatever the file claims.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from skecg._files import replacing

_KEY = "skecg"
_MAX_HEADER = 2**25  # JSON takes some twenty times its length in memory


def write(path: Path, content: Any, arrays: Sequence[np.ndarray]) -> None:
    """Write a file, whole or not at all.

    Parameters
    ----------
    path : Path
        Where to.
    content : JSON value
        Without NaN or infinity.
    arrays : sequence of ndarray
        Of numbers.

    Raises
    ------
    OSError
        If it cannot be written.
    ValueError
        If ``content`` is too large to be read again.
    """
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    named = {str(i): np.ascontiguousarray(a).reshape(a.shape) for i, a in enumerate(arrays)}
    header = {_KEY: text, "sha256": _digest(text, list(named.values()))}
    data = save(named, header)
    if int.from_bytes(data[:8], "little") > _MAX_HEADER:
        raise ValueError(
            f"all but the arrays takes more than the {_MAX_HEADER >> 20} MB that a file may have "
            "of it: is training data among the parameters?"
        )
    with replacing(path) as beside:
        beside.write_bytes(data)


def read(path: Path) -> tuple[Any, list[np.ndarray]]:
    """Read a file, trusting nothing in it.

    Parameters
    ----------
    path : Path
        Where from.

    Returns
    -------
    content : JSON value
        As given to `write`.
    arrays : list of ndarray
        Likewise.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it is not such a file, or not as it was written.
    """
    try:
        if not path.is_file():
            raise FileNotFoundError(2, os.strerror(2), str(path))
        with open(path, "rb") as file:
            if int.from_bytes(file.read(8), "little") > _MAX_HEADER:
                raise ValueError("it does not begin as one")
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            names = [str(i) for i in range(len(file.keys()))]
            arrays = [file.get_tensor(name) for name in names]
        text = header.get(_KEY)
        if text is None:
            raise ValueError("it is of another program")
        if header.get("sha256") != _digest(text, arrays):
            raise ValueError("its contents do not match their check sum")
        return json.loads(text), arrays
    except (SafetensorError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged or was not written by skecg.save: {error}.") from error


def _digest(text: str, arrays: Sequence[np.ndarray]) -> str:
    digest = hashlib.sha256(text.encode())
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
