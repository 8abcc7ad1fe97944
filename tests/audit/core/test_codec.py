from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from audit.core import codec
from audit.core.columns import Columns
from audit.core.integrity import row_digest
from audit.core.record import DecisionRecord, Trace
from audit.core.vocabulary import VOCABULARIES
from tests.factories.audit import make_record

seeds = st.integers(0, 2**32)


def without_columns(trace: Trace) -> dict[str, object]:
    fields = {name: getattr(trace, name) for name in trace.__struct_fields__}
    return {
        name: value
        for name, value in fields.items()
        if name not in ("candidates", "items", "drops")
    }


class TestEncode:
    @given(seeds, st.integers(0, 200), st.integers(0, 50), st.integers(0, 300))
    def test_comes_back_whole(
        self, seed: int, n_candidates: int, n_history: int, n_drops: int
    ) -> None:
        record = make_record(
            seed=seed,
            n_candidates=n_candidates,
            k=min(20, n_candidates),
            n_history=n_history,
            n_drops=n_drops,
        )

        back = codec.decode(codec.encode(record))

        assert back.header == record.header
        assert back.private == record.private
        assert without_columns(back.trace) == without_columns(record.trace)
        assert back.trace.items.ids == record.trace.items.ids
        for name in ("number", "score"):
            assert np.array_equal(
                back.trace.items.columns[name], record.trace.items.columns[name]
            )
        for name in ("number", "rank", "slot"):
            assert np.array_equal(
                back.trace.candidates[name], record.trace.candidates[name]
            )
        assert back.trace.drops == record.trace.drops

    def test_is_the_same_for_what_was_decoded(self) -> None:
        once = codec.encode(make_record())

        twice = codec.encode(codec.decode(once))

        assert (
            codec.decode(twice).trace.candidates == codec.decode(once).trace.candidates
        )

    def test_takes_a_few_kilobytes(self) -> None:
        sizes = [len(sealed_of(make_record(seed=seed)).trace) for seed in range(20)]

        # Random columns, which is the worst case: real scores repeat themselves.
        assert sum(sizes) / len(sizes) < 4_200

    def test_cuts_what_is_indexed_of_the_drops(self) -> None:
        record = make_record(dropped=tuple(range(100)))

        assert codec.decode(codec.encode(record)).header.dropped == tuple(range(32))

    def test_works_in_many_threads(self) -> None:
        records = [make_record(seed=seed, n_candidates=30) for seed in range(40)]
        alone = [codec.encode(record) for record in records]

        with ThreadPoolExecutor(8) as threads:
            together = list(threads.map(codec.encode, records))

        assert together == alone

    def test_of_one_without_a_trace_keeps_header_and_items(self) -> None:
        header = make_record(dropped=tuple(range(100))).header

        envelope = codec.open_envelope(codec.encode_bare(header, [7, 3]))

        assert envelope.header.decision_id == header.decision_id
        assert (envelope.items, len(envelope.header.dropped)) == ((7, 3), 32)
        assert (envelope.trace, envelope.private) == (b"", None)

    def test_says_what_it_cannot_hold(self) -> None:
        record = make_record()
        trace = msgspec.structs.replace(record.trace, extras={"odd": object()})

        with pytest.raises(NotImplementedError, match="object"):
            codec.encode(msgspec.structs.replace(record, trace=trace))


def sealed_of(record: DecisionRecord) -> codec.Envelope:
    return codec.open_envelope(codec.encode(record))


def unsealed(record: DecisionRecord) -> codec.Envelope:
    """A record as older versions spooled it."""
    assert record.private is not None
    return codec.Envelope(
        header=record.header,
        items=tuple(record.trace.items.columns["number"].tolist()),
        trace=laid_out(record.trace),
        private=laid_out(record.private),
    )


def laid_out(part: Any) -> bytes:
    def lay_out(columns: Columns) -> Any:
        arrays = columns.items()
        kinds = [(name, array.dtype.str) for name, array in arrays]
        data = b"".join(array.tobytes() for _, array in arrays)
        return [columns.n_rows, kinds, data]

    laid = msgspec.msgpack.encode(part, enc_hook=lay_out)
    return bytes([0]) + zstandard.compress(laid)


