"""Files that the command writes: complete, or not there."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from skecg._files import replacing


def write_text(path: Path, text: str) -> None:
    """Write a text file."""
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file; see `to_json`."""
    write_text(path, to_json(content))


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file with names above the columns."""
    with replacing(path) as beside, beside.open("w", newline="", encoding="utf-8") as file:
        print_table(file, header, rows)


def print_table(file: Any, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write names and rows to an open file; what is NaN stays empty."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_short(value) for value in row] for row in rows)


def write_figure(path: Path, figure: Any) -> None:
    """Write a figure, in the format that the name ends in, and close it."""
    import matplotlib.pyplot as plt

    with replacing(path) as beside:
        figure.savefig(beside, format=path.suffix[1:].lower() or "png", dpi=150)
    plt.close(figure)


def to_json(content: Any) -> str:
    """Give JSON in which NaN is null."""
    return json.dumps(_plain(content), indent=1, allow_nan=False) + "\n"


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6g}"
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(_plain(name)): _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int | bool | None) else str(value)
