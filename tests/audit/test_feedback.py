"""Feedback: taken once, tied to its answer, counted once, whatever comes how late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from audit.core.feedback import WAIT_MINUTES, FeedbackIn
from audit.models import Feedback, FeedbackState, UntiedEvent
from audit.operations.feedback import faults_of, store_feedback
from audit.tasks import keep_feedback
from catalog.core.wire import EventIn, EventTypeIn
from catalog.operations.event_types import upsert_event_types
from catalog.operations.events import store_events
from tests.audit.feedback_shop import SOON, Shop, open_shop
from tests.clock import NOON
from tests.factories.audit import new_decision_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(spool_directory: Any) -> Shop:
    return open_shop()


def say(
    shop: Shop,
    decision_id: UUID,
    kind: str = "click",
    *,
    at: datetime = NOON,
    **row: Any,
) -> tuple[int, int]:
    if not row:
        row = {"item_id": "i2"}
    said = FeedbackIn(decision_id=decision_id, kind=kind, **row)  # type: ignore[arg-type]
    with shop.scope():
        stored = store_feedback(shop.namespace, [said], at=NOON)
    return stored.accepted, stored.duplicates


def states(shop: Shop) -> list[str]:
    with shop.scope():
        rows = Feedback.objects.order_by("key").values_list("state", flat=True)
        return [FeedbackState(state).name for state in rows]


def event(shop: Shop, *, at: datetime = NOON, kind: int | str = 1, **meta: str) -> None:
    sent = EventIn(user_id="ana", item_id="i2", type=kind, ts=at, meta={**meta})
    with shop.scope():
        store_events(shop.namespace, [sent], at=at)
    shop.namespace.refresh_from_db()


class TestAnswersAndClicks:
    def test_are_counted_by_every_property_of_the_answer(self, shop: Shop) -> None:
        decision_id = shop.answer(surface="home", segment="new", profile_version=7)
        say(shop, decision_id)
        shop.keep()

        for dimension, value in (
            ("all", ""),
            ("surface", "home"),
            ("segment", "new"),
            ("profile", "default 7"),
        ):
            counts = shop.counts(dimension, value)
            assert (counts.answers, counts.served, counts.clicks) == (1, 3, 1)
        assert [shop.counts("slot", str(slot)).clicks for slot in (1, 2, 3)] == [
            0,
            1,
            0,
        ]
        assert shop.counts("slot", "2").served == 1

    def test_are_counted_once_however_often_it_is_looked(self, shop: Shop) -> None:
        say(shop, shop.answer())
        shop.keep()
        shop.keep()

        counts = shop.counts()
        assert (counts.answers, counts.clicks) == (1, 1)

    def test_stand_in_the_hour_of_the_answer(self, shop: Shop) -> None:
        decision_id = shop.answer(at=NOON - timedelta(minutes=30))
        say(shop, decision_id)
        shop.keep()

        with shop.scope():
            [row] = Feedback.objects.all()
            assert row.state == FeedbackState.COUNTED
        assert (
            shop.hours() == 7
        )  # One hour: all, surface, segment, profile, three slots.

    def test_of_decisions_that_are_stored_later_are_added(self, shop: Shop) -> None:
        shop.answer()
        shop.keep()
        shop.answer(at=NOON - timedelta(hours=3))
        shop.keep()

        assert shop.counts().answers == 2


class TestFeedbackIsNotCounted:
    def test_twice_when_it_is_sent_twice(self, shop: Shop) -> None:
        decision_id = shop.answer()

        assert say(shop, decision_id) == (1, 0)
        assert say(shop, decision_id) == (0, 1)
        shop.keep()
        assert shop.counts().clicks == 1

    def test_twice_under_two_ids_of_the_client(self, shop: Shop) -> None:
        decision_id = shop.answer()
        say(shop, decision_id, item_id="i2", feedback_id="a")
        say(shop, decision_id, item_id="i2", feedback_id="b")
        shop.keep()
        say(shop, decision_id, slot=2)
        shop.keep()

        assert states(shop) == ["COUNTED", "REPEATED", "REPEATED"]
        assert shop.counts().clicks == 1

    def test_after_its_window(self, shop: Shop) -> None:
        decision_id = shop.answer(at=NOON - timedelta(hours=30))
        say(shop, decision_id, "click")
        say(shop, decision_id, "purchase")
        shop.keep()

        assert sorted(states(shop)) == ["COUNTED", "LATE"]
        assert (shop.counts().clicks, shop.counts().purchases) == (0, 1)

    def test_for_an_item_that_was_not_in_the_answer(self, shop: Shop) -> None:
        decision_id = shop.answer()
        say(shop, decision_id, item_id="i9")
        say(shop, decision_id, slot=4)
        shop.keep()

        assert states(shop) == ["ELSEWHERE", "ELSEWHERE"]

    def test_for_another_tenants_answer(self, shop: Shop, spool_directory: Any) -> None:
        other = open_shop("other")
        decision_id = other.answer()
        say(shop, decision_id)
        say(other, decision_id)
        late = NOON + timedelta(minutes=WAIT_MINUTES + 1)
        shop.keep(late)
        other.keep(late)

        assert states(shop) == ["UNKNOWN"]
        assert states(other) == ["COUNTED"]
        assert shop.counts().clicks == 0


class TestFeedbackThatComesFirst:
    def test_waits_for_its_answer(self, shop: Shop) -> None:
        decision_id = UUID(bytes=new_decision_id(at_ms=int(NOON.timestamp() * 1000)))
        say(shop, decision_id)
        shop.keep()
        before = states(shop)
        shop.answer(decision_id=decision_id.bytes)
        shop.keep()

        assert before == ["NEW"]
        assert states(shop) == ["COUNTED"]

    def test_is_given_up_after_a_while(self, shop: Shop) -> None:
        say(shop, UUID(bytes=new_decision_id(at_ms=int(NOON.timestamp() * 1000))))
        shop.keep(NOON + timedelta(minutes=WAIT_MINUTES + 1))

        assert states(shop) == ["UNKNOWN"]


class TestAnEventThatNamesAnAnswer:
    def test_is_feedback_by_the_request_id(self, shop: Shop) -> None:
        shop.answer(request_id="page-1")
        event(shop, request_id="page-1")
        shop.keep()

        assert shop.counts("slot", "2").clicks == 1

    @pytest.mark.parametrize("name", ["decision_id", "request_id"])
    def test_is_feedback_by_the_decision_id(self, shop: Shop, name: str) -> None:
        decision_id = shop.answer()
        event(shop, **{name: str(decision_id)})  # type: ignore[arg-type]
        shop.keep()

        assert shop.counts().clicks == 1

    def test_is_tied_to_the_answer_that_held_its_item(self, shop: Shop) -> None:
        wanted = shop.answer(["i2", "i3"], request_id="page-1")
        shop.answer(["i4", "i5"], request_id="page-1", at=NOON + timedelta(seconds=1))
        event(shop, request_id="page-1", at=NOON + SOON)
        shop.keep()

        with shop.scope():
            assert Feedback.objects.get().decision_id == wanted

    def test_waits_for_the_answer(self, shop: Shop) -> None:
        event(shop, request_id="page-1")
        shop.keep()
        with shop.scope():
            waiting = UntiedEvent.objects.count()
        shop.answer(request_id="page-1")
        shop.keep()

        assert waiting == 1
        assert shop.counts().clicks == 1
        with shop.scope():
            assert not UntiedEvent.objects.exists()

    def test_finds_an_old_answer_before_it_is_given_up(self, shop: Shop) -> None:
        shop.answer(request_id="page-1", at=NOON - timedelta(days=5))
        event(shop, kind="purchase", request_id="page-1")
        shop.keep()
        early = shop.counts().purchases
        shop.keep(NOON + timedelta(minutes=WAIT_MINUTES + 2))

        assert early == 0
        assert shop.counts().purchases == 1

    def test_of_a_request_nobody_knows_is_let_go(self, shop: Shop) -> None:
        event(shop, request_id="nobody")
        shop.keep()
        shop.keep(NOON + timedelta(minutes=WAIT_MINUTES + 2))

        with shop.scope():
            assert not UntiedEvent.objects.exists()
            assert not Feedback.objects.exists()

    def test_is_what_its_type_says_and_for_as_long(self, shop: Shop) -> None:
        wish = EventTypeIn(
            type=9, name="wish", weight=1, feedback="cart", attribution_hours=1
        )
        with shop.scope():
            upsert_event_types(shop.namespace, [wish], at=NOON)
        near = shop.answer(at=NOON - timedelta(minutes=30))
        far = shop.answer(at=NOON - timedelta(minutes=90))
        for decision_id in (near, far):
            event(shop, kind="wish", decision_id=str(decision_id))
        shop.keep()

        assert shop.counts().carts == 1
        assert sorted(states(shop)) == ["COUNTED", "LATE"]

    def test_of_a_type_that_says_nothing_is_none(self, shop: Shop) -> None:
        event(shop, kind="custom", decision_id=str(shop.answer()))
        shop.keep()

        assert states(shop) == []


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ({"decision_id": uuid4(), "item_id": "i1"}, "invalid_decision_id"),
            ({"item_id": None}, "missing_item"),
            ({"item_id": "never"}, "unknown_item"),
            ({"item_id": "i1", "feedback_id": "\t"}, "invalid_id"),
            ({"item_id": "i1", "ts": NOON + timedelta(days=3)}, "invalid_timestamp"),
        ],
    )
    def test_is_said_of_each_row(
        self, shop: Shop, row: dict[str, Any], code: str
    ) -> None:
        decision_id = UUID(bytes=new_decision_id(at_ms=int(NOON.timestamp() * 1000)))
        said = FeedbackIn(**{"decision_id": decision_id, "kind": "click", **row})
        with shop.scope():
            [fault] = faults_of(shop.namespace, [(4, said)], at=NOON)

        assert (fault.code, fault.index) == (code, 4)

    @pytest.mark.parametrize(
        ("days", "code"), [(40, "decision_too_old"), (-1, "invalid_decision_id")]
    )
    def test_is_an_answer_of_another_time(
        self, shop: Shop, days: int, code: str
    ) -> None:
        moment = NOON - timedelta(days=days)
        decision_id = UUID(bytes=new_decision_id(at_ms=int(moment.timestamp() * 1000)))
        said = FeedbackIn(decision_id=decision_id, kind="click", slot=1)
        with shop.scope():
            [fault] = faults_of(shop.namespace, [(0, said)], at=NOON)

        assert fault.code == code


class TestARule:
    RULE = "0197f0a2-7b3c-7d4e-9f10-2a3b4c5d6e7f"

    def met(self, *, held: bool = False, shown: int = 1) -> dict[str, Any]:
        told = {"id": self.RULE, "version": 1, "name": "r", "kind": "RULE"}
        told |= {"action": "BOOST", "matched": 2, "shown": shown}
        return {**told, "held": True} if held else told

    def test_is_told_what_it_did_and_what_came_of_it(self, shop: Shop) -> None:
        boosted = {"i2": f"rule.boost:+0.25[{self.RULE}]"}
        decision_id = shop.answer(rules=[self.met()], reasons=boosted)
        say(shop, decision_id, item_id="i2")
        say(shop, decision_id, item_id="i3")
        say(shop, decision_id, "purchase", item_id="i2")
        shop.keep()

        [acted] = shop.rule_hours(self.RULE)
        assert (acted.answers, acted.served, acted.clicks) == (1, 3, 2)
        assert (acted.matched, acted.exposed) == (2, 1)
        assert (acted.item_clicks, acted.item_purchases) == (1, 1)
        assert acted.without_effect == 0
        assert shop.counts("rule", self.RULE).clicks == 2

    def test_is_told_apart_from_those_held_out_of_it(self, shop: Shop) -> None:
        say(shop, shop.answer(rules=[self.met(held=True, shown=0)]))
        say(shop, shop.answer(rules=[self.met(shown=0)]))
        shop.keep()

        assert shop.counts("rule", self.RULE).answers == 1
        acted, held = shop.rule_hours(self.RULE)
        assert (acted.clicks, held.clicks) == (1, 1)
        assert (acted.without_effect, held.without_effect) == (1, 0)


def test_the_task_looks_after_every_org(shop: Shop, spool_directory: Any) -> None:
    other = open_shop("other")
    for each in (shop, other):
        each.answer()
    keep_feedback()

    assert [each.counts().answers for each in (shop, other)] == [1, 1]