class TestSeal:
    @given(seeds, st.integers(0, 200), st.integers(0, 50))
    def test_loses_nothing_but_the_last_digits_of_float32(
        self, seed: int, n_candidates: int, n_history: int
    ) -> None:
        record = make_record(
            seed=seed,
            n_candidates=n_candidates,
            k=min(20, n_candidates),
            n_history=n_history,
        )
        sealed = sealed_of(record)

        kept, sent = codec.open_trace(sealed.trace), record.trace
        assert without_columns(kept) == without_columns(sent)
        assert kept.drops == sent.drops
        for name, column in record.trace.candidates.items():
            largest = np.nanmax(np.abs(column), initial=0.0)
            assert np.allclose(
                kept.candidates[name],
                column,
                rtol=0,
                atol=largest / 2000,
                equal_nan=True,
            )
        assert sealed.private is not None
        assert codec.open_private(sealed.private) == record.private
        assert sealed.header == record.header

    def test_is_the_same_of_what_an_older_version_spooled(self) -> None:
        record = make_record()

        assert codec.seal(unsealed(record)) == sealed_of(record)

    def test_leaves_what_is_sealed_as_it_is(self) -> None:
        once = sealed_of(make_record())

        assert codec.seal(once) == once

    def test_leaves_alone_what_was_not_kept(self) -> None:
        bare = msgspec.structs.replace(unsealed(make_record()), trace=b"", private=None)

        assert codec.seal(bare) == bare

    def test_refuses_columns_that_are_cut(self) -> None:
        spooled = unsealed(make_record())
        cut = {"history": [3, [["number", "<i8"]], b"short"]}
        part = bytes([0]) + zstandard.compress(msgspec.msgpack.encode(cut))
        broken = msgspec.structs.replace(spooled, private=part)

        with pytest.raises(codec.UnknownFormatError):
            codec.seal(broken)


class TestDecode:
    @given(st.binary(max_size=200))
    def test_refuses_what_is_no_record(self, data: bytes) -> None:
        for read in (codec.open_envelope, codec.open_trace, codec.open_private):
            with pytest.raises(codec.UnknownFormatError):
                read(data)

    @given(seeds, st.floats(0, 1), st.integers(1, 255))
    def test_a_changed_byte_changes_no_trace(
        self, seed: int, place: float, flip: int
    ) -> None:
        """It is noticed, but for the few bits that compression leaves unused."""
        trace = sealed_of(make_record(seed=seed, n_candidates=9)).trace
        changed = bytearray(trace)
        changed[int(place * (len(changed) - 1))] ^= flip

        try:
            found = codec.open_trace(bytes(changed))
        except codec.UnknownFormatError:
            return
        assert found == codec.open_trace(trace)

    @pytest.mark.parametrize("flip", [129, 145, 161])
    def test_refuses_what_claims_to_be_larger_than_memory(self, flip: int) -> None:
        changed = bytearray(sealed_of(make_record(n_candidates=9)).trace)
        changed[5] ^= flip

        with pytest.raises(codec.UnknownFormatError):
            codec.open_trace(bytes(changed))

    def test_ignores_fields_of_a_newer_program(self) -> None:
        class NewerTrace(Trace, frozen=True, kw_only=True):
            mood: str = ""

        old = make_record().trace
        fields = {name: getattr(old, name) for name in old.__struct_fields__}
        sealed = codec._seal(NewerTrace(**fields, mood="sunny"))

        assert codec.open_trace(sealed).namespace == "demo"

    def test_reads_traces_of_the_first_format_for_ever(self) -> None:
        # Changing a vocabulary makes every trace stored with it unreadable.
        assert hashlib.sha256(VOCABULARIES[1]).hexdigest()[:16] == "c220856eb4e14a34"


class TestRowDigest:
    def test_does_not_change_with_what_is_personal(self) -> None:
        record = make_record()
        envelope = codec.open_envelope(codec.encode(record))
        header = msgspec.structs.replace(envelope.header, user_hash=None)
        erased = msgspec.structs.replace(envelope, header=header, private=None)

        assert row_digest(erased) == row_digest(envelope)

    @pytest.mark.parametrize(
        "change",
        [
            {"k": 7},
            {"surface": "cart"},
            {"answer_digest": bytes(32)},
            {"degraded": ("x",)},
            {"rule_ids": (bytes(16),)},
            {"latency_us": 1},
        ],
    )
    def test_changes_with_every_column(self, change: dict[str, Any]) -> None:
        envelope = codec.open_envelope(codec.encode(make_record()))
        header = msgspec.structs.replace(envelope.header, **change)

        assert row_digest(msgspec.structs.replace(envelope, header=header)) != (
            row_digest(envelope)
        )

    def test_changes_with_items_and_trace(self) -> None:
        envelope = codec.open_envelope(codec.encode(make_record()))
        others = [
            msgspec.structs.replace(envelope, items=envelope.items[::-1]),
            msgspec.structs.replace(envelope, trace=envelope.trace[:-1]),
        ]

        assert len({row_digest(each) for each in [envelope, *others]}) == 3


def test_a_record_without_a_user_has_no_private_part() -> None:
    anonymous = msgspec.structs.replace(make_record(user_hash=None), private=None)

    back: DecisionRecord = codec.decode(codec.encode(anonymous))

    assert back.private is None
    assert back.header.user_hash is None


def test_an_empty_answer_is_a_record_too() -> None:
    record = make_record(n_candidates=0, k=0, n_drops=0)

    back = codec.decode(codec.encode(record))

    assert back.trace.items.ids == []
    assert back.trace.candidates.n_rows == 0
    assert Columns() == Columns({})
