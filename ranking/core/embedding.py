"""Place items in a space by what is written about them.

Words are hashed, with their character trigrams, to random signs in 64 dimensions:
items that share words, or parts of words, lie close to each other. The id of an item
is never hashed, because a hash of an identity says nothing about likeness.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
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
    total = np.zeros((len(items), PROJECTED_DIMENSIONS), dtype=np.float32)
    for weight, column in (
        (_TITLE, [_words(item.title) for item in items]),
        (_CATEGORY, [_path(item.category_path) for item in items]),
        (_TAGS, [_wholes("tag", item.tags) for item in items]),
        (_BRAND, [_wholes("brand", (item.brand,)) for item in items]),
        (_DESCRIPTION, [_words(_beginning(item.description)) for item in items]),
    ):
        total += weight * _field_vectors(column)
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


def _words(text: str | None) -> tuple[str, ...]:
    # In the order of the words, so that sums round alike in every batch.
    return tuple(sorted(set(_WORD.findall(text.lower())))) if text else ()


def _beginning(description: str | None) -> str | None:
    return description[:DESCRIPTION_CHARACTERS] if description else None


@lru_cache(maxsize=16_384)
def _path(steps: tuple[str, ...]) -> tuple[str, ...]:
    prefixes = ("\x1f".join(steps[: i + 1]) for i in range(len(steps)))
    return _wholes("category", tuple(prefixes))


@lru_cache(maxsize=65_536)
def _wholes(kind: str, names: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(sorted({f"{kind}\x1f{name.lower()}" for name in names if name}))


def _field_vectors(column: list[tuple[str, ...]]) -> FloatMatrix:
    """Sum the features of each row's field and scale the sum to unit length."""
    # Brands, categories and tags repeat: each combination is added up once.
    distinct = {features: place for place, features in enumerate(dict.fromkeys(column))}
    codes: dict[str, int] = {}
    columns = [codes.setdefault(name, len(codes)) for row in distinct for name in row]
    if not codes:
        return np.zeros((len(column), PROJECTED_DIMENSIONS), dtype=np.float32)
    features = to_unit_length(np.stack([_feature_vector(name) for name in codes]))
    starts = np.zeros(len(distinct) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in distinct], out=starts[1:])
    chosen = csr_array(
        (np.ones(len(columns), dtype=np.float32), columns, starts),
        shape=(len(distinct), len(features)),
    )
    sums = to_unit_length(np.asarray(chosen @ features, dtype=np.float32))
    vectors: FloatMatrix = sums[[distinct[row] for row in column]]
    return vectors


@lru_cache(maxsize=65_536)
def _feature_vector(feature: str) -> FloatMatrix:
    vector = _signs(feature)
    if "\x1f" in feature or len(feature) <= _NGRAM:
        return vector
    marked = f"<{feature}>"
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
