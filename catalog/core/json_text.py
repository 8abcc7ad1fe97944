"""JSON bodies into values, and values into Structs, with faults that name the place."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np

from .choices import choices_at
from .faults import BadInputError, Fault, refuse

MAX_DEPTH = 32
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NEITHER_BRACKETS_NOR_QUOTES = bytes(set(range(256)) - set(b'[]{}"'))
# What follows a last quote without a partner is inside a string that never ends.
_STRINGS = re.compile(rb'"[^"]*"?')
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[list(b"[{")] = 1
_STEPS[list(b"]}")] = -1
_ESCAPED_NUL = b"\\u0000"
# A number beyond 1e308 has 309 digits, so that ten of every thirtieth byte are digits.
_DIGITS = re.compile(rb"[0-9]{10}")
_EVERY = 30
_LARGEST = 10**308
_PLACE = re.compile(r" - at `(?:key in )?\$(?P<path>[^`]*)`$")
_INDEX = re.compile(r"\[(\d+)\]")
_NOT_AMONG = "Invalid enum value "
_TIME_WORDS = ("datetime", "RFC3339", "timezone")


def parse(body: bytes) -> Any:
    """Return the value that a JSON body holds.

    Raises
    ------
    BadInputError
        `invalid_json` when it is no JSON (NaN and lone surrogates are none),
        `nested_too_deeply` beyond 32 levels, `invalid_value` for text with NUL and
        numbers beyond 1e308.

    Examples
    --------
    >>> parse(b'{"k": 3}')
    {'k': 3}
    """
    text = body.removeprefix(_BYTE_ORDER_MARK)
    # First, because the decoder recurses: the small stack of a server's thread
    # overflows long before Python's limit, and that ends the process.
    if _nests_too_deeply(text):
        message = f"JSON may nest at most {MAX_DEPTH} levels."
        raise refuse("nested_too_deeply", message)
    if not text.strip():
        raise refuse("invalid_json", "The body is empty: send a JSON object.")
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError) as error:
        raise refuse("invalid_json", f"The body is not valid JSON: {error}.") from None
    if _ESCAPED_NUL in text or _DIGITS.search(text[::_EVERY]):
        _refuse_unstorable(value)
    return value


def conform[T](value: Any, wanted: type[T]) -> T:
    """Return `value` as a Struct of the wanted type.

    Raises
    ------
    BadInputError
        Naming the field and, inside a list, the index; `invalid_timestamp` for times
        that are naive or no RFC 3339, else `invalid_json_type`.
    """
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        raise BadInputError([fault_of(error, wanted)]) from None


def conform_rows[T: msgspec.Struct](
    rows: list[Any], wanted: type[T]
) -> tuple[list[tuple[int, T]], list[Fault]]:
    """Return each good row with its index, and the first fault of each bad one."""
    try:
        return list(enumerate(msgspec.convert(rows, list[wanted]))), []  # type: ignore[valid-type]
    except msgspec.ValidationError:
        return _conform_one_by_one(rows, wanted)


def _conform_one_by_one[T](
    rows: list[Any], wanted: type[T]
) -> tuple[list[tuple[int, T]], list[Fault]]:
    good: list[tuple[int, T]] = []
    faults: list[Fault] = []
    for index, row in enumerate(rows):
        try:
            good.append((index, msgspec.convert(row, wanted)))
        except msgspec.ValidationError as error:
            fault = fault_of(error, wanted)
            faults.append(msgspec.structs.replace(fault, index=index))
    return good, faults


def fault_of(error: msgspec.ValidationError, wanted: Any) -> Fault:
    """Translate what msgspec found into our words, with what would have been right."""
    text = str(error)
    place = _PLACE.search(text)
    path = (place["path"] if place else "").removeprefix(".")
    message = text[: place.start()] if place else text
    missing = re.search(r"missing required field `(\w+)`", message)
    if missing:
        path = f"{path}.{missing[1]}".removeprefix(".")
    if message.startswith(_NOT_AMONG) and (known := choices_at(wanted, path)):
        message = f"{message[len(_NOT_AMONG) :]} is none of {', '.join(known)}"
    index = _INDEX.search(path)
    is_time = any(word in message for word in _TIME_WORDS)
    return Fault(
        code="invalid_timestamp" if is_time else "invalid_json_type",
        message=f"{path or 'The body'}: {message}.",
        field=path or None,
        index=int(index[1]) if index else None,
    )


def unknown_fields(value: Any, wanted: type[msgspec.Struct]) -> list[str]:
    """Return the paths of what a client sent and nobody will read, sorted.

    Examples
    --------
    >>> class Query(msgspec.Struct):
    ...     k: int
    >>> unknown_fields({"k": 1, "kk": 2}, Query)
    ['kk']
    """
    return sorted(set(_unknown(value, wanted, prefix="")))


def _unknown(value: Any, wanted: type[msgspec.Struct], *, prefix: str) -> Iterator[str]:
    rows = value if isinstance(value, list) else [value]
    rows = [row for row in rows if isinstance(row, dict)]
    known = _known_fields(wanted)
    for name in set().union(*rows):
        if name not in known:
            yield f"{prefix}{name}"
        elif (nested := known[name]) is not None:
            for row in rows:
                inner = row.get(name)
                yield from _unknown(inner, nested, prefix=f"{prefix}{name}.")


@functools.cache
def _known_fields(wanted: type[msgspec.Struct]) -> Mapping[str, Any]:
    described = msgspec.inspect.type_info(wanted)
    assert isinstance(described, msgspec.inspect.StructType)
    return {field.encode_name: _struct_in(field.type) for field in described.fields}


def _struct_in(described: msgspec.inspect.Type) -> Any:
    match described:
        case msgspec.inspect.StructType(cls=cls):
            return cls
        case msgspec.inspect.ListType(item_type=inner):
            return _struct_in(inner)
        case msgspec.inspect.UnionType(types=types):
            return next(filter(None, map(_struct_in, types)), None)
        case _:
            return None


def _nests_too_deeply(text: bytes) -> bool:
    if text.count(b"{") + text.count(b"[") <= MAX_DEPTH:
        return False
    brackets = np.frombuffer(_brackets_outside_strings(text), dtype=np.uint8)
    depths = np.cumsum(_STEPS[brackets], dtype=np.int32)
    return bool(depths.max(initial=0) > MAX_DEPTH)


def _brackets_outside_strings(text: bytes) -> bytes:
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = text.translate(None, _NEITHER_BRACKETS_NOR_QUOTES)
    # Taking two neighbouring quotes away leaves every bracket in or out of a string.
    marks = marks.replace(b'""', b"")
    return _STRINGS.sub(b"", marks) if b'"' in marks else marks


def _refuse_unstorable(value: Any) -> None:
    faults = [
        Fault(
            code="invalid_value",
            message=f"{path} holds a NUL character or a number beyond 1e308.",
            field=path,
            index=int(index[1]) if (index := _INDEX.search(path)) else None,
        )
        for path, leaf in _leaves(value, path="")
        if _is_unstorable(leaf)
    ]
    if faults:
        raise BadInputError(faults)


def _leaves(value: Any, *, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield path or "The body", name
            yield from _leaves(inner, path=f"{path}.{name}".removeprefix("."))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, path=f"{path}[{index}]")
    else:
        yield path, value


def _is_unstorable(leaf: Any) -> bool:
    if isinstance(leaf, str):
        return "\x00" in leaf
    return isinstance(leaf, int) and not -_LARGEST <= leaf <= _LARGEST
