"""The lines of a CSV file of rules, each with its cells or what is wrong with it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping

from catalog.operations.runs import RunFailedError

from .csv_rows import COLUMNS, REQUIRED

MOST_LINES = 100_000

type Cells = Mapping[str, str]
type NumberedLine = tuple[int, Cells | str]
"""The number of a line, and its cells by column or what is wrong with it."""


def decoded(upload: bytes) -> str:
    try:
        return upload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RunFailedError(
            f"The file is not UTF-8 text (byte {error.start}). Save it as CSV UTF-8."
        ) from None


def lines_of(text: str) -> Iterator[NumberedLine]:
    """Yield each line's number with its cells, or with what is wrong with it."""
    rows = text.splitlines(keepends=True)
    delimiter = ";" if rows and rows[0].count(";") > rows[0].count(",") else ","
    reader = csv.reader(rows, delimiter=delimiter, strict=True)
    header = [cell.strip().lower() for cell in next(reader, [])]
    missing = [name for name in REQUIRED if name not in header]
    unknown = [name for name in header if name and name not in COLUMNS]
    if missing or unknown:
        wrong = f"has no column {', '.join(missing)}" if missing else ""
        strange = f"does not know the column {', '.join(unknown)}" if unknown else ""
        words = " and ".join(filter(None, [wrong, strange]))
        raise RunFailedError(f"The first line {words}. Columns: {', '.join(COLUMNS)}.")
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, f"The line cannot be read as CSV: {error}."
            continue
        if number > MOST_LINES + 1:
            raise RunFailedError(f"The file has more than {MOST_LINES:,} lines.")
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            yield number, f"It has {len(cells)} cells, the first line {len(header)}."
            continue
        yield number, dict(zip(header, cells, strict=False))
