"""What the change feed says of an item: enough to serve it, as it stood then."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import zstandard

MAX_ROWS = 5_000
"""A change of more items holds none of them and asks for a new snapshot instead."""
MAX_DESCRIPTION = 500
_LEVEL = 3


class ItemState(msgspec.Struct, frozen=True, array_like=True):
    """An item after a change. Fields are only ever added at the end."""

    number: int
    item_id: str
    listed: bool
    """False: it is no longer in the catalog, whatever the other fields say."""
    available: bool
    stock: int | None
    """Pieces; None when stock is not managed."""
    price: float | None
    brand: str | None
    category_path: tuple[str, ...]
    """From the broadest to the narrowest; a plain category stands alone in it."""
    tags: tuple[str, ...]
    title: str | None
    description: str | None
    """The first 500 characters."""
    created_us: int
    """Microseconds since 1970, UTC."""
    margin: float | None = None
    """`props.margin`, a fraction of the price."""
    novelty: float | None = None
    """`props.novelty`, in [0, 1] as its sender understands it."""
    vector: bytes | None = None
    """The supplied vector as float16, little endian; None when there is none."""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[ItemState])


def encode(states: Sequence[ItemState]) -> bytes:
    """Return the states as zstd-compressed msgpack.

    Examples
    --------
    >>> decode(encode([]))
    []
    """
    return zstandard.ZstdCompressor(level=_LEVEL).compress(_encoder.encode(states))


def decode(packed: bytes) -> list[ItemState]:
    """Return what `encode` was given.

    Raises
    ------
    msgspec.DecodeError, zstandard.ZstdError
        When the bytes are not what `encode` wrote.
    """
    return _decoder.decode(zstandard.ZstdDecompressor().decompress(packed))
