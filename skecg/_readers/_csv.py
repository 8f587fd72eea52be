"""Reading tables of numbers in text files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from skecg._readers import _clock
from skecg._readers._common import Content, Options, millivolts
from skecg._readers._delimited import Block, Table, find_table, read_blocks

# More columns than this are no leads.
_MOST_LEADS = 32
# Fewer rows may ascend by chance.
_FEWEST_TIMES = 10
_HEARTBEAT_COLUMNS = 188

_BRACKETS = re.compile(r"(.*?)\s*[\[(]\s*([^\])]*?)\s*[\])]")
_SUFFIX = re.compile(r"(.+)[\s_]([munµμ]v|[mun]?s)", re.IGNORECASE)
_TIME = re.compile(
    r"(?:elapsed[\s_]*)?(?:time|zeit|temps|tiempo|tempo)(?:[\s_]*stamps?)?|t|timestamps?|"
    r"date[\s_]*time|datetime|seconds?|millis(?:econds?)?|ms|s",
    re.IGNORECASE,
)
_COUNTER = re.compile(
    r"|#|n|nr|no|index|idx|row|unnamed: 0|samples?[\s_]*(?:#|no|nr|number|index)?", re.IGNORECASE
)
_NO_LEAD = re.compile(
    r"labels?|class(?:es)?|targets?|annotations?|symbols?|beats?|events?|markers?|trigger|status|"
    r"hr|heart[\s_]*rate|bpm|rr|resp(?:iration)?|spo2|pleth|ppg|abp|temp(?:erature)?|"
    r"acc(?:el\w*)?[\s_]*[xyz]?|gyro?[\s_]*[xyz]?",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"(?:fs|sampl(?:ing|e)[\s_]*(?:rate|frequency))\W+(\d+(?:[.,]\d+)?)(?:\s*(k?)hz)?",
    re.IGNORECASE,
)


def read(path: Path, options: Options) -> Content:
    """Read one recording from delimited text; see `skecg.recordings.read_record`."""
    table = find_table(path, options.delimiter, options.decimal)
    layout = _layout(table, options)
    if layout == "samples":
        return _read_sample(table, options)
    if layout == "leads":
        return _read_rows_of_leads(table)
    return _read_columns_of_leads(table, options)


def _layout(table: Table, options: Options) -> str:
    if options.row is not None:
        return "samples"
    if options.layout is not None or table.n_columns <= _MOST_LEADS:
        return options.layout or "timesteps"
    blocks = read_blocks(table)
    if len(next(blocks).values) == 1 and next(blocks, None) is None:
        return "leads"
    raise ValueError(
        f"{table.path} has rows of {table.n_columns} values, too many for leads. If each row is "
        "a sample, such as a beat, row= chooses one (and skecg.datasets.load_heartbeat_csv reads "
        "them all); if each row is a lead, pass layout='leads'; if each is a time step, "
        "layout='timesteps'."
    )


def _read_columns_of_leads(table: Table, options: Options) -> Content:
    names, units = _names_and_units(table)
    clock, leads, left_out = _roles(table, names)
    signals, times, time_texts = [], [], []
    for block in read_blocks(table):
        signals.append(block.values[:, leads].astype(np.float32))
        if clock is not None and table.is_number[clock]:
            times.append(block.values[:, clock])
        elif clock is not None:
            time_texts += block.text[clock]
    signal = np.concatenate(signals)
    fs, ascends = _rate_in_comments(table.comments), False
    if clock is not None:
        seconds = np.concatenate(times) if times else _clock.to_seconds(time_texts)
        if seconds is None:
            raise ValueError(f"{table.path} has a time column that cannot be read.")
        named = names[clock] != ""
        ascends = len(seconds) >= _FEWEST_TIMES and bool((np.diff(seconds) > 0).all())
        if named or ascends or not times:
            unit = 1.0 if not times else _clock.seconds_per(units[clock] or "")
            try:
                fs = _clock.sampling_rate(seconds, unit, table.n_lines_above + 1) or fs
            except ValueError as error:
                if options.fs is None:
                    raise ValueError(f"{table.path}: {error}") from error
        else:
            leads, clock = [clock, *leads], None
            signal = np.column_stack([seconds.astype(np.float32), signal])
    if signal.shape[1] == 0:
        raise ValueError(
            f"{table.path} has no column of voltages, only {', '.join(filter(None, names))}."
        )
    if signal.shape[1] > len(signal):
        raise ValueError(
            f"{table.path} has {len(signal)} rows of {table.n_columns} values: if each row is a "
            "lead, pass layout='leads'; if each row is a sample, row= chooses one."
        )
    return Content(
        signal=signal,
        fs=fs,
        lead_names=[names[i] or f"lead {k}" for k, i in enumerate(leads, start=1)],
        units=[units[i] for i in leads],
        record_id=table.path.stem,
        source=table.path,
        left_out=left_out,
        metadata={"comments": table.comments},
    )


def _read_rows_of_leads(table: Table) -> Content:
    columns = [i for i, number in enumerate(table.is_number) if number]
    blocks = list(read_blocks(table))
    signal = np.concatenate([block.values[:, columns] for block in blocks]).T.astype(np.float32)
    if signal.shape[1] > len(signal):
        raise ValueError(
            f"{table.path} has {signal.shape[1]} rows of {len(signal)} values, more rows than "
            "layout='leads' can mean."
        )
    text = [i for i, number in enumerate(table.is_number) if not number]
    names = [name for block in blocks for name in block.text[text[0]]] if text else []
    return Content(
        signal=signal,
        fs=_rate_in_comments(table.comments),
        lead_names=names or [f"lead {k}" for k in range(1, signal.shape[1] + 1)],
        units=[None] * signal.shape[1],
        record_id=table.path.stem,
        source=table.path,
        metadata={"comments": table.comments},
    )


def _read_sample(table: Table, options: Options) -> Content:
    """Read one row, in which the leads' values at one time are neighbours."""
    blocks = read_blocks(table)
    row = 0 if options.row is None else int(options.row)
    first, n_rows = _find_row(blocks, row)
    if first is None:
        raise ValueError(f"{table.path} has {n_rows} rows, and so no row {row}, counted from 0.")
    if options.row is None and (n_rows > 1 or next(blocks, None) is not None):
        raise ValueError(f"{table.path} has more than one sample: row= chooses one, from 0.")
    keep = list(table.is_number)
    if table.headers and table.headers[-1][0] == "":
        keep[0] = False
    values = first[keep]
    metadata: dict[str, object] = {"comments": table.comments, "row": row}
    n_leads = 1 if options.lead_names is None else len(list(options.lead_names))
    if n_leads == 1 and _is_heartbeat(values):
        values, metadata["label"] = values[:-1], int(values[-1])
    if n_leads == 0 or len(values) % n_leads:
        raise ValueError(
            f"{table.path} has {len(values)} values in row {row}, which {n_leads} lead_names do "
            "not divide."
        )
    return Content(
        signal=values.reshape(-1, n_leads).astype(np.float32),
        fs=_rate_in_comments(table.comments),
        lead_names=[f"lead {k}" for k in range(1, n_leads + 1)],
        units=[None] * n_leads,
        record_id=f"{table.path.stem}-{row}",
        source=table.path,
        metadata=metadata,
    )


