"""A world as rules see it: the dictionaries in which they find what they name."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from rules.core.memo import Memo

from .caps import PREFIX_SEPARATOR
from .columns import Rows, Words
from .knobs import Knobs
from .lexicon import Lexicon
from .snapshot import PATH_SEPARATOR, Snapshot
from .textsearch import find_texts
from .world import World

type Codes = Mapping[str, Sequence[int]]

# Many configurations look into one snapshot, and many namespaces have one each.
_OF_SNAPSHOTS: Final = Memo(most=256)


class WorldCatalog(Struct, frozen=True):
    """The catalog of a world, under the tag prefixes of some knobs."""

    world: World
    brand_prefixes: tuple[str, ...]
    category_prefixes: tuple[str, ...]

    @classmethod
    def of(cls, world: World, knobs: Knobs) -> WorldCatalog:
        """Return the catalog under the prefixes of a request's knobs."""
        return cls(
            world,
            _beginnings(knobs.brand_tag_prefixes),
            _beginnings(knobs.category_tag_prefixes),
        )

    @property
    def base(self) -> Hashable:
        """The content of the snapshot."""
        return self.world.snapshot.content_hash

    def rows_of_ids(self, ids: Sequence[str]) -> Rows:
        """Return the rows of item ids in the snapshot, -1 for unknown ones."""
        snapshot = self.world.snapshot
        keys = [item_id.encode() for item_id in ids]
        return find_texts(snapshot.ids, keys, order=snapshot.id_order)

    def codes_of_tags(self, tags: Sequence[str]) -> Rows:
        """Return the codes of tags in the snapshot, -1 for unknown ones."""
        return find_texts(self.world.snapshot.tags.blob, [tag.encode() for tag in tags])

    def words(self, dictionary: str) -> Codes:
        """Return the codes of each brand or category in lower case."""
        snapshot = self.world.snapshot
        return _OF_SNAPSHOTS.get(
            (snapshot.content_hash, dictionary),
            lambda: _folded(_words(snapshot, dictionary)),
        )

    def prop_words(self, name: str) -> Mapping[str, int]:
        """Return the code of each value of a property, in lower case."""
        snapshot = self.world.snapshot
        return _OF_SNAPSHOTS.get(
            (snapshot.content_hash, "prop", name),
            lambda: _values(snapshot.props.words, f"{name.lower()}="),
        )

    def below(self) -> Codes:
        """Return the codes of each category and all below it."""
        return _OF_SNAPSHOTS.get(
            (self.world.snapshot.content_hash, "below"),
            lambda: _with_all_below(self.words("category")),
        )

    def row_of_new_id(self, item_id: str) -> int:
        """Return the row of an item that the snapshot does not know."""
        return self.world.overlay.row_of_id.get(item_id.encode(), -1)

    def new_words(self, dictionary: str) -> Mapping[str, int]:
        """Return the words that the snapshot does not know, with their codes."""
        return _lexicon(self.world, dictionary).new_codes


def _beginnings(prefixes: Sequence[str]) -> tuple[str, ...]:
    return tuple(prefix.lower() + PREFIX_SEPARATOR for prefix in prefixes)


def _lexicon(world: World, dictionary: str) -> Lexicon:
    if dictionary == "tag":
        return world.tags
    return world.brands if dictionary == "brand" else world.categories


def _words(snapshot: Snapshot, dictionary: str) -> Words:
    return snapshot.brands if dictionary == "brand" else snapshot.categories


def _folded(words: Words) -> Codes:
    codes: dict[str, list[int]] = {}
    starts = words.blob.starts.tolist()
    data = words.blob.data.tobytes()
    for code in range(len(words)):
        text = data[starts[code] : starts[code + 1]].decode().lower()
        codes.setdefault(text, []).append(code)
    return codes


def _values(words: Words, beginning: str) -> Mapping[str, int]:
    low, high = words.range(beginning)
    return {words.text(code).removeprefix(beginning): code for code in range(low, high)}


def _with_all_below(words: Codes) -> Codes:
    below: dict[str, list[int]] = {}
    for path, codes in words.items():
        steps = path.split(PATH_SEPARATOR)
        for depth in range(len(steps)):
            above = PATH_SEPARATOR.join(steps[: depth + 1])
            below.setdefault(above, []).extend(codes)
    return below
