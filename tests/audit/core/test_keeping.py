from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from audit.core import codec
from audit.core.codec import Envelope
from audit.core.keeping import Keeping, is_sampled, keeping_of, without_trace
from audit.spool import sampling
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
    @given(st.lists(st.integers(0, 2_500), max_size=60), st.integers(0, 12))
    def test_of_one_process_is_what_the_drainer_keeps(
        self, moments: list[int], rate: int
    ) -> None:
        keeping = Keeping(traces_per_second=rate, trace_sample=0.3)
        sampling._newest.clear()
        envelopes = [decided(at_ms=SECOND_MS + each) for each in sorted(moments)]

        unwanted = {
            each.header.decision_id
            for each in envelopes
            if not sampling.wants_trace(each.header, keeping=keeping)
        }

        assert unwanted == without_trace(envelopes, keeping={1: keeping})


class TestWithoutTrace:
    def test_is_nothing_up_to_the_rate(self) -> None:
        envelopes = [decided() for _ in range(50)]

        assert without_trace(envelopes, keeping={1: Keeping(trace_sample=0)}) == set()

    def test_leaves_a_share_of_what_goes_beyond(self) -> None:
        envelopes = [decided() for _ in range(1_050)]

        bare = without_trace(envelopes, keeping={1: Keeping(trace_sample=0.5)})

        assert 400 < len(bare) < 600
        beyond = [envelope.header.decision_id for envelope in envelopes[50:]]
        assert bare == {each for each in beyond if not is_sampled(each, share=0.5)}

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
