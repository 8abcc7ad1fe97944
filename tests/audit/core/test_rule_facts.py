"""What a trace tells of each rule, against counting by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audit.core.columns import Columns
from audit.core.record import Trace
from audit.core.rule_facts import facts_of
from tests.factories.audit import make_record

RULE = "0197f0a2-7b3c-7d4e-9f10-2a3b4c5d6e7f"


def told(action: str = "BOOST", **columns: Any) -> dict[str, Any]:
    return {"id": RULE, "action": action, "matched": 3, "shown": 1, **columns}


def traced(
    before: list[float],
    after: list[float],
    *,
    page: list[int],
    reasons: dict[int, str],
    rule: dict[str, Any],
) -> Trace:
    numbers = np.arange(1, len(before) + 1, dtype=np.int64)
    record = make_record(k=len(page)).trace
    items = msgspec.structs.replace(
        record.items,
        ids=[str(number) for number in page],
        reasons=[["x", *([reasons[n]] if n in reasons else [])] for n in page],
        columns=Columns({"number": np.array(page, dtype=np.int64)}),
    )
    candidates = Columns(
        {
            "number": numbers,
            "personalised": np.array(before, dtype=np.float32),
            "final": np.array(after, dtype=np.float32),
        }
    )
    return msgspec.structs.replace(
        record, items=items, candidates=candidates, rules=(rule,)
    )


@given(
    st.permutations(range(1, 9)),
    st.permutations(range(1, 9)),
    st.sets(st.integers(1, 8), max_size=4),
)
def test_an_item_moved_if_its_rank_did(
    before: list[int], after: list[int], touched: set[int]
) -> None:
    page = sorted(range(1, 9), key=lambda number: -after[number - 1])[:5]
    reasons = dict.fromkeys(touched, f"rule.boost:+0.25[{RULE}]")
    trace = traced(
        [float(score) for score in before],
        [float(score) for score in after],
        page=page,
        reasons=reasons,
        rule=told(),
    )

    [fact] = facts_of(trace)

    shown = touched & set(page)
    by_hand = sum(9 - before[n - 1] != 9 - after[n - 1] for n in shown)
    assert fact.items == shown
    assert fact.moved == by_hand


def test_a_pinned_item_moved_if_its_slot_is_not_its_rank() -> None:
    trace = traced(
        [3.0, 2.0, 1.0],
        [3.0, 2.0, 1.0],
        page=[3, 1, 2],
        reasons={3: f"rule.pin[{RULE}]"},
        rule=told("PIN"),
    )

    [fact] = facts_of(trace)

    assert fact.moved == 1


def test_a_rule_that_was_to_show_items_and_did_not_had_no_effect() -> None:
    scores = [2.0, 1.0]
    nothing: dict[int, str] = {}

    def fact(rule: dict[str, Any]) -> Any:
        [found] = facts_of(traced(scores, scores, page=[1], reasons=nothing, rule=rule))
        return found

    assert fact(told(shown=0)).without_effect
    assert not fact(told(shown=1)).without_effect
    assert not fact(told(shown=0, held=True)).without_effect
    assert not fact(told("BLOCK", shown=0)).without_effect


def test_a_rule_whose_id_is_none_is_left_out() -> None:
    rule = {**told(), "id": "draft"}

    assert facts_of(traced([1.0], [1.0], page=[1], reasons={}, rule=rule)) == []
