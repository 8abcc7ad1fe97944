from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from audit.core.frames import frame, split

payloads = st.lists(st.binary(max_size=50), max_size=6)


@given(payloads)
def test_frames_come_back_in_order(sent: list[bytes]) -> None:
    found = split(b"".join(map(frame, sent)))

    assert found.payloads == sent
    assert not found.is_torn
    assert not found.is_damaged


@given(payloads, st.binary(min_size=1, max_size=50), st.integers(1, 57))
def test_a_torn_end_costs_the_last_frame_alone(
    sent: list[bytes], last: bytes, missing: int
) -> None:
    torn = frame(last)[: -min(missing, len(last) + 7)]

    found = split(b"".join(map(frame, sent)) + torn)

    assert found.payloads == sent
    assert found.is_torn
    assert found.n_bytes == sum(len(frame(each)) for each in sent)


@given(payloads, st.binary(min_size=1, max_size=50), st.data())
def test_a_changed_payload_is_never_taken_for_sound(
    sent: list[bytes], last: bytes, data: st.DataObject
) -> None:
    whole = bytearray(b"".join(map(frame, sent)) + frame(last))
    whole[-data.draw(st.integers(1, len(last)))] ^= data.draw(st.integers(1, 255))

    found = split(bytes(whole))

    assert found.payloads == sent
    assert found.is_damaged
