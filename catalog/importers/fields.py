"""Which column of a table is which field of an item, a user or an event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from catalog.operations.runs import RunFailedError

FIELDS: Mapping[str, tuple[str, ...]] = {
    "items": (
        "item_id",
        "title",
        "description",
        "brand",
        "category",
        "category_path",
        "tags",
        "price",
        "available",
        "stock",
        "image_url",
        "metadata_version",
        "props",
        "created_at",
    ),
    "users": ("user_id", "traits"),
    "events": (
        "user_id",
        "item_id",
        "type",
        "value",
        "ts",
        "source_event_id",
        "meta",
    ),
}
NEEDED: Mapping[str, tuple[str, ...]] = {
    "items": ("item_id",),
    "users": ("user_id",),
    "events": ("user_id", "item_id", "ts"),
}
# Where any further column may go, one entry each; itself a column of JSON objects.
FREE: Mapping[str, str] = {"items": "props", "users": "traits", "events": "meta"}
_OTHER_NAMES = {"timestamp": "ts", "id": "item_id"}


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Field to column, and entry of the free-form field to column."""

    fixed: Mapping[str, str]
    free: Mapping[str, str]

    @property
    def columns(self) -> list[str]:
        return [*self.fixed.values(), *self.free.values()]


def fields_of(
    columns: Sequence[str], *, kind: str, mapping: Mapping[str, str]
) -> Fields:
    """Return the fields of a table's columns.

    A column goes where `mapping` says, else to the field of its own name, else
    nowhere. `props.colour` (traits., meta.) names an entry of the free-form field;
    `props` itself is a column of JSON objects.
    """
    _refuse_unknown(mapping, columns=columns, kind=kind)
    fixed: dict[str, str] = {}
    free: dict[str, str] = {}
    for column in columns:
        target = mapping.get(column) or _own_name(column, kind=kind)
        if target in FIELDS[kind]:
            fixed[target] = column
        elif target is not None:
            free[target.partition(".")[2]] = column
    missing = [field for field in NEEDED[kind] if field not in fixed]
    if missing:
        raise RunFailedError(
            f"No column is {missing[0]}. The file has {', '.join(columns)}; say which "
            f"one it is: --map {columns[0]}={missing[0]}."
        )
    return Fields(fixed=fixed, free=free)


def _own_name(column: str, *, kind: str) -> str | None:
    name = column.strip().lower()
    name = _OTHER_NAMES.get(name, name)
    if name in FIELDS[kind] or name.startswith(f"{FREE[kind]}."):
        return name
    return None


def _refuse_unknown(
    mapping: Mapping[str, str], *, columns: Sequence[str], kind: str
) -> None:
    for column, field in mapping.items():
        if column not in columns:
            raise RunFailedError(
                f'--map names the column "{column}", which the file lacks.'
                f"{_nearest(column, columns)}"
            )
        if field not in FIELDS[kind] and not field.startswith(f"{FREE[kind]}."):
            raise RunFailedError(
                f'--map names the field "{field}", which {kind} lack.'
                f"{_nearest(field, FIELDS[kind])} Anything else goes to "
                f"{FREE[kind]}.{field}."
            )


def _nearest(word: str, known: Iterable[str]) -> str:
    found = get_close_matches(word, list(known), n=1)
    return f' Did you mean "{found[0]}"?' if found else ""
