from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from audit.core import codec
from audit.core.codec import Envelope
from audit.core.keeping import Keeping, is_sampled, keeping_of, without_trace
from audit.spool import sampling
from audit.spool.rates import Rates
from tests.factories.audit import make_record, new_decision_id

MODEL = codec.open_envelope(codec.encode(make_record(n_candidates=5, k=2)))
SECOND_MS = 1_790_000_000_000


def decided(*, at_ms: int = SECOND_MS, namespace_id: int = 1) -> Envelope:
    header = msgspec.structs.replace(
        MODEL.header,
        decision_id=new_decision_id(at_ms=at_ms),
        namespace_id=namespace_id,
    )
    return msgspec.structs.replace(MODEL, header=header)


class TestWantsTrace:
    @given(
        moments=st.lists(st.integers(0, 2_500), max_size=60), rate=st.integers(0, 12)
    )
    def test_leaves_out_what_goes_beyond_and_the_drainer_keeps_the_rest(
        self, tmp_path_factory: pytest.TempPathFactory, moments: list[int], rate: int
    ) -> None:
        keeping = Keeping(traces_per_second=rate, trace_sample=0.3)
        envelopes = [decided(at_ms=SECOND_MS + each) for each in sorted(moments)]
        with override_settings(FILES_ROOT=tmp_path_factory.mktemp("files")):
            spooled = [
                each
                if sampling.wants_trace(each.header, keeping=keeping)
                else msgspec.structs.replace(each, trace=b"")
                for each in envelopes
            ]

        assert without_trace(reversed(spooled), keeping={1: keeping}) == set()
        by_second: dict[int, list[Envelope]] = {}
        for moment, each in zip(sorted(moments), spooled, strict=True):
            by_second.setdefault(moment // 1_000, []).append(each)
        for found in by_second.values():
            assert all(
                bool(each.trace)
                == (
                    rate == 0
                    or place < rate
                    or is_sampled(each.header.decision_id, share=0.3)
                )
                for place, each in enumerate(found)
            )

    def test_counts_what_all_processes_of_the_host_answer(
        self, spool_directory: Path, tmp_path: Path
    ) -> None:
        keeping = Keeping(traces_per_second=3, trace_sample=0)
        first, second = Rates(tmp_path / "one"), Rates(tmp_path / "one")

        counts = [each.count(7, second=1) for each in (first, second, first, second)]
        elsewhere, later = first.count(8, second=1), first.count(7, second=2)

        assert counts == [1, 2, 3, 4]
        assert (elsewhere, later) == (1, 1)
        first.close()
        second.close()
        wanted = [
            sampling.wants_trace(decided().header, keeping=keeping) for _ in range(5)
        ]
        assert wanted == [True, True, True, False, False]

    def test_makes_them_all_where_nothing_can_be_counted(self, settings: Any) -> None:
        settings.FILES_ROOT = Path("/dev/null")
        keeping = Keeping(traces_per_second=1, trace_sample=0)

        assert all(
            sampling.wants_trace(decided().header, keeping=keeping) for _ in range(3)
        )


class TestWithoutTrace:
    def test_is_nothing_up_to_the_rate(self) -> None:
        envelopes = [decided() for _ in range(50)]

        assert without_trace(envelopes, keeping={1: Keeping(trace_sample=0)}) == set()

    def test_leaves_a_share_of_what_goes_beyond(self) -> None:
        envelopes = [decided() for _ in range(1_050)]

        bare = without_trace(envelopes, keeping={1: Keeping(trace_sample=0.5)})

        ids = [envelope.header.decision_id for envelope in envelopes]
        others = [each for each in ids if not is_sampled(each, share=0.5)]
        assert bare == set(others[50:])

    def test_counts_each_second_and_namespace_for_itself(self) -> None:
        keeping = Keeping(traces_per_second=1, trace_sample=0)
        envelopes = [
            decided(at_ms=SECOND_MS + second * 1_000, namespace_id=namespace_id)
            for second in range(3)
            for namespace_id in (1, 2)
        ]

        assert without_trace(envelopes, keeping={1: keeping, 2: keeping}) == set()

    def test_is_nothing_where_all_are_wanted_or_nothing_is_known(self) -> None:
        envelopes = [decided() for _ in range(200)]
        everything = Keeping(traces_per_second=0, trace_sample=0)

        assert without_trace(envelopes, keeping={1: everything}) == set()
        assert without_trace(envelopes, keeping={}) == set()


class TestKeepingOf:
    def test_takes_what_the_namespace_says(self) -> None:
        switches = {"keep_days": 7, "traces_per_second": 5, "trace_sample": 0.25}

        assert keeping_of(switches, default=Keeping()) == Keeping(
            days=7, traces_per_second=5, trace_sample=0.25
        )

    @given(
        st.dictionaries(
            st.sampled_from(["keep_days", "traces_per_second", "trace_sample"]),
            st.none() | st.booleans() | st.text() | st.integers() | st.floats(),
        )
    )
    def test_makes_sense_whatever_it_says(self, switches) -> None:
        found = keeping_of(switches, default=Keeping())

        assert 1 <= found.days <= 3_650
        assert found.traces_per_second >= 0
        assert 0 <= found.trace_sample <= 1
