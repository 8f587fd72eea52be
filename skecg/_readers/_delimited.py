"""Tables of numbers as text: what separates them, and the numbers block by block.

Nothing is guessed from frequencies. What decides is stated in `skecg.recordings.read_record`; what
remains open is an error that names the argument which settles it.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_SAMPLE_BYTES = 1 << 18
_FEWEST_LINES = 3
_BLOCK_CHARACTERS = 1 << 22
_QUOTED_LENGTH = 60
# More fields than a line such as "Device: x, y" has.
_KEY_AND_VALUE = 2

_DELIMITERS = ("\t", ";", "|")
_COMMENT = ("#", "%")
_QUOTES = "\"'"
_MISSING = {"", "nan", "na", "n/a", "#n/a", "null", "none", "-", "--", "?", "missing"}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]?inf(?:inity)?", re.I | re.A)
_COMMA_NUMBER = re.compile(r"[+-]?\d*,\d+(?:e[+-]?\d+)?", re.I | re.A)
_WHOLE = re.compile(r"[+-]?\d+", re.A)
_LEADING_ZERO = re.compile(r"0\d+", re.A)
_GROUPED = re.compile(r"[+-]?\d+[.,][\d.,]*\d", re.A)
_BEGINS_AS_FRACTION = re.compile(r"[+-]?\d*[.,]\d", re.A)
_QUOTED = re.compile(r'"[^"]*"')
_WIDE_SPACE = re.compile(r"\s{2,}|\t")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True)
class Table:
    """How a text file's table is written.

    Attributes
    ----------
    delimiter : str or None
        None stands for runs of white space, which a single column has, too.
    headers : list of list of str
        The lines above the table that have a field for each of its columns.
    comments : list of str
        The other lines above it.
    n_lines_above : int
        Where the table begins.
    is_number : list of bool
        Whether a column holds numbers; otherwise text.
    """

    path: Path
    encoding: str
    delimiter: str | None
    decimal: str
    headers: list[list[str]]
    comments: list[str]
    n_lines_above: int
    is_number: list[bool]

    @property
    def n_columns(self) -> int:
        """Number of columns, those of text too."""
        return len(self.is_number)


@dataclass(frozen=True)
class Block:
    """Some rows: numbers as float64, NaN where missing or text, and the columns of text."""

    values: np.ndarray
    text: dict[int, list[str]]
    first_line: int


def read_lines(path: Path) -> tuple[list[str], str]:
    """Return the first lines of a text file, without their ends, and its encoding.

    Raises
    ------
    ValueError
        If the file is empty or no text.
    """
    with path.open("rb") as file:
        content = file.read(_SAMPLE_BYTES)
        # A row may be longer than any sample that would do for most files.
        while content and content.count(b"\n") + content.count(b"\r") < _FEWEST_LINES:
            more = file.read(len(content))
            content += more
            if not more:
                break
        whole = not file.read(1)
    if not content:
        raise ValueError(f"{path} is empty.")
    encoding = _encoding(content, path)
    text = content.decode(encoding, errors="replace")
    if not text.strip():
        raise ValueError(f"{path} holds nothing but blank lines.")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines if whole else lines[:-1], encoding


def _encoding(content: bytes, path: Path) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    control = _CONTROL.search(content)
    if control is not None:
        raise ValueError(
            f"{path} is neither text nor a recording of a known format: it has byte "
            f"0x{control.group()[0]:02x} at offset {control.start()}."
        )
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(content)
    except UnicodeDecodeError:
        # Any byte is a character of Latin-1; beyond ASCII only units and names are concerned.
        return "latin-1"
    return "utf-8-sig"


def find_table(path: Path, delimiter: str | None = None, decimal: str | None = None) -> Table:
    """Find out how a file's table is written.

    Parameters
    ----------
    path : Path
        A text file.
    delimiter, decimal : str, optional
        As far as the caller knows them.

    Returns
    -------
    Table
        To be read by `read_blocks`.

    Raises
    ------
    ValueError
        If there is no table of numbers, or if it can be read in more than one way.
    """
    all_lines, encoding = read_lines(path)
    numbers = [i for i, line in enumerate(all_lines) if line.strip() and not _is_comment(line)]
    lines = [all_lines[i] for i in numbers]
    if not lines:
        raise ValueError(f"{path} has no rows of numbers, only comments.")
    # Headers come first, and the last line may be cut off: what is between tells.
    middle = slice(len(lines) // 2, -1) if len(lines) > 2 else slice(-1, None)
    delimiter, decimal = _separators(lines[middle], lines[0], delimiter, decimal, path)
    rows = [split(line, delimiter) for line in lines]
    n_columns = Counter(len(row) for row in rows[middle]).most_common(1)[0][0]
    is_number = _columns_of_numbers(
        [row for row in rows[middle] if len(row) == n_columns], n_columns, decimal
    )
    _refuse_grouped_numbers(rows[middle], is_number, path)
    first = next((i for i, row in enumerate(rows) if _is_data(row, is_number, decimal)), None)
    if first is None:
        raise ValueError(
            f"{path} has no rows of numbers; line {numbers[-1] + 1} reads {shorten(lines[-1])!r}."
        )
    if first == 0 and len(rows) > 1 and _counts_up(rows[0]):
        first = 1
    headers, comments = _headers(
        [(i + 1, line) for i, line in enumerate(all_lines[: numbers[first]]) if line.strip()],
        Table(path, encoding, delimiter, decimal, [], [], numbers[first], is_number),
    )
    return Table(path, encoding, delimiter, decimal, headers, comments, numbers[first], is_number)


def read_blocks(table: Table, report: Callable[[int], object] | None = None) -> Iterator[Block]:
    """Read a table's rows in bounded memory.

    Parameters
    ----------
    table : Table
        From `find_table`.
    report : callable, optional
        Called with the number of characters of each block.

    Yields
    ------
    Block
        Some megabytes of rows.

    Raises
    ------
    ValueError
        If a row has too few or too many values, or one that is no number. The message names the
        line and the column.
    """
    with table.path.open(encoding=table.encoding, errors="replace") as file:
        for _ in range(table.n_lines_above):
            file.readline()
        n_before = table.n_lines_above
        while lines := file.readlines(_BLOCK_CHARACTERS):
            block = _read_quickly(lines, table, n_before) or _read_slowly(lines, table, n_before)
            if len(block.values):
                yield block
            n_before += len(lines)
            if report is not None:
                report(sum(map(len, lines)))


def split(line: str, delimiter: str | None) -> list[str]:
    """Return a line's fields, without quotes and surrounding white space."""
    if delimiter is None:
        fields = line.split()
    elif '"' in line:
        # Quoted fields beyond csv's limit are no numbers.
        try:
            fields = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
        except csv.Error:
            fields = line.split(delimiter)
    else:
        fields = line.split(delimiter)
    return [field.strip().strip(_QUOTES).strip() for field in fields]


