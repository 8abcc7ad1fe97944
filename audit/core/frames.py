"""Records one after another in a file, each with its length and checksum.

A frame is the length of its payload and the payload's CRC-32, four bytes each, least
significant first, and then the payload.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

_HEAD = struct.Struct("<II")


class Frames(NamedTuple):
    """What a file holds."""

    payloads: list[bytes]
    n_bytes: int
    """Length of the sound part of the file."""
    is_torn: bool
    """The last frame is incomplete: its writer died within it, before answering."""
    is_damaged: bool
    """A frame's checksum is wrong. Nothing after it can be read."""


def frame(payload: bytes) -> bytes:
    """Return the payload with its head.

    Examples
    --------
    >>> split(frame(b"one") + frame(b"two")).payloads
    [b'one', b'two']
    """
    return _HEAD.pack(len(payload), zlib.crc32(payload)) + payload


def split(data: bytes) -> Frames:
    """Return the payloads of a file up to its end or the first fault.

    Examples
    --------
    >>> split(frame(b"one") + frame(b"two")[:-1])
    Frames(payloads=[b'one'], n_bytes=11, is_torn=True, is_damaged=False)
    """
    payloads: list[bytes] = []
    start = 0
    while start + _HEAD.size <= len(data):
        length, checksum = _HEAD.unpack_from(data, start)
        end = start + _HEAD.size + length
        payload = data[start + _HEAD.size : end]
        if end > len(data):
            break
        if zlib.crc32(payload) != checksum:
            return Frames(payloads, start, is_torn=False, is_damaged=True)
        payloads.append(payload)
        start = end
    return Frames(payloads, start, is_torn=start < len(data), is_damaged=False)
