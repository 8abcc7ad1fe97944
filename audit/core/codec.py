"""Records as bytes: an envelope, its columns in the open, the rest sealed.

Sealed is packed columns, and zstd against a vocabulary of its own. The process that
answers does it, of the traces that are kept: to write them down quickly, and have the
drainer read, pack and seal them, took twice the time of both.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import msgspec
import zstandard
from msgspec import Struct

from .columns import Columns
from .packing import pack, unpack
from .plain import pick_up
from .record import MAX_INDEXED_DROPS, DecisionRecord, Header, Private, Trace
from .reports import full_report
from .vocabulary import VOCABULARIES

FORMAT = 1
# Instead of a format, the first byte of what an older version left in the spool.
_UNSEALED = 0
_LIMIT_BYTES = 64 * 1024 * 1024


class UnknownFormatError(ValueError):
    """The bytes were written by a newer version of this program, or not by it."""


class Envelope(Struct, array_like=True, frozen=True, kw_only=True):
    """A record on its way to storage: columns in the open, the rest sealed."""

    header: Header
    items: tuple[int, ...]
    """Numbers of the items in the answer, best first."""
    trace: bytes
    private: bytes | None
    report: str = ""
    """What reports in SQL read (audit/core/reports.py); empty when that is nothing."""


class _Tools(threading.local):
    """Compressors of one thread: shared by two they crash the process."""

    def __init__(self) -> None:
        words = zstandard.ZstdCompressionDict(
            VOCABULARIES[FORMAT], dict_type=zstandard.DICT_TYPE_RAWCONTENT
        )
        words.precompute_compress(level=1)
        self.compress = zstandard.ZstdCompressor(
            level=1, dict_data=words, write_checksum=True
        ).compress
        self.encode = msgspec.msgpack.Encoder(enc_hook=_pack).encode


def _pack(value: object) -> bytes:
    if isinstance(value, Columns):
        return pack(value)
    raise NotImplementedError(f"a record cannot hold {type(value).__name__}")


def _unpack(expected: type, value: Any) -> Any:
    if expected is Columns:
        # Only what an older version laid out is more than bytes.
        return unpack(value) if isinstance(value, bytes) else pick_up(value)
    raise NotImplementedError(f"a record cannot hold {expected.__name__}")


_tools = _Tools()
_decode_envelope = msgspec.msgpack.Decoder(Envelope).decode
_decode_trace = msgspec.msgpack.Decoder(Trace, dec_hook=_unpack).decode
_decode_private = msgspec.msgpack.Decoder(Private, dec_hook=_unpack).decode


def encode(record: DecisionRecord) -> bytes:
    """Return a record as one envelope, as it is spooled.

    Raises
    ------
    NotImplementedError, TypeError
        If the record holds something that has no form in msgpack.
    """
    numbers = record.trace.items.columns["number"]
    envelope = Envelope(
        header=record.header,
        items=tuple(numbers.tolist()),
        trace=_seal(record.trace),
        private=None if record.private is None else _seal(record.private),
        report=full_report(record.trace),
    )
    return _enveloped(envelope)


def encode_bare(header: Header, items: Sequence[int], *, report: str = "") -> bytes:
    """Return the envelope of a decision whose trace is not kept.

    Parameters
    ----------
    header : Header
    items : sequence of int
        Numbers of the items in the answer, best first.
    report : str
    """
    return _enveloped(
        Envelope(
            header=header, items=tuple(items), trace=b"", private=None, report=report
        )
    )


def _enveloped(envelope: Envelope) -> bytes:
    header = envelope.header
    if len(header.dropped) > MAX_INDEXED_DROPS:
        cut = header.dropped[:MAX_INDEXED_DROPS]
        header = msgspec.structs.replace(header, dropped=cut)
        envelope = msgspec.structs.replace(envelope, header=header)
    return bytes([FORMAT]) + _tools.encode(envelope)


def seal(envelope: Envelope) -> Envelope:
    """Return what an older version spooled as it is stored; others stay as they are.

    Raises
    ------
    UnknownFormatError
        If the bytes in it are none that this version reads.
    """
    private = envelope.private
    if _is_unsealed(envelope.trace):
        trace = open_trace(envelope.trace)
        envelope = msgspec.structs.replace(
            envelope, trace=_seal(trace), report=full_report(trace)
        )
    if private is not None and _is_unsealed(private):
        sealed = _seal(open_private(private))
        envelope = msgspec.structs.replace(envelope, private=sealed)
    return envelope


def open_envelope(data: bytes) -> Envelope:
    """Return the columns of a record, without opening what is compressed.

    Raises
    ------
    UnknownFormatError
        If the bytes are no envelope that this version reads.
    """
    if data[:1] != bytes([FORMAT]):
        raise UnknownFormatError(f"unknown format {data[:1]!r}")
    try:
        return _decode_envelope(memoryview(data)[1:])
    except msgspec.MsgspecError as error:
        raise UnknownFormatError(str(error)) from error


def open_trace(data: bytes) -> Trace:
    """Return a trace.

    Raises
    ------
    UnknownFormatError
        If the bytes are no trace that this version reads.
    """
    try:
        return _decode_trace(_unseal(data))
    except msgspec.MsgspecError as error:
        raise UnknownFormatError(str(error)) from error


def open_private(data: bytes) -> Private:
    """Return the private part of a decision.

    Raises
    ------
    UnknownFormatError
        If the bytes are no private part that this version reads.
    """
    try:
        return _decode_private(_unseal(data))
    except msgspec.MsgspecError as error:
        raise UnknownFormatError(str(error)) from error


def decode(data: bytes) -> DecisionRecord:
    """Return the whole record of an envelope: the inverse of :func:`encode`.

    Raises
    ------
    UnknownFormatError
        If the bytes are no envelope that this version reads.
    """
    envelope = open_envelope(data)
    private = None if envelope.private is None else open_private(envelope.private)
    return DecisionRecord(
        header=envelope.header, trace=open_trace(envelope.trace), private=private
    )


def _is_unsealed(part: bytes) -> bool:
    return part[:1] == bytes([_UNSEALED])


def _seal(part: Trace | Private) -> bytes:
    return bytes([FORMAT]) + _tools.compress(_tools.encode(part))


def _unseal(data: bytes) -> bytes:
    if _is_unsealed(data):
        return _expanded(data, zstandard.ZstdDecompressor())
    words = VOCABULARIES.get(data[0]) if data else None
    if words is None:
        raise UnknownFormatError(f"unknown format {data[:1]!r}")
    dictionary = zstandard.ZstdCompressionDict(
        words, dict_type=zstandard.DICT_TYPE_RAWCONTENT
    )
    return _expanded(data, zstandard.ZstdDecompressor(dict_data=dictionary))


def _expanded(data: bytes, tool: zstandard.ZstdDecompressor) -> bytes:
    frame = data[1:]
    try:
        # What a frame claims to hold is set aside before it is read: a broken one may
        # claim more than there is.
        if zstandard.frame_content_size(frame) > _LIMIT_BYTES:
            raise UnknownFormatError(f"more than {_LIMIT_BYTES} bytes")
        return tool.decompress(frame, max_output_size=_LIMIT_BYTES)
    except zstandard.ZstdError as error:
        raise UnknownFormatError(str(error)) from error
