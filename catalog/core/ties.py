"""Events that name an answer, as the change feed hands them on.

`meta.request_id` is the `X-Request-Id` of the request that was answered, or the
decision's id; `meta.decision_id` is the decision's id. Nothing here is personal.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import zstandard

from catalog.core.moments import from_microseconds

_LEVEL = 1
_SIGNS = ("request_id", "decision_id")


class Tie(msgspec.Struct, frozen=True, array_like=True):
    """One event. Fields are only ever added at the end."""

    event: int
    """Its number."""
    item: int
    """Number of the item."""
    type: int
    value: float
    ts_us: int
    """Microseconds since 1970, UTC."""
    request_id: str | None
    decision_id: str | None

    @property
    def at(self) -> datetime:
        """When it happened."""
        return from_microseconds(self.ts_us)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Tie])


def may_name_answers(lines: str | bytes) -> bool:
    """Tell whether lines for COPY may hold a tie: quick, and sometimes wrongly yes.

    >>> may_name_answers('{"request_id": "r1"}'), may_name_answers(b"1")
    (True, False)
    """
    if isinstance(lines, bytes):
        return any(sign.encode() in lines for sign in _SIGNS)
    return any(sign in lines for sign in _SIGNS)


def encode(ties: Sequence[Tie]) -> bytes | None:
    """Return the ties as zstd-compressed msgpack; None without any.

    Examples
    --------
    >>> tie = Tie(1, 2, 0, 1.0, 5, "r1", None)
    >>> decode(encode([tie]) or b"") == [tie]
    True
    """
    if not ties:
        return None
    packed = _encoder.encode(ties)
    return zstandard.ZstdCompressor(level=_LEVEL).compress(packed)


def decode(packed: bytes) -> list[Tie]:
    """Return what `encode` was given.

    Raises
    ------
    msgspec.DecodeError, zstandard.ZstdError
        When the bytes are not what `encode` wrote.
    """
    return _decoder.decode(zstandard.ZstdDecompressor().decompress(packed))
