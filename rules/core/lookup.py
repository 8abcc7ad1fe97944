"""Find what rules name in the dictionaries of a catalog.

What the base of a catalog holds is looked up once; items and words that came
since are few, and looked up beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from .item_conditions import TAGS, WordTest, leaves
from .prop_lookup import PropTest, prop_codes
from .reading import Reading
from .rule import PATH_MARK, Target, TargetType
from .types import PATH_SEPARATOR, Catalog

type I64 = NDArray[np.int64]
type Table = Literal["item", "brand", "category", "tag"]
type How = Literal["whole", "below", "part"]
type Words = Mapping[str, Sequence[int]]

TABLES: tuple[Table, ...] = ("item", "brand", "category", "tag")
TABLE_OF_FIELD: Mapping[str, Table] = {
    TAGS: "tag",
    "brand": "brand",
    "category": "category",
}
DICTIONARIES: tuple[Table, ...] = ("brand", "category", "tag")


class Query(NamedTuple):
    """One text to be looked up."""

    owner: int
    """A target's number, or that of a word test, which come after all targets."""

    how: How
    text: str


type Queries = Mapping[Table, Sequence[Query]]


class Pairs(NamedTuple):
    """Which owners are found at which codes, or rows; place by place."""

    owners: I64
    codes: I64


class Found(Struct, frozen=True, eq=False, kw_only=True):
    """Where the targets and word tests of a reading are found."""

    pairs: Mapping[Table, Pairs]
    tests: Mapping[WordTest, int]
    """Number of each word test among the owners."""

    props: Mapping[PropTest, I64]
    """Codes of the properties for which a test holds."""

    items: Pairs
    """Every item that a target names, in its order; row -1 for unknown ones."""

    missing: Mapping[int, str]
    """Place in ``items`` and id of those that are not in the base."""


def find(reading: Reading, catalog: Catalog) -> Found:
    """Look everything up.

    Equal readings and catalogs give the same object again, as long as it is
    remembered.
    """
    prefixes = (catalog.brand_prefixes, catalog.category_prefixes)
    tests = reading.memo.get("tests", lambda: _word_tests(reading))
    queries: Queries = reading.memo.get(
        ("queries", prefixes), lambda: _queries(reading, tests, catalog)
    )
    base: Found = reading.memo.get(
        ("base", catalog.base, prefixes),
        lambda: _find_in_base(reading, queries, tests, catalog),
    )
    rows = tuple(catalog.row_of_new_id(item_id) for item_id in base.missing.values())
    new = tuple(tuple(catalog.new_words(table)) for table in DICTIONARIES)
    if not any(new) and max(rows, default=-1) < 0:
        return base
    return reading.memo.get(
        ("news", catalog.base, prefixes, rows, new),
        lambda: _with_news(base, queries, catalog, rows=rows),
    )


def _find_in_base(
    reading: Reading,
    queries: Queries,
    tests: Mapping[WordTest, int],
    catalog: Catalog,
) -> Found:
    named = [query.text for query in queries["item"]]
    rows = catalog.rows_of_ids(named)
    tags = [query for query in queries["tag"] if query.how == "whole"]
    codes = catalog.codes_of_tags([query.text for query in tags])
    items = Pairs(_owners(queries["item"]), rows)
    pairs: dict[Table, Pairs] = {
        "item": _known(items),
        "tag": _known(Pairs(_owners(tags), codes)),
    }
    both: tuple[Table, ...] = ("brand", "category")
    for table in both:
        hits = _hits(queries[table], catalog.words(table), below=catalog.below())
        pairs[table] = _pairs(hits)
    props = prop_codes(reading.conditions, catalog)
    missing = {place: named[place] for place in np.flatnonzero(rows < 0).tolist()}
    return Found(pairs=pairs, tests=tests, props=props, items=items, missing=missing)


