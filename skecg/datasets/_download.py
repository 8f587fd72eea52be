"""Downloading a database's files."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral
from pathlib import Path

from joblib import Parallel, delayed

from skecg._progress import track

_TIMEOUT = 30


def database_folder(data_home: str | os.PathLike[str] | None, name: str) -> Path:
    """Return the folder given or else the database's place among the user's data."""
    if data_home is not None:
        return Path(data_home)
    import pooch

    return Path(os.environ.get("SKECG_DATA") or pooch.os_cache("skecg")) / name


def download(
    folder: Path,
    sums: Mapping[str, str],
    base_url: str,
    *,
    title: str,
    n_retries: int,
    n_jobs: int = 1,
    verbose: bool = False,
) -> None:
    """Download what is missing or damaged.

    Parameters
    ----------
    folder : Path
        Where the files belong.
    sums : mapping of str to str
        SHA-256 sums by file name, relative to the folder and the URL.
    base_url : str
        Where the files are.
    title : str
        Of the progress bar.
    n_retries : int
        How often to try a file again.
    n_jobs : int, default=1
        Downloads at the same time.
    verbose : bool, default=False
        Whether to show progress on standard error.

    Raises
    ------
    OSError
        If a file cannot be downloaded or written.
    ValueError
        If a downloaded file is not the publisher's.
    """
    import pooch

    if not isinstance(n_retries, Integral) or n_retries < 0:
        raise ValueError(f"n_retries must be a whole number from 0, got {n_retries!r}.")
    store = pooch.create(
        path=folder,
        base_url=f"{base_url.rstrip('/')}/",
        registry={name: f"sha256:{digest}" for name, digest in sums.items()},
        retry_if_failed=n_retries,
    )
    downloader = pooch.HTTPDownloader(timeout=_TIMEOUT)

    def fetch(name: str) -> None:
        try:
            store.fetch(name, downloader=downloader)
        except OSError as error:
            raise OSError(
                f"{name} could not be fetched from {base_url}: {error}. The files that "
                f"{folder} has are complete; call again to go on."
            ) from error

    # pooch, looking and then making, would fail where two downloads start a folder at once.
    for parent in {(folder / name).parent for name in sums}:
        parent.mkdir(parents=True, exist_ok=True)
    with _quiet(pooch.get_logger()):
        fetched = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator_unordered")(
            delayed(fetch)(name) for name in sums
        )
        for _ in track(fetched, title, len(sums), verbose):
            pass


@contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Silence a logger's notes for a while."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
