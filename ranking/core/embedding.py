"""Place items in a space by what is written about them.

Words are hashed, with their character trigrams, to random signs in 64 dimensions:
items that share words, or parts of words, lie close to each other. The id of an item
is never hashed, because a hash of an identity says nothing about likeness.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .projection import PROJECTED_DIMENSIONS, to_unit_length

EMBEDDING_MODEL = "hashed-ngrams-v1"
DESCRIPTION_CHARACTERS = 200
_SEED = b"hashed-ngrams-v1"
_WORD = re.compile(r"[^\W_]+")
_NGRAM = 3

# How much each field says about what an item is. Every field counts as one unit
# vector, so that a long description does not drown a short title.
_TITLE, _CATEGORY, _TAGS, _BRAND, _DESCRIPTION = 1.0, 0.8, 0.6, 0.4, 0.4

type FloatMatrix = NDArray[np.float32]


class ItemText(NamedTuple):
    """What is written about one item."""

    title: str | None = None
    brand: str | None = None
    category_path: tuple[str, ...] = ()
    """From the root to the leaf. A single category is a path of one."""
    tags: tuple[str, ...] = ()
    description: str | None = None
    """Only the first 200 characters count."""


def embed(items: Sequence[ItemText]) -> FloatMatrix:
    """Return one vector per item, from its words alone.

    Each feature ``f`` (a word, a whole brand, a tag, a step of the category path) has
    a fixed vector; that of a word is the sum of the signs of the word itself and of
    its character trigrams. With ``v(F)`` the unit vector of the sum over the features
    of one field ::

        item = unit(Σ_field weight(field) * v(features of the field))

    This is feature hashing (Weinberger et al., ICML 2009) with dense signs, over
    subwords as in fastText (Bojanowski et al., TACL 5, 2017).

    Parameters
    ----------
    items : sequence of ItemText
        In the order of the rows of the result.

    Returns
    -------
    vectors : float32 array of shape (n, 64)
        Rows of unit length; a row of zeros for an item without any word.

    Notes
    -----
    A row depends on its own item only, so rows may be computed apart and joined.

    Examples
    --------
    >>> mug, cup, rug = embed(
    ...     [ItemText("Red coffee mug"), ItemText("Blue coffee mug"), ItemText("Rug")]
    ... )
    >>> bool(mug @ cup > 0.4 > mug @ rug)
    True
    """
    vocabulary = _Vocabulary()
    fields = [
        (_TITLE, [vocabulary.words(item.title) for item in items]),
        (_CATEGORY, [vocabulary.path(item.category_path) for item in items]),
        (_TAGS, [vocabulary.wholes("tag", item.tags) for item in items]),
        (_BRAND, [vocabulary.brand(item.brand) for item in items]),
        (_DESCRIPTION, [vocabulary.description(item.description) for item in items]),
    ]
    features = vocabulary.vectors()
    total = np.zeros((len(items), PROJECTED_DIMENSIONS), dtype=np.float32)
    for weight, codes in fields:
        total += weight * _field_vectors(codes, features=features)
    return to_unit_length(total)


def content_hash(item: ItemText) -> bytes:
    """Return 32 bytes that change exactly when the item's vector may.

    Parameters
    ----------
    item : ItemText
        The words of one item.

    Returns
    -------
    digest : bytes
        SHA-256 over the model's name and every field that :func:`embed` reads.
    """
    fields = (
        EMBEDDING_MODEL,
        item.title or "",
        item.brand or "",
        "\x1f".join(item.category_path),
        "\x1f".join(sorted(item.tags)),
        (item.description or "")[:DESCRIPTION_CHARACTERS],
    )
    return hashlib.sha256("\x1e".join(fields).encode("utf-8", "surrogatepass")).digest()


class _Vocabulary:
    """Codes for features, given out as they are first seen."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def words(self, text: str | None) -> list[int]:
        if not text:
            return []
        return self._all("word", set(_WORD.findall(text.lower())))

    def description(self, text: str | None) -> list[int]:
        return self.words(text[:DESCRIPTION_CHARACTERS] if text else None)

    def brand(self, brand: str | None) -> list[int]:
        return self.wholes("brand", (brand,) if brand else ())

    def path(self, steps: tuple[str, ...]) -> list[int]:
        prefixes = ("\x1f".join(steps[: i + 1]) for i in range(len(steps)))
        return self.wholes("category", tuple(prefixes))

    def wholes(self, kind: str, names: tuple[str, ...]) -> list[int]:
        return self._all(kind, {name.lower() for name in names if name})

    def vectors(self) -> FloatMatrix:
        if not self._codes:
            return np.zeros((0, PROJECTED_DIMENSIONS), dtype=np.float32)
        return to_unit_length(np.stack([_feature_vector(name) for name in self._codes]))

    def _all(self, kind: str, names: set[str]) -> list[int]:
        # In the order of the names, so that sums round alike in every batch.
        codes = self._codes
        features = (f"{kind}\x1f{name}" for name in sorted(names))
        return [codes.setdefault(feature, len(codes)) for feature in features]


def _feature_vector(feature: str) -> FloatMatrix:
    kind, name = feature.split("\x1f", 1)
    vector = _signs(feature)
    if kind != "word" or len(name) <= _NGRAM:
        return vector
    marked = f"<{name}>"
    ngrams = {marked[i : i + _NGRAM] for i in range(len(marked) - _NGRAM + 1)}
    # As much for the whole word as for all its parts together.
    parts = np.sum([_signs("part\x1f" + part) for part in sorted(ngrams)], axis=0)
    return (vector + parts / np.float32(np.sqrt(len(ngrams)))).astype(np.float32)


def _signs(feature: str) -> FloatMatrix:
    """Turn the 64 bits of a feature's hash into 64 signs."""
    encoded = feature.encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(encoded, digest_size=8, key=_SEED).digest()
    bits = np.unpackbits(np.frombuffer(digest, dtype=np.uint8))
    return bits.astype(np.float32) * 2 - 1


def _field_vectors(codes: list[list[int]], *, features: FloatMatrix) -> FloatMatrix:
    """Sum the features of each row's field and scale the sum to unit length."""
    starts = np.zeros(len(codes) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in codes], out=starts[1:])
    columns = np.fromiter((code for row in codes for code in row), dtype=np.int64)
    ones = np.ones(len(columns), dtype=np.float32)
    if not len(columns):
        return np.zeros((len(codes), PROJECTED_DIMENSIONS), dtype=np.float32)
    chosen = csr_array((ones, columns, starts), shape=(len(codes), len(features)))
    return to_unit_length(np.asarray(chosen @ features, dtype=np.float32))
