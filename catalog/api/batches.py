"""Batches: all or nothing, or with `?partial=true` what is good of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from rest_framework.request import Request

from catalog.core.faults import MAX_FAULTS, BadInputError, Fault
from catalog.core.json_text import conform, conform_rows, parse, unknown_fields

from .errors import ApiError
from .parameters import flag
from .wire import body_of, warnings_about


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch[B: msgspec.Struct, R: msgspec.Struct]:
    """A batch as it was sent."""

    field: str
    """Where the rows stand in the body."""
    body: B
    """Everything but the rows."""
    rows: list[tuple[int, R]]
    """The rows of the right types, each with its index."""
    faults: list[Fault]
    """What is wrong with the others."""
    warnings: list[str]
    is_partial: bool

    def good_rows(self, more_faults: Sequence[Fault]) -> tuple[list[R], list[Fault]]:
        """Return the rows to store and all faults; raise unless that was asked for."""
        found = sorted([*self.faults, *more_faults], key=lambda fault: fault.index or 0)
        faults = [_placed(each, field=self.field) for each in found]
        if faults and not self.is_partial:
            raise BadInputError(faults)
        bad = {fault.index for fault in faults}
        return [row for index, row in self.rows if index not in bad], faults


def read_batch[B: msgspec.Struct, R: msgspec.Struct](
    request: Request, body_type: type[B], row_type: type[R], *, field: str, limit: int
) -> Batch[B, R]:
    """Return the batch in the body's `field`, or raise what is wrong with all of it."""
    value = parse(body_of(request))
    rows = value.get(field) if isinstance(value, dict) else None
    if not isinstance(rows, list):
        conform(value, body_type)
        raise AssertionError("a body without a list of rows cannot conform")
    if len(rows) > limit:
        raise ApiError(
            "batch_too_large",
            f"A batch may have at most {limit} {field}.",
            details={"field": field, "limit": limit},
        )
    body = conform({**value, field: []}, body_type)
    good, faults = conform_rows(rows, row_type)
    return Batch(
        field=field,
        body=body,
        rows=good,
        faults=faults,
        warnings=[
            *warnings_about(unknown_fields(value, body_type)),
            *_about_namespace(value),
        ],
        is_partial=flag(request, "partial"),
    )


def _placed(fault: Fault, *, field: str) -> Fault:
    """Return a fault of a row with words that name the row, not its field alone."""
    if fault.index is None:
        return fault
    says_where = bool(fault.field) and fault.message.startswith(fault.field or "")
    place = f"{field}[{fault.index}]{'.' if says_where else ': '}"
    return msgspec.structs.replace(fault, message=f"{place}{fault.message}")


def told(faults: Sequence[Fault]) -> dict[str, Any]:
    """Return what an answer says of rows that were left out."""
    return {"faults": list(faults[:MAX_FAULTS]), "fault_count": len(faults)}


def _about_namespace(value: dict[str, Any]) -> list[str]:
    return [] if "namespace" in value else ["namespace is missing: default was used."]
