"""Bodies into values: what no JSON is, what cannot be stored, what nobody reads."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.core.faults import BadInputError
from catalog.core.json_text import MAX_DEPTH, conform, parse, unknown_fields

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b[{", '"']), inner, max_size=3)
    ),
    max_leaves=30,
)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


def nested(levels: int, *, beside: Any) -> Any:
    value: Any = beside
    for level in range(levels):
        value = {"a": value, "]}": "[" * 9} if level % 2 else [value, [], "{{"]
    return value


@given(VALUES)
def test_what_is_json_comes_back(value: Any) -> None:
    assert parse(json.dumps(value).encode()) == value
    assert parse(b"\xef\xbb\xbf" + json.dumps(value).encode()) == value


@given(st.integers(0, 60), VALUES)
def test_depth_is_counted_whatever_strings_hold(levels: int, beside: Any) -> None:
    value = nested(levels, beside=beside)
    body = json.dumps(value).encode()

    if depth(value) <= MAX_DEPTH:
        assert parse(body) == value
    else:
        with pytest.raises(BadInputError) as refused:
            parse(body)
        assert refused.value.code == "nested_too_deeply"


def test_brackets_inside_strings_hide_no_depth() -> None:
    body = b'["]",' * 40 + b"1" + b',"["]' * 40

    with pytest.raises(BadInputError) as refused:
        parse(body)
    assert refused.value.code == "nested_too_deeply"


def test_a_body_cut_off_is_malformed_rather_than_deep() -> None:
    body = b'[{"a": 1}, {"a": ' * 16

    with pytest.raises(BadInputError) as refused:
        parse(body)
    assert refused.value.code == "invalid_json"


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000],
)
def test_depth_is_refused_on_the_small_stack_of_a_thread(body: bytes) -> None:
    script = (
        "import sys, threading\n"
        "from catalog.core.faults import BadInputError\n"
        "from catalog.core.json_text import parse\n"
        "def run():\n"
        "    try: parse(body)\n"
        "    except BadInputError as error: print(error.code)\n"
        "body = sys.stdin.buffer.read()\n"
        "threading.stack_size(512 * 1024)\n"
        "thread = threading.Thread(target=run)\n"
        "thread.start()\n"
        "thread.join()\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], input=body, capture_output=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, b"nested_too_deeply\n")


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_refused(body: bytes) -> None:
    with contextlib.suppress(BadInputError):
        parse(body)


@pytest.mark.parametrize("digits", [309, 320, 400])
@pytest.mark.parametrize("before", range(0, 31, 5))
def test_a_number_no_float_holds_is_found_wherever_it_stands(
    digits: int, before: int
) -> None:
    body = b'{"k": "%s", "n": [1, %s]}' % (b"x" * before, b"9" * digits)

    with pytest.raises(BadInputError) as refused:
        parse(body)
    assert refused.value.faults[0].field == "n[1]"


def test_an_escaped_backslash_is_no_nul() -> None:
    assert parse(b'"\\\\u0000"') == "\\u0000"


class Row(msgspec.Struct):
    a: int
    free: dict[str, Any] = {}


class Body(msgspec.Struct):
    rows: list[Row]
    one: Row | None = None


def test_unknown_fields_are_found_in_rows_but_not_in_free_objects() -> None:
    value = {
        "rows": [{"a": 1, "b": 2}, {"a": 1, "free": {"c": 3}}],
        "one": {"d": 4},
        "e": 5,
    }

    assert unknown_fields(value, Body) == ["e", "one.d", "rows.b"]


def test_the_place_of_a_wrong_type_is_told() -> None:
    with pytest.raises(BadInputError) as refused:
        conform({"rows": [{"a": 1}, {"a": "x"}]}, Body)

    fault = refused.value.faults[0]
    assert (fault.field, fault.index) == ("rows[1].a", 1)