def to_number(field: str, decimal: str) -> float | None:
    """Return a field's number, NaN where it is missing, None where it is neither."""
    if field.lower() in _MISSING:
        return np.nan
    if decimal == ",":
        field = "no number" if "." in field else field.replace(",", ".")
    return float(field) if _NUMBER.fullmatch(field) else None


def shorten(text: str) -> str:
    """Cut what is quoted in a message."""
    return text if len(text) <= _QUOTED_LENGTH else f"{text[:_QUOTED_LENGTH]}..."


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(_COMMENT)


def _separators(
    body: list[str], top: str, delimiter: str | None, decimal: str | None, path: Path
) -> tuple[str | None, str]:
    """Tell the delimiter and the decimal mark, by rules; see `read_record`."""
    bare = [_QUOTED.sub("0", line) for line in body]

    def is_usual(mark: str) -> bool:
        return 2 * sum(mark in line for line in bare) > len(bare)

    if delimiter is None:
        delimiter = next(filter(is_usual, _DELIMITERS), None)
        if delimiter is None and decimal != "," and is_usual(","):
            delimiter = _comma_or_none(bare, top, decimal, path)
    elif delimiter == " ":
        delimiter = None
    if decimal is None:
        fields = [field for line in body for field in split(line, delimiter)]
        with_comma = next((field for field in fields if _COMMA_NUMBER.fullmatch(field)), None)
        with_dot = next((f for f in fields if "." in f and _NUMBER.fullmatch(f)), None)
        if with_comma is not None and with_dot is not None:
            raise ValueError(
                f"{path} has numbers with decimal commas ({with_comma}) and with decimal points "
                f"({with_dot}): pass decimal='.' or decimal=','."
            )
        decimal = "." if with_comma is None else ","
    return delimiter, decimal


def _comma_or_none(body: list[str], top: str, decimal: str | None, path: Path) -> str | None:
    """Tell whether commas part columns or are decimal marks of columns parted by white space."""
    if decimal == ".":
        return ","
    spaced = [line.split() for line in body]
    if all(_COMMA_NUMBER.fullmatch(f) or _WHOLE.fullmatch(f) for row in spaced for f in row) and (
        any(len(row) > 1 for row in spaced)
    ):
        return None
    rows = [split(line, ",") for line in body]
    if not all(_WHOLE.fullmatch(field) for row in rows for field in row):
        return ","
    # Whole numbers all: 12,345 may be two columns or twelve point three.
    later = [field for row in rows for field in row[1:]]
    decimals = any(_LEADING_ZERO.fullmatch(field) for field in later) or any(
        row[0] == "-0" for row in rows
    )
    if all(len(row) == 2 for row in rows):
        if not _is_comment(top) and not _WHOLE.fullmatch(split(top, ",")[0]):
            return "," if "," in top else None
        if any(field[:1] in "+-" for field in later):
            return ","
        if decimals:
            return None
    elif not decimals:
        return ","
    raise ValueError(
        f"{path} has lines such as {shorten(body[0])!r}, in which a comma may part columns or be "
        "the decimal mark: pass delimiter=',' or decimal=','."
    )


