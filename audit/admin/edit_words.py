"""Edits in words: what kind of thing, which one, what of it became what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db.models import Field, ForeignKey, Model

from audit.core.differences import differences
from audit.queries.edits import Edited
from audit.queries.tracked import tracked
from catalog.templatetags.desk import in_words

VERBS = {"insert": "made", "update": "changed", "delete": "deleted"}
_SOURCES = {
    "ui": "in the admin",
    "api": "through the API",
    "job": "by a job",
    "command": "on the command line",
}
_NOTHING = "–"
_LONGEST = 200
# Of every row, and said elsewhere on the page or not worth saying.
_UNSAID = {"id", "org_id", "namespace_id", "created_at", "updated_at"}
_A_FEW = 3

type Names = Mapping[tuple[type[Model], Any], str]
"""What the rows are called to which others refer."""


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One column, or one place inside a document, before and after."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """An edit as pages show it."""

    edit: Edited
    kind: str
    name: str
    verb: str
    changes: Sequence[FieldChange]

    @property
    def before_name(self) -> str:
        """The kind, less the word with which the name begins anyway."""
        *others, last = self.kind.split()
        return " ".join(others) if self.name.split()[:1] == [last] else self.kind

    @property
    def first_changes(self) -> Sequence[FieldChange]:
        return self.changes[:_A_FEW]

    @property
    def n_more(self) -> int:
        return max(len(self.changes) - _A_FEW, 0)

    @property
    def who(self) -> str:
        return str(self.edit.told.get("who") or "")

    @property
    def how(self) -> str:
        source = str(self.edit.told.get("source") or "")
        return _SOURCES.get(source, source)

    @property
    def why(self) -> str:
        return str(self.edit.told.get("why") or "")


def kind_of(label: str) -> str:
    model = tracked()[label].pgh_tracked_model
    words = str(model._meta.verbose_name)
    return words[0].upper() + words[1:]


def tell(edits: Sequence[Edited], *, zone: ZoneInfo) -> list[Told]:
    """Return edits in words. Names of other rows are read at once, a query a model."""
    states = {edit.key: (_before(edit), _after(edit)) for edit in edits}
    pairs = [(edit, state) for edit in edits for state in states[edit.key]]
    names = _names(pairs)
    return [
        Told(
            edit=edit,
            kind=kind_of(edit.label),
            name=_called(edit),
            verb=VERBS.get(edit.row.pgh_label, edit.row.pgh_label),
            changes=[*_changes(edit, *states[edit.key], names=names, zone=zone)],
        )
        for edit in edits
    ]


def _before(edit: Edited) -> dict[str, Any]:
    if edit.row.pgh_label == "delete":
        return _state(edit.row)
    is_told = edit.earlier is not None and edit.earlier.pgh_label != "delete"
    return _state(edit.earlier) if is_told else {}


def _after(edit: Edited) -> dict[str, Any]:
    return {} if edit.row.pgh_label == "delete" else _state(edit.row)


def _state(row: Any) -> dict[str, Any]:
    """Return the columns of the altered row that are worth comparing."""
    names = [field.attname for field in row._meta.concrete_fields]
    return {
        name: getattr(row, name)
        for name in names
        if name not in _UNSAID and not name.startswith("pgh_")
    }


def _changes(
    edit: Edited,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    names: Names,
    zone: ZoneInfo,
) -> Iterator[FieldChange]:
    order = {field.attname: i for i, field in enumerate(edit.row._meta.concrete_fields)}
    found = differences(before, after)
    for place, old, new in sorted(found, key=lambda each: order[_column(each.place)]):
        column, _, inside = place.partition(".")
        field = _field(edit, column)
        words = [_value(field, each, names=names, zone=zone) for each in (old, new)]
        if words[0] == words[1]:
            continue
        title = str(field.verbose_name) if field else column
        title = title[0].upper() + title[1:]
        yield FieldChange(
            title=f"{title}: {inside}" if inside else title,
            before=words[0],
            after=words[1],
        )


def _column(place: str) -> str:
    return place.partition(".")[0]


def _field(edit: Edited, column: str) -> Field[Any, Any] | None:
    try:
        found = edit.row._meta.get_field(column.removesuffix("_id"))
    except FieldDoesNotExist:
        try:
            found = edit.row._meta.get_field(column)
        except FieldDoesNotExist:
            return None
    return found if isinstance(found, Field) else None


def _value(
    field: Field[Any, Any] | None, value: Any, *, names: Names, zone: ZoneInfo
) -> str:
    if value is None or value in ("", [], {}):
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(field, ForeignKey):
        return names.get((field.related_model, value), f"number {value}")
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, datetime):
        return in_words(value.astimezone(zone))
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str | date):
        text = str(value)
    elif isinstance(value, bytes | memoryview):
        text = bytes(value).hex()
    else:
        text = msgspec.json.encode(value, enc_hook=str).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _names(pairs: Iterable[tuple[Edited, Mapping[str, Any]]]) -> Names:
    keys: dict[type[Model], set[Any]] = defaultdict(set)
    for edit, state in pairs:
        for column, value in state.items():
            field = _field(edit, column)
            if isinstance(field, ForeignKey) and value is not None:
                keys[field.related_model].add(value)
    return {
        (model, key): str(row)
        for model, wanted in keys.items()
        for key, row in model._base_manager.in_bulk(wanted).items()
    }


def _called(edit: Edited) -> str:
    """Return what the altered row was called when it was altered."""
    model = tracked()[edit.label].pgh_tracked_model
    columns = {field.attname for field in model._meta.concrete_fields}
    known = {name: value for name, value in _columns(edit.row) if name in columns}
    try:
        return str(model(**known))
    except ObjectDoesNotExist:
        return f"number {edit.row.pgh_obj_id}"


def _columns(row: Any) -> Iterator[tuple[str, Any]]:
    for field in row._meta.concrete_fields:
        yield field.attname, getattr(row, field.attname)
