"""What an import did with each row, by reason: nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

type Mask = NDArray[np.bool_]

EXAMPLES = 3
LONGEST_EXAMPLE = 200


class Example(msgspec.Struct):
    row: int
    text: str


class Finding(msgspec.Struct):
    """One kind of dirt. A row may show several; it is rejected for the first."""

    meaning: str
    found: int = 0
    rejected: int = 0
    examples: list[Example] = msgspec.field(default_factory=list)


class Tally(msgspec.Struct):
    """Counts of an import so far. Kept in the Run's checkpoint."""

    rows: int = 0
    accepted: int = 0
    findings: dict[str, Finding] = msgspec.field(default_factory=dict)
    notes: dict[str, int] = msgspec.field(default_factory=dict)

    def add(self, reason: str, meaning: str) -> Finding:
        return self.findings.setdefault(reason, Finding(meaning))

    def to_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Tally:
        return msgspec.convert(plain, cls)


class Sieve:
    """Sorts the rows of one batch into kept and rejected, first reason first."""

    def __init__(self, tally: Tally, *, table: pa.Table, first_row: int) -> None:
        self._tally, self._table, self._first_row = tally, table, first_row
        self.kept: Mask = np.ones(table.num_rows, dtype=bool)
        tally.rows += table.num_rows

    def reject(self, reason: str, meaning: str, mask: Mask) -> None:
        """Count the rows that show a fault, and drop those not dropped before."""
        finding = self._tally.add(reason, meaning)
        dropped = mask & self.kept
        finding.found += int(mask.sum())
        finding.rejected += int(dropped.sum())
        self._show(finding, np.flatnonzero(dropped))
        self.kept &= ~mask

    def remark(self, reason: str, meaning: str, mask: Mask) -> None:
        """Count rows that show something and are kept all the same."""
        finding = self._tally.add(reason, meaning)
        finding.found += int(mask.sum())
        self._show(finding, np.flatnonzero(mask))

    def note(self, words: str, count: int, *, most: int) -> None:
        """Count something by words that come from the file: of these only so many."""
        notes = self._tally.notes
        if words in notes or len(notes) < most:
            notes[words] = notes.get(words, 0) + count

    def passed(self) -> pa.Table:
        """Return the rows that were kept, and count them as accepted."""
        kept = int(self.kept.sum())
        self._tally.accepted += kept
        if kept == self._table.num_rows:
            return self._table
        return self._table.filter(pa.array(self.kept))

    def _show(self, finding: Finding, rows: Sequence[int] | NDArray[np.intp]) -> None:
        for row in rows[: EXAMPLES - len(finding.examples)]:
            values = self._table.slice(int(row), 1).to_pylist()[0].values()
            text = ", ".join("" if value is None else str(value) for value in values)
            finding.examples.append(
                Example(row=self._first_row + int(row), text=text[:LONGEST_EXAMPLE])
            )
