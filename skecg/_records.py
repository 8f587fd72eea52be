"""What every step that takes recordings needs to know about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from skecg.recordings import ECGRecord

STANDARD_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


def holds_records(X: Any) -> bool:
    """Tell a collection of recordings from an array, by its first element."""
    if isinstance(X, ECGRecord):
        return True
    if hasattr(X, "ndim") and X.ndim != 1:
        return False
    if isinstance(X, Iterator):
        raise ValueError(
            f"X must be an array or a list of recordings, got a {type(X).__name__}, which can be "
            "gone through only once: pass list(X)."
        )
    return isinstance(X, Iterable) and isinstance(next(iter(X), None), ECGRecord)


def check_records(records: Any, leads: Sequence[str] = ()) -> list[ECGRecord]:
    """Return the recordings as a list, or say why they are none.

    Parameters
    ----------
    records : iterable of ECGRecord
        A list, a Series or a one-dimensional object array, for instance.
    leads : sequence of str, default=()
        Leads that each recording must have.

    Returns
    -------
    list of ECGRecord
        The same recordings.

    Raises
    ------
    ValueError
        If there are none, if one is no ``ECGRecord`` or if one lacks a lead.
    """
    no_names = [lead for lead in leads if not isinstance(lead, str)]
    if no_names:
        raise ValueError(f"leads must hold names of leads, got {no_names}.")
    if isinstance(records, ECGRecord):
        raise ValueError("records must be a list of ECGRecord, got one ECGRecord: pass [record].")
    try:
        records = list(records)
    except TypeError:
        raise ValueError(
            f"records must be a list of ECGRecord, got {type(records).__name__}."
        ) from None
    if not records:
        raise ValueError("records must hold at least one ECGRecord, got none.")
    for i, record in enumerate(records):
        if not isinstance(record, ECGRecord):
            raise ValueError(
                f"records must be a list of ECGRecord, got {type(record).__name__} at position {i}."
            )
        missing = [lead for lead in leads if lead not in record.lead_names]
        if missing:
            raise ValueError(
                f"{record_label(record, i)} lacks lead {', '.join(missing)}: it has "
                f"{', '.join(record.lead_names)}."
            )
    return records


def check_record(record: Any) -> None:
    """Refuse what is no recording."""
    if not isinstance(record, ECGRecord):
        raise ValueError(f"record must be an ECGRecord, got {type(record).__name__}.")


def record_label(record: ECGRecord, position: int) -> str:
    """Name a recording in a message, by its id or else by its position."""
    if record.record_id is None:
        return f"the record at position {position}"
    return f"record {record.record_id}"


def qrs_positions(record: ECGRecord) -> np.ndarray:
    """Return the QRS complexes of the delineation, of lead II at best, or else the annotations."""
    lead = "II" if "II" in record.delineation else next(iter(record.delineation), None)
    if lead is not None:
        marks = record.delineation[lead]
        return np.unique(marks.sample[marks.symbol == "N"])
    if record.annotations is not None:
        return np.unique(record.annotations.beats().sample)
    return np.array([], dtype=np.int64)