def _is_heartbeat(values: np.ndarray) -> bool:
    """Tell rows of 187 samples from 0 to 1 and the number of a class."""
    return bool(
        len(values) == _HEARTBEAT_COLUMNS
        and values.min() >= 0
        and values[:-1].max() <= 1
        and values[-1] % 1 == 0
    )


def _find_row(blocks: Iterator[Block], row: int) -> tuple[np.ndarray | None, int]:
    n_rows = 0
    for block in blocks:
        if row < n_rows + len(block.values):
            return block.values[row - n_rows], n_rows + len(block.values)
        n_rows += len(block.values)
    return None, n_rows


def _names_and_units(table: Table) -> tuple[list[str], list[str | None]]:
    """Return names without their units, and the units, from one line of header or two."""
    above = table.headers[-2:]
    has_units = len(above) > 1 and any(map(_is_unit, above[1]))
    names = list(above[0 if has_units else -1]) if above else [""] * table.n_columns
    units: list[str | None] = [None] * table.n_columns
    for column, name in enumerate(names):
        parts = _BRACKETS.fullmatch(name) or _SUFFIX.fullmatch(name)
        if parts is not None and _is_unit(parts.group(2)):
            names[column], units[column] = parts.groups()
        elif _clock.seconds_per(name) and name.lower() != "s":
            units[column] = name
    if has_units:
        units = [unit or named for unit, named in zip(above[1], units, strict=True)]
    return [name.strip() for name in names], units


def _is_unit(text: str) -> bool:
    known = millivolts(text) is not None or _clock.seconds_per(text) is not None
    return known or text.lower() in {"mmhg", "bpm", "%", "c", "°c", "l/min", "hh:mm:ss.mmm"}


def _roles(table: Table, names: Sequence[str]) -> tuple[int | None, list[int], list[str]]:
    """Tell the column of times, those of voltages, and the names of the others."""
    columns = range(table.n_columns)
    if table.headers:
        clock = next((i for i in columns if _TIME.fullmatch(names[i])), None)
    else:
        clock = 0 if table.n_columns > 1 else None
    text = {i for i in columns if not table.is_number[i]}
    if clock is None or (clock in text and not table.headers):
        clock = next((i for i in sorted(text) if _is_time_text(table, i)), clock)
    leads, left_out = [], []
    for i in columns:
        if i == clock:
            continue
        other = bool(table.headers) and bool(
            _COUNTER.fullmatch(names[i]) or _NO_LEAD.fullmatch(names[i])
        )
        if other or i in text:
            left_out.append(names[i] or f"column {i + 1}")
        else:
            leads.append(i)
    return clock, leads, left_out


def _is_time_text(table: Table, column: int) -> bool:
    first = next(read_blocks(table))
    return _clock.to_seconds(first.text[column][:1]) is not None


def _rate_in_comments(comments: Sequence[str]) -> float | None:
    for comment in comments:
        match = _RATE.search(comment)
        if match is not None:
            rate = float(match.group(1).replace(",", "."))
            return rate * 1000 if match.group(2) else rate or None
    return None