def _with_news(
    found: Found, queries: Queries, catalog: Catalog, *, rows: Sequence[int]
) -> Found:
    all_rows = found.items.codes.copy()
    all_rows[list(found.missing)] = rows
    items = Pairs(found.items.owners, all_rows)
    pairs: dict[Table, Pairs] = {"item": _known(items)}
    for table in DICTIONARIES:
        words, below = _indexed(catalog.new_words(table))
        news = _pairs(_hits(queries[table], words, below=below) if words else ())
        old = found.pairs[table]
        pairs[table] = Pairs(
            np.concatenate((old.owners, news.owners)),
            np.concatenate((old.codes, news.codes)),
        )
    n_known = [len(found.pairs[table].codes) for table in TABLES]
    if n_known == [len(pairs[table].codes) for table in TABLES]:
        return found
    return Found(
        pairs=pairs,
        tests=found.tests,
        props=found.props,
        items=items,
        missing=found.missing,
    )


def _owners(queries: Sequence[Query]) -> I64:
    return np.array([query.owner for query in queries], dtype=np.int64)


def _known(pairs: Pairs) -> Pairs:
    known = pairs.codes >= 0
    return Pairs(pairs.owners[known], pairs.codes[known])


def _indexed(new: Mapping[str, int]) -> tuple[Words, Words]:
    """Return the codes of each new word, and of each category with all below it."""
    words: dict[str, list[int]] = {}
    below: dict[str, list[int]] = {}
    for text, code in new.items():
        folded = text.lower()
        words.setdefault(folded, []).append(code)
        steps = folded.split(PATH_SEPARATOR)
        for depth in range(len(steps)):
            path = PATH_SEPARATOR.join(steps[: depth + 1])
            below.setdefault(path, []).append(code)
    return words, below


def _pairs(hits: Iterable[tuple[int, int]]) -> Pairs:
    table = np.array(list(hits), dtype=np.int64).reshape(-1, 2)
    return Pairs(table[:, 0], table[:, 1])


def _hits(
    queries: Iterable[Query], words: Words, *, below: Words
) -> Iterator[tuple[int, int]]:
    for query in queries:
        if query.how == "below":
            codes: Iterable[int] = below.get(query.text, ())
        elif query.how == "part":
            codes = _codes_of_parts(query.text, words)
        else:
            codes = words.get(query.text, ())
        for code in codes:
            yield query.owner, code


def _codes_of_parts(text: str, words: Words) -> Iterator[int]:
    for word, codes in words.items():
        is_path = PATH_SEPARATOR in word
        if text in (word.split(PATH_SEPARATOR) if is_path else word):
            yield from codes


def _word_tests(reading: Reading) -> Mapping[WordTest, int]:
    tests = (
        leaf
        for condition in reading.conditions
        if condition is not None
        for leaf in leaves(condition)
        if isinstance(leaf, WordTest)
    )
    first = len(reading.targets)
    return {test: first + i for i, test in enumerate(dict.fromkeys(tests))}


def _queries(
    reading: Reading, tests: Mapping[WordTest, int], catalog: Catalog
) -> Queries:
    found: dict[Table, list[Query]] = {table: [] for table in TABLES}
    for number, target in enumerate(reading.targets):
        for value in target.values:
            for table, how, text in _asked(target, value, catalog):
                found[table].append(Query(number, how, text))
    for test, number in tests.items():
        if test.field in TABLE_OF_FIELD:
            found[TABLE_OF_FIELD[test.field]] += _asked_by_test(number, test)
    return found


def _asked_by_test(number: int, test: WordTest) -> Iterator[Query]:
    how: How = "part" if test.how == "part" else "whole"
    is_path = test.field == "category" and how == "whole"
    for value in test.values:
        folded = value.strip().lower()
        yield Query(number, how, _path(folded) if is_path else folded)


def _asked(
    target: Target, value: str, catalog: Catalog
) -> Iterator[tuple[Table, How, str]]:
    folded = value.strip().lower()
    if target.type is TargetType.ITEM:
        yield "item", "whole", value
    elif target.type is TargetType.TAG:
        yield "tag", "whole", folded
    elif target.type is TargetType.BRAND:
        yield "brand", "whole", folded
        for prefix in catalog.brand_prefixes:
            yield "tag", "whole", prefix + folded
    elif target.type is TargetType.CATEGORY:
        is_deep = target.include_subcategories
        yield "category", "below" if is_deep else "whole", _path(folded)
        for prefix in catalog.category_prefixes:
            yield "tag", "whole", prefix + folded


def _path(value: str) -> str:
    return PATH_SEPARATOR.join(step.strip() for step in value.split(PATH_MARK))
