"""Edits of a namespace's settings: what was altered, by whom, from what to what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, TextField, Value

from catalog.core.moments import from_microseconds, microseconds
from catalog.models import Namespace

from .tracked import in_namespace, tracked

_COLUMNS = ("edit_at", "edit_label", "edit_number")
_MOST_DIGITS = 9  # Keys of edits are 32-bit numbers.


class Place(NamedTuple):
    """Where an edit stands in the list, which is in descending order of these."""

    at: datetime
    label: str
    number: int


@dataclass(frozen=True, kw_only=True)
class EditFilter:
    """Conditions that all hold; what is None is no condition."""

    label: str | None = None
    """Of the tracked model, such as "ranking.profile"."""
    row: int | None = None
    """Number of the altered row."""
    who: str | None = None
    verb: str | None = None
    """insert, update or delete."""
    since: datetime | None = None
    until: datetime | None = None
    """Before this moment."""


@dataclass(frozen=True, kw_only=True)
class Edited:
    """One edit: the row as it stood after it, or when it was deleted."""

    label: str
    row: Any
    earlier: Any | None
    """The row as the edit before this one left it."""

    @property
    def key(self) -> str:
        return f"{self.label}.{self.row.pgh_id}"

    @property
    def place(self) -> Place:
        return Place(self.row.pgh_created_at, self.label, self.row.pgh_id)

    @property
    def told(self) -> Mapping[str, Any]:
        """Who did it and why, as far as it was said."""
        context = self.row.pgh_context
        return context.metadata if context else {}


@dataclass(frozen=True, kw_only=True)
class EditPage:
    edits: Sequence[Edited]
    after: str
    """Where the next page begins; "" at the end."""


def list_edits(
    namespace: Namespace,
    chosen: EditFilter,
    *,
    labels: Collection[str],
    after: str = "",
    size: int,
) -> EditPage:
    """Return a page of the edits of some models, the newest first."""
    below = _parse(after)
    branches = [
        _matching(namespace, label, chosen, below=below)
        for label in labels
        if chosen.label in (None, label)
    ]
    if not branches:
        return EditPage(edits=[], after="")
    rows = branches[0].union(*branches[1:], all=True)
    places = [
        Place(*row)
        for row in rows.order_by(*(f"-{name}" for name in _COLUMNS))[: size + 1]
    ]
    is_more = len(places) > size
    return EditPage(
        edits=_read(places[:size]), after=_cursor(places[size - 1]) if is_more else ""
    )


def find_edit(
    namespace: Namespace, key: str, *, labels: Collection[str]
) -> Edited | None:
    """Return the edit of a key, or None when this namespace has none of it."""
    label, _, digits = key.rpartition(".")
    number = _number(digits)
    if label not in labels or number is None:
        return None
    table = tracked()[label].objects.filter(in_namespace(label, namespace))
    at = table.filter(pgh_id=number).values_list("pgh_created_at", flat=True).first()
    return _read([Place(at, label, number)])[0] if at is not None else None


def neighbours(edit: Edited) -> tuple[str, str]:
    """Return the keys of the same row's edits before and after one, "" for none."""
    same = tracked()[edit.label].objects.filter(pgh_obj_id=edit.row.pgh_obj_id)
    numbers = same.values_list("pgh_id", flat=True)
    older = numbers.filter(pgh_id__lt=edit.row.pgh_id).order_by("-pgh_id").first()
    newer = numbers.filter(pgh_id__gt=edit.row.pgh_id).order_by("pgh_id").first()
    return _key(edit.label, older), _key(edit.label, newer)


def _key(label: str, number: int | None) -> str:
    return "" if number is None else f"{label}.{number}"


def _matching(
    namespace: Namespace, label: str, chosen: EditFilter, *, below: Place | None
) -> QuerySet[Any, Any]:
    table = tracked()[label].objects.filter(
        in_namespace(label, namespace), _conditions(chosen), _below(below, label)
    )
    rows: QuerySet[Any, Any] = table.annotate(
        edit_at=F("pgh_created_at"),
        edit_label=Value(label, output_field=TextField()),
        edit_number=F("pgh_id"),
    ).values_list(*_COLUMNS)
    return rows


def _conditions(chosen: EditFilter) -> Q:
    lookups = {
        "pgh_obj_id": chosen.row,
        "pgh_context__metadata__who": chosen.who,
        "pgh_label": chosen.verb,
        "pgh_created_at__gte": chosen.since,
        "pgh_created_at__lt": chosen.until,
    }
    return Q(**{name: value for name, value in lookups.items() if value is not None})


def _below(place: Place | None, label: str) -> Q:
    if place is None:
        return Q()
    earlier = Q(pgh_created_at__lt=place.at)
    if label > place.label:
        return earlier
    at_once = Q(pgh_created_at=place.at)
    if label == place.label:
        at_once &= Q(pgh_id__lt=place.number)
    return earlier | at_once


def _read(places: Sequence[Place]) -> list[Edited]:
    """Read the rows of some edits and those before them, two queries a model."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for place in places:
        numbers[place.label].append(place.number)
    found: dict[tuple[str, int], Edited] = {}
    for label, wanted in numbers.items():
        rows = _rows(label, wanted)
        earlier = tracked()[label].objects.in_bulk(
            {row.earlier_id for row in rows} - {None}
        )
        for row in rows:
            before = earlier.get(row.earlier_id)
            found[label, row.pgh_id] = Edited(label=label, row=row, earlier=before)
    return [found[place.label, place.number] for place in places]


def _rows(label: str, numbers: Iterable[int]) -> list[Any]:
    table = tracked()[label]
    before = table.objects.filter(
        pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id")
    )
    newest = before.order_by("-pgh_id").values("pgh_id")[:1]
    rows = table.objects.filter(pgh_id__in=list(numbers)).select_related("pgh_context")
    return list(rows.annotate(earlier_id=Subquery(newest)))


def _cursor(place: Place) -> str:
    return f"{microseconds(place.at)}.{place.label}.{place.number}"


def _parse(after: str) -> Place | None:
    """Read a cursor from an address; what is none starts at the beginning."""
    since_us, _, rest = after.partition(".")
    label, _, digits = rest.rpartition(".")
    number = _number(digits)
    if not (since_us.isascii() and since_us.isdigit()):
        return None
    if number is None or len(since_us) > 17 or label not in tracked():
        return None
    return Place(from_microseconds(int(since_us)), label, number)


def _number(digits: str) -> int | None:
    is_one = digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS
    return int(digits) if is_one else None