def _columns_of_numbers(rows: list[list[str]], n_columns: int, decimal: str) -> list[bool]:
    columns = [[row[column] for row in rows] for column in range(n_columns)]
    return [
        any(column)
        and 2 * sum(to_number(field, decimal) is not None for field in column) > len(column)
        for column in columns
    ]


def _refuse_grouped_numbers(rows: list[list[str]], is_number: list[bool], path: Path) -> None:
    """Refuse 1.234,5, which would pass for text."""
    for row in rows:
        for field, number in zip(row, is_number, strict=False):
            if not number and _GROUPED.fullmatch(field):
                raise ValueError(
                    f"{path} has numbers such as {shorten(field)!r}: pass decimal= if it is wrong, "
                    "or write them without marks between the thousands."
                )


def _is_data(row: list[str], is_number: list[bool], decimal: str) -> bool:
    if len(row) != len(is_number):
        return False
    numbers = [
        to_number(field, decimal) for field, wanted in zip(row, is_number, strict=True) if wanted
    ]
    return None not in numbers and any(not np.isnan(x) for x in numbers if x is not None)


def _counts_up(row: list[str]) -> bool:
    """Tell the names 0, 1, 2, ... that pandas gives to columns without names."""
    counts = [str(i) for i in range(len(row))]
    return len(row) > 2 and (row == counts or row == ["", *counts[:-1]])


def _headers(above: list[tuple[int, str]], table: Table) -> tuple[list[list[str]], list[str]]:
    """Part the lines above a table into those that name its columns and comments."""
    headers: list[list[str]] = []
    comments: list[str] = []
    n_columns = table.n_columns
    for number, line in above:
        row = split(line.strip().lstrip("#%"), table.delimiter)
        if table.delimiter is None and len(row) > n_columns:
            row = [part.strip(_QUOTES) for part in _WIDE_SPACE.split(line.strip().lstrip("#% "))]
        is_last = number == above[-1][0]
        if _is_comment(line) and not is_last:
            comments.append(line.strip().lstrip("#% "))
            continue
        found = [to_number(name, table.decimal) for name in row]
        numbers = [x for x in found if x is not None and not np.isnan(x)]
        damaged = any(_BEGINS_AS_FRACTION.match(name) for name in row)
        if damaged or (numbers and (headers or (None not in found and not _counts_up(row)))):
            raise ValueError(
                f"{table.path}, line {number}: {shorten(line.strip())!r} fits neither the rows of "
                f"{n_columns} numbers that follow nor names of columns."
            )
        if len(row) == n_columns - 1 and is_last and n_columns > 1:
            # A delimiter at the end of the rows only, or R, which leaves the row names unnamed.
            row = ["", *row] if table.is_number[-1] else [*row, ""]
        if len(row) == n_columns:
            headers.append(row)
        elif is_last and not _is_comment(line) and len(row) > _KEY_AND_VALUE and n_columns > 1:
            raise ValueError(
                f"{table.path}, line {number} names {len(row)} columns, and the rows that follow "
                f"have {n_columns}."
            )
        else:
            comments.append(line.strip().lstrip("#% "))
    return headers, comments


def _read_quickly(lines: list[str], table: Table, n_before: int) -> Block | None:
    """Read lines that hold nothing but numbers; None for all others."""
    if not all(table.is_number) or not any(map(str.strip, lines)):
        return None
    plain = lines
    if table.decimal == ",":
        joined = "".join(lines)
        if "." in joined:
            return None
        plain = joined.replace(",", ".").split("\n")
    try:
        values = np.loadtxt(
            plain, delimiter=table.delimiter, comments=None, ndmin=2, dtype=np.float64
        )
    except ValueError:
        return None
    return Block(values, {}, n_before + 1) if values.shape[1] == table.n_columns else None


def _read_slowly(lines: list[str], table: Table, n_before: int) -> Block:
    """Read lines field by field, and tell what is wrong with one."""
    values = []
    text: dict[int, list[str]] = {i: [] for i, number in enumerate(table.is_number) if not number}
    for number, line in enumerate(lines, start=n_before + 1):
        if not line.strip() or _is_comment(line):
            continue
        row = split(line, table.delimiter)
        if len(row) != table.n_columns:
            raise ValueError(
                f"{table.path}, line {number} has {len(row)} values, the lines before have "
                f"{table.n_columns}: {shorten(line.strip())!r}."
            )
        found = [
            to_number(field, table.decimal) if is_number else np.nan
            for field, is_number in zip(row, table.is_number, strict=True)
        ]
        if None in found:
            column = found.index(None)
            raise ValueError(
                f"{table.path}, line {number}, column {column + 1}: {shorten(row[column])!r} is "
                f"no number with the decimal mark {table.decimal!r}."
            )
        values.append(found)
        for column, fields in text.items():
            fields.append(row[column])
    return Block(
        np.array(values, dtype=np.float64).reshape(-1, table.n_columns), text, n_before + 1
    )
