"""Files that are whole or not there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a new file beside ``path`` to write, and put it in its place in the end.

    Parameters
    ----------
    path : Path
        Where the file is to be. One that is there is replaced in one step, or not at all.

    Yields
    ------
    Path
        Where to write it.

    Raises
    ------
    OSError
        If it cannot be written: the disk is full, the folder is missing or read-only.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        yield beside
        with open(beside, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"nothing was written, and a file already there is as before: {reason}"
        raise OSError(error.errno, message, str(path)) from error
    finally:
        with suppress(OSError):
            beside.unlink()
