"""Reading the electrocardiograms that Apple's Health app exports."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from skecg._readers._common import Content, is_standard_lead, millivolts
from skecg._readers._delimited import read_lines, shorten, to_number

_MOST_HEADER_LINES = 30
# Hertz is Hertz in most of the languages that the app speaks.
_RATE = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(?:hz|hertz|hercios|herzios|герц|赫兹|赫茲|ヘルツ|헤르츠)", re.IGNORECASE
)


def is_apple(path: Path) -> bool:
    """Tell by the header: one line gives a rate in Hz alone, a later one a unit of volts."""
    header = _header(read_lines(path)[0])
    rates = [i for i, (_, value) in enumerate(header) if _RATE.fullmatch(value)]
    units = [i for i, (_, value) in enumerate(header) if millivolts(value) is not None]
    return bool(rates and units and rates[0] < units[0])


def read(path: Path) -> Content:
    """Read one recording; see `skecg.recordings.read_record`."""
    lines, encoding = read_lines(path)
    header = _header(lines)
    rate = next(m.group(1) for _, value in header if (m := _RATE.fullmatch(value)))
    unit = next(value for _, value in header if millivolts(value) is not None)
    lead = next((name for _, value in header if is_standard_lead(name := value.split(" ")[-1])), "")
    with path.open(encoding=encoding, errors="replace") as file:
        rows = [line.strip() for line in file]
    return Content(
        signal=_numbers(rows, len(header), path)[:, np.newaxis],
        fs=float(rate.replace(",", ".")),
        lead_names=[lead or "lead 1"],
        units=[unit],
        record_id=path.stem,
        source=path,
        # The first line is the person's name.
        metadata={"header": {key: value for key, value in header[1:] if key}},
    )


def _header(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Return keys and values of the lines above the first number, blank lines as blank keys."""
    header: list[tuple[str, str]] = []
    for line in lines[:_MOST_HEADER_LINES]:
        if _number(line.strip(), ",") is not None or _number(line.strip(), ".") is not None:
            return header
        try:
            key, *values = next(csv.reader([line])) or [""]
        except csv.Error:
            return []
        header.append((key.strip(), ",".join(values).replace("\xa0", " ").strip()))
    return header


def _numbers(rows: list[str], n_header: int, path: Path) -> np.ndarray:
    values = [(i, row.strip('"')) for i, row in enumerate(rows[n_header:], n_header + 1) if row]
    if not values:
        raise ValueError(f"{path} ends after its header: it has no samples.")
    decimal = _decimal_mark([row for _, row in values])
    numbers = np.empty(len(values), dtype=np.float32)
    for k, (i, row) in enumerate(values):
        number = _number(row, decimal)
        if number is None:
            raise ValueError(f"{path}, line {i}: {shorten(row)!r} is no number.")
        numbers[k] = number
    return numbers


def _decimal_mark(values: Sequence[str]) -> str:
    """Return the mark that comes last where a number has two, else the only one that there is."""
    both = next((value for value in values if "." in value and "," in value), None)
    if both is not None:
        return max(".,", key=both.rfind)
    return "," if any("," in value for value in values) else "."


def _number(text: str, decimal: str) -> float | None:
    if not text:
        return None
    return to_number(text.replace({".": ",", ",": "."}[decimal], ""), decimal)
