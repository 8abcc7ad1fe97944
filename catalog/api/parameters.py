"""Query parameters: text in, checked values out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, NoReturn

import msgspec
from rest_framework.request import Request

from catalog.core.faults import refuse
from catalog.core.text import is_id

MAX_NAME = 200
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


def clean_name(name: str) -> str:
    """Return a namespace's name, or raise 400 `invalid_namespace`."""
    if len(name) > MAX_NAME or not is_id(name):
        raise refuse(
            "invalid_namespace",
            f"A namespace has 1 to {MAX_NAME} characters, none of them control ones.",
            field="namespace",
        )
    return name


def required_namespace(request: Request) -> str:
    name = request.query_params.get("namespace", "")
    return clean_name(name) if name else refuse_missing_namespace()


def refuse_missing_namespace() -> NoReturn:
    raise refuse("missing_namespace", "Name the namespace.", field="namespace")


def text(request: Request, name: str) -> str | None:
    """Return a parameter that is an id, or None when it was not sent."""
    value = request.query_params.get(name)
    if value and not is_id(value):
        raise refuse("invalid_parameter", f"{name} is no possible id.", field=name)
    return value or None


def whole_number(
    request: Request, name: str, *, default: int, low: int, high: int
) -> int:
    value = request.query_params.get(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or not low <= int(value[:19]) <= high:
        raise refuse(
            f"invalid_{name}",
            f"{name} must be a whole number from {low} to {high}.",
            field=name,
        )
    return int(value)


def flag(request: Request, name: str, *, default: bool = False) -> bool:
    value = request.query_params.get(name)
    if value is None:
        return default
    if value.lower() not in ("true", "false", "1", "0"):
        raise refuse("invalid_parameter", f"{name} is true or false.", field=name)
    return value.lower() in ("true", "1")


def moment(request: Request, name: str) -> datetime | None:
    """Return a time with a zone, or raise 400 `invalid_timestamp`."""
    value = request.query_params.get(name)
    if not value:
        return None
    # An unescaped + of an offset arrives as a space.
    try:
        return msgspec.convert(value.replace(" ", "+"), _Moment)
    except msgspec.ValidationError:
        raise refuse(
            "invalid_timestamp",
            f"{name} must be an RFC 3339 time with a zone.",
            field=name,
        ) from None


def choice(request: Request, name: str, words: Collection[str]) -> str | None:
    """Return one of the words, in whatever case it was sent, or raise 400."""
    sent = request.query_params.get(name)
    if not sent:
        return None
    for word in words:
        if word.casefold() == sent.casefold():
            return str(word)
    raise refuse(
        f"invalid_{name}", f"{name} must be one of {', '.join(words)}.", field=name
    )
