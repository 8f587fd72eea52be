"""What every reader hands over, and how it becomes an `ECGRecord`."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from skecg._records import STANDARD_LEADS
from skecg.recordings import Annotations, ECGRecord

_MILLIVOLTS = {"v": 1e3, "mv": 1.0, "uv": 1e-3, "nv": 1e-6}
_VOLTS = re.compile(r"([mun]?)v(?:olts?)?", re.IGNORECASE)
# The Greek letter and the micro sign look alike.
_MICRO = str.maketrans("µμ", "uu")

_MORE_LEADS = ("V7", "V8", "V9", "V3R", "V4R", "V5R", "V6R", "MLI", "MLII", "MLIII", "-aVR")
_LEADS = {name.lower(): name for name in (*STANDARD_LEADS, *_MORE_LEADS)}
_PREFIX = re.compile(r"(?:ecg|ekg|lead|ableitung|d[eé]rivation)[\s_:.-]+", re.IGNORECASE)

# Peak to peak in two seconds, in mV. Real leads are between 0.1 and 10, artefacts apart.
_LARGEST_SPAN = 20.0
_SMALLEST_SPAN = 0.02
_USUAL_SPAN = 1.5
_WINDOW_SECONDS = 2.0
_MAX_RATE_DIFFERENCE = 0.01


@dataclass(frozen=True)
class Options:
    """What the caller of `read_record` said about the file."""

    fs: float | None = None
    unit: str | float | None = None
    lead_names: Sequence[str] | None = None
    layout: str | None = None
    row: int | None = None
    delimiter: str | None = None
    decimal: str | None = None
    key: str | None = None
    annotator: str | None = "atr"
    verify: bool = True

    def __post_init__(self) -> None:
        if self.fs is not None and not (_is_number(self.fs) and 0 < self.fs < np.inf):
            raise ValueError(f"fs must be a positive number of Hz or None, got {self.fs!r}.")
        if self.unit is not None and millivolts(self.unit) is None:
            raise ValueError(
                "unit must be 'V', 'mV', 'uV' or 'nV', or a positive number of mV, got "
                f"{self.unit!r}."
            )
        if self.layout not in (None, "timesteps", "leads", "samples"):
            raise ValueError(
                f"layout must be 'timesteps', 'leads', 'samples' or None, got {self.layout!r}."
            )
        if self.row is not None and (
            isinstance(self.row, bool) or not isinstance(self.row, int | np.integer) or self.row < 0
        ):
            raise ValueError(f"row must be a whole number from 0 or None, got {self.row!r}.")
        if self.row is not None and self.layout not in (None, "samples"):
            raise ValueError(f"row chooses a sample, and so excludes layout={self.layout!r}.")
        if self.decimal not in (None, ".", ","):
            raise ValueError(f"decimal must be '.', ',' or None, got {self.decimal!r}.")
        if self.delimiter is not None and not (
            isinstance(self.delimiter, str)
            and len(self.delimiter) == 1
            and not self.delimiter.isalnum()
            and self.delimiter not in "\r\n\"'.+-"
        ):
            raise ValueError(
                "delimiter must be one character that is no part of a number, or None, got "
                f"{self.delimiter!r}."
            )
        if self.key is not None and not isinstance(self.key, str):
            raise ValueError(f"key must be the name of an array or None, got {self.key!r}.")


@dataclass(frozen=True)
class Content:
    """What a file says.

    ``source`` is the file to complain about.
    ``units`` has one text for each lead, None or empty where the file is silent. Leads in other
    units than volts are left out of the recording.
    """

    signal: np.ndarray
    fs: float | None
    lead_names: list[str]
    units: list[str | None]
    record_id: str
    source: Path
    annotations: Annotations | None = None
    age: float | None = None
    sex: str | None = None
    patient_id: str | None = None
    left_out: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)


def to_record(content: Content, options: Options) -> ECGRecord:
    """Make the recording, in mV."""
    try:
        content = _only_voltages(content, options)
        fs = agreed_rate(content.fs, options.fs)
        signal, unit_stated = _in_millivolts(content, options)
        if options.unit is None:
            _check_span(signal, fs, unit_stated)
        names = content.lead_names if options.lead_names is None else list(options.lead_names)
        return ECGRecord(
            signal,
            fs=fs,
            lead_names=normalise_leads(names),
            annotations=content.annotations,
            age=content.age,
            sex=content.sex,
            record_id=content.record_id,
            patient_id=content.patient_id,
            metadata={**content.metadata, "left_out": content.left_out},
        )
    except ValueError as error:
        raise ValueError(f"{content.source}: {error}") from error


def millivolts(unit: Any) -> float | None:
    """Return how many mV a unit is; None for what is no voltage."""
    if isinstance(unit, str):
        match = _VOLTS.fullmatch(unit.strip().translate(_MICRO))
        return None if match is None else _MILLIVOLTS[f"{match.group(1).lower()}v"]
    return float(unit) if _is_number(unit) and 0 < unit < np.inf else None


def agreed_rate(stated: float | None, given: float | None) -> float:
    """Choose between the file's sampling rate and the caller's."""
    if stated is None and given is None:
        raise ValueError("nothing in the file tells the sampling rate: pass fs=, in Hz.")
    if stated is None or given is None:
        return stated if given is None else given  # type: ignore[return-value]
    if abs(given - stated) > _MAX_RATE_DIFFERENCE * stated:
        raise ValueError(f"fs={given:g} contradicts the file, which says {stated:g} Hz.")
    return given


def normalise_leads(names: Sequence[str]) -> list[str]:
    """Write leads as cardiologists do: aVL for AVL and avl, II for ecg_ii and "Lead II".

    What is no known lead stays as it is: "lead 2" need not be lead II, nor is MLII. Names that
    would become equal stay apart.
    """
    stripped = [str(name).strip() for name in names]
    known = [_normalise_lead(name) for name in stripped]
    return [new if known.count(new) == 1 else old for old, new in zip(stripped, known, strict=True)]


def _normalise_lead(name: str) -> str:
    return _LEADS.get(_PREFIX.sub("", name, count=1).lower(), name)


def is_standard_lead(name: str) -> bool:
    """Tell the names that electrocardiographers know, however they are written."""
    return _normalise_lead(name.strip()) in _LEADS.values()


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _only_voltages(content: Content, options: Options) -> Content:
    keep = [not unit or millivolts(unit) is not None for unit in content.units]
    if all(keep):
        return content
    if not any(keep):
        if options.unit is not None:
            return content
        units = ", ".join(sorted({str(unit) for unit in content.units}))
        raise ValueError(
            f"there is no signal in volts, only {units}; if it is a voltage all the same, unit= "
            "tells which."
        )
    columns = np.flatnonzero(keep)
    return replace(
        content,
        signal=content.signal[:, columns],
        lead_names=[content.lead_names[i] for i in columns],
        units=[content.units[i] for i in columns],
        left_out=[
            *(name for name, kept in zip(content.lead_names, keep, strict=True) if not kept),
            *content.left_out,
        ],
    )


def _in_millivolts(content: Content, options: Options) -> tuple[np.ndarray, bool]:
    if options.unit is None:
        factors = [millivolts(unit) if unit else 1.0 for unit in content.units]
    else:
        factors = [millivolts(options.unit)] * len(content.units)
    signal = content.signal
    if any(factor != 1 for factor in factors):
        signal = signal * np.array(factors, dtype=signal.dtype if signal.dtype.kind == "f" else "d")
    return signal, all(content.units)


def _check_span(signal: np.ndarray, fs: float, unit_stated: bool) -> None:
    """Refuse values that cannot be mV, and say what they may be."""
    span = _typical_span(signal, fs)
    found = f"the values span {span:.4g} in a typical {_WINDOW_SECONDS:g} s"
    # Of infinite values ECGRecord tells.
    if _LARGEST_SPAN < span < np.inf:
        likely = min(
            ("uV", "nV"), key=lambda u: abs(np.log(span * _MILLIVOLTS[u.lower()] / _USUAL_SPAN))
        )
        raise ValueError(
            f"{found}, which cannot be mV. Likely is unit={likely!r}; for the steps of an A/D "
            "converter, unit= is the mV of one step, such as 1/200. unit='mV' takes the values "
            "as they are."
        )
    if 0 < span < _SMALLEST_SPAN and not unit_stated:
        raise ValueError(
            f"{found}, too little for mV. Likely is unit='V'; unit='mV' takes the values as they "
            "are."
        )


def _typical_span(signal: np.ndarray, fs: float) -> float:
    length = min(max(int(_WINDOW_SECONDS * fs), 2), len(signal))
    windows = signal[: len(signal) // length * length].reshape(-1, length, signal.shape[1])
    with warnings.catch_warnings():
        # A window of nothing but NaN.
        warnings.simplefilter("ignore", RuntimeWarning)
        spans = np.nanmedian(np.nanmax(windows, axis=1) - np.nanmin(windows, axis=1), axis=0)
    return float(np.median(spans[spans > 0])) if np.any(spans > 0) else 0.0
