"""Telling formats apart by what is in a file."""

from __future__ import annotations

import re
from pathlib import Path

from skecg._readers._common import Options, to_record
from skecg.recordings import ECGRecord

_HEAD_BYTES = 4096
_EDF = b"0       "
_BDF = b"\xffBIOSEMI"
_EDF_FIRST_FIELDS = 88
_WFDB_SUFFIXES = {".hea", ".dat", ".mat", ".atr"}
_WFDB_HEADER = re.compile(
    rb"(?:\s*#.*\r?\n)*\s*[\w./-]+ \d+\b.*\r?\n"
    rb"\S*[A-Za-z~]\S* (?:8|16|24|32|61|80|160|212|310|311|508|516|524)\b"
)
# Formats that are met in practice, and what to do about them.
_OTHERS = (
    (b"\x1f\x8b", "compressed by gzip: unpack it first"),
    (b"PK\x03\x04", "a zip archive (or a spreadsheet): unpack it, or save it as CSV, first"),
    (b"\xd0\xcf\x11\xe0", "an old Office document: save it as CSV first"),
    (b"\x89HDF", "an HDF5 file: read it with h5py and make an ECGRecord"),
    (b"MATLAB 5.0", "a MATLAB file without a WFDB header beside it: read it with scipy.io.loadmat "
     "and make an ECGRecord"),
    (b"%PDF", "a PDF, in which an ECG is a picture"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"<?xml", "XML, which each maker fills in another way: convert it to CSV or EDF"),
    (b"{", "JSON: load it and make an ECGRecord"),
)  # fmt: skip
_DICOM_OFFSET = 128


def read(path: Path, options: Options) -> ECGRecord:
    """Read a recording of any known format; see `skecg.recordings.read_record`."""
    if path.is_dir() and not (path.name and _has_wfdb_header(path)):
        raise IsADirectoryError(f"{path} is a folder: name one recording in it.")
    if not path.is_file() or _has_wfdb_header(path):
        from skecg import _wfdb

        return to_record(_wfdb.read(path, options), options)
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(b"\x93NUMPY") or head.startswith(b"PK"):
        from skecg._readers import _numpy

        if head.startswith(b"\x93") or _numpy.is_archive(path):
            return to_record(_numpy.read(path, options), options)
    if head.startswith(_BDF) or (head.startswith(_EDF) and b"\n" not in head[:_EDF_FIRST_FIELDS]):
        from skecg._readers import _edf

        return to_record(_edf.read(path, options), options)
    _refuse_others(path, head)
    from skecg._readers import _apple, _csv

    if _apple.is_apple(path):
        return to_record(_apple.read(path), options)
    return to_record(_csv.read(path, options), options)


def _has_wfdb_header(path: Path) -> bool:
    if path.suffix == ".hea" or path.with_name(f"{path.name}.hea").is_file():
        return True
    return path.suffix in _WFDB_SUFFIXES and path.with_suffix(".hea").is_file()


def _refuse_others(path: Path, head: bytes) -> None:
    if _WFDB_HEADER.match(head):
        raise ValueError(f"{path} is a WFDB header; its name must end in .hea.")
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    for magic, what in _OTHERS:
        if start.startswith(magic):
            raise ValueError(f"{path} is {what}.")
    if head[_DICOM_OFFSET:].startswith(b"DICM"):
        raise ValueError(f"{path} is DICOM: read it with pydicom and make an ECGRecord.")
