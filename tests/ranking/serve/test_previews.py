"""What a preview shows is what is served, to the last byte."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from catalog.core.moments import microseconds
from catalog.tenancy import org_scope
from ranking.core.editing.edits import Do, Edit, Scope, Terms
from ranking.core.editing.sheet import Sheet
from ranking.core.request import Constraints, Request
from ranking.operations.page_drafts import (
    OvertakenDraftError,
    save_page,
    stamp_of,
)
from ranking.queries.configurations import compose, with_rule_changes
from ranking.queries.page_rules import lines_of, unsaved_changes
from ranking.serve import Call, answer, preview
from ranking.serve.previews import preview_pages, within_segment, without_rules
from rules.models import ChangeSet, CheckKind
from rules.operations.actors import Actor, of_job
from rules.operations.change_sets import Purpose, items_of
from rules.operations.checks import Outcome, store_check
from rules.operations.publishing import publish_change_set
from tests.ranking.builds import build
from tests.ranking.shops import Shop, item

SURFACES = ["home", "search", "basket"]
USERS = [None, "stranger", *(f"u{n}" for n in range(12))]
KINDS = ["view", "click", "add", "purchase"]
ELLIE = of_job("ellie")
HOME = Scope("home")


@pytest.fixture
def ruled(shop: Shop, settings: Any) -> Shop:
    """A shop with a few items, a segment and rules of every kind."""
    # On a busy machine one of a thousand answers would be late, and so a poorer one.
    settings.REQUEST_DEADLINE_MS = 60_000
    shop.sell(*ITEMS)
    for body in RULES:
        shop.ask("/v1/admin/rules", **{"surface": "home", **body})
    shop.ask("/v1/segment-profiles:upsert", profiles=[{"profile_id": "bulk"}])
    shop.ask("/v1/segments:upsert", segment=SEGMENT)
    return shop


@pytest.fixture
def busy(ruled: Shop) -> Shop:
    """The shop with what a dozen users did, and signals made of it."""
    dice = random.Random(20261121)
    for user in USERS[2:]:
        seen = dice.sample(range(40), 6)
        ruled.record(*[(str(user), f"i{n}", dice.choice(KINDS)) for n in seen])
    build(ruled)
    return ruled


@pytest.fixture
def inside(ruled: Shop) -> Iterator[Shop]:
    """The shop, within its org's scope."""
    with org_scope(ruled.org_id):
        yield ruled


ITEMS = [
    item(
        f"i{n}",
        price=5.0 + n,
        tags=[f"t{n % 5}"],
        brand=f"b{n % 4}",
        category_path=["Home", f"c{n % 3}"],
        stock=None if n % 7 else n % 2,
    )
    for n in range(40)
]
RULES: list[dict[str, Any]] = [
    {"name": "pins", "action": "PIN", "target_type": "ITEM", "item_ids": ["i9", "i3"]},
    {"name": "best", "action": "PIN", "target_type": "TAG", "target_key": "t2"},
    {"name": "no", "action": "BLOCK", "target_type": "BRAND", "target_key": "b1"},
    {
        "name": "up",
        "action": "BOOST",
        "target_type": "ITEM",
        "item_ids": ["i30"],
        "boost_value": 0.8,
        "surface": "*",
    },
    {
        "name": "down",
        "action": "BURY",
        "target_type": "CATEGORY",
        "target_key": "Home > c1",
        "boost_value": 0.5,
        "surface": "search",
    },
]
SEGMENT = {
    "segment_id": "bulk",
    "profile_id": "bulk",
    "priority": 5,
    "active": True,
    "rules": [{"rule": {"eq": ["ctx.device", "desktop"]}, "enabled": True}],
}


def questions(count: int) -> Iterator[Request]:
    """Return requests of many kinds, the same ones every time."""
    dice = random.Random(7)
    for _ in range(count):
        yield Request(
            namespace="shop",
            surface=dice.choice(SURFACES),
            user_id=dice.choice(USERS),
            k=dice.choice([1, 3, 12, 24, 48]),
            context={"device": dice.choice(["desktop", "phone"])},
            constraints=Constraints(
                price_max=dice.choice([None, None, 20.0]),
                include_tags_any=dice.choice([(), (), ("t1", "t2")]),
            ),
            overrides=dice.choice([{}, {"mmr_lambda": 0.5}, {"brand_cap": 2}]),
            explain_level=dice.choice(["tags", "full"]),
        )


def told(found: Any) -> bytes:
    """Return a canonical answer in bytes."""
    return msgspec.json.encode(found.canonical, order="deterministic")


def served(shop: Shop, request: Request, *, wall_us: int) -> bytes:
    """Return what the shop is answered, as it is kept for replays."""
    asked = msgspec.structs.replace(request, include_reasons=True)
    call = Call(namespace=shop.namespace, request=asked, wall_us=wall_us)
    return told(answer(call))


def edited(shop: Shop, *edits: Edit, draft: ChangeSet | None = None) -> Sheet:
    sheet = Sheet(
        lines_of(shop.namespace, edits, draft=draft),
        terms=Terms(at=timezone.now(), owner="ellie"),
        titles={},
    )
    sheet.apply(edits)
    return sheet


EDITS = (
    Edit(do=Do.PIN, item="i3", scope=HOME, position=4),
    Edit(do=Do.PIN, item="i17", scope=HOME, position=2),
    Edit(do=Do.PIN, item="not-yet-sold", scope=HOME, position=3),
    Edit(do=Do.BLOCK, item="i10", scope=HOME),
    Edit(do=Do.BOOST, item="i20", scope=HOME, value=1.0),
    Edit(do=Do.BURY, item="i2", scope=Scope("search"), value=0.6),
    Edit(do=Do.PIN, item="i5", scope=Scope("basket", "bulk"), position=1),
)


def save(shop: Shop, sheet: Sheet, *, actor: Actor = ELLIE) -> ChangeSet:
    purpose = Purpose(title="Launch week", reason="Lead with lighting.")
    return save_page(
        shop.namespace, sheet.edited, into=purpose, actor=actor, at=timezone.now()
    )


def publish(change_set: ChangeSet) -> None:
    """Let a change set pass, and put it in force."""
    now = timezone.now()
    found = Outcome(kind=CheckKind.FULL, findings=[])
    store_check(change_set, found, items=items_of(change_set), actor=ELLIE, at=now)
    publish_change_set(change_set, actor=ELLIE, at=now)


@pytest.mark.parametrize("count", [60, pytest.param(1_000, marks=pytest.mark.prove)])
class TestPreviewAndServing:
    def test_are_identical(self, busy: Shop, count: int) -> None:
        now_us = microseconds(datetime.now(UTC))

        for request in questions(count):
            shown = told(preview(busy.namespace, request, wall_us=now_us))
            assert shown == served(busy, request, wall_us=now_us)

    def test_are_identical_after_a_draft_is_published(
        self, busy: Shop, count: int
    ) -> None:
        with org_scope(busy.org_id):
            draft = save(busy, edited(busy, *EDITS))
            would_be = compose(busy.namespace, change_sets=[draft])
        # A moment that is still to come: the change is in force then.
        then_us = microseconds(datetime.now(UTC) + timedelta(minutes=1))
        asked = list(questions(count))
        before = [
            told(preview(busy.namespace, each, wall_us=then_us, draft=would_be))
            for each in asked
        ]

        with org_scope(busy.org_id):
            publish(draft)

        after = [served(busy, each, wall_us=then_us) for each in asked]
        assert before == after


class TestPages:
    def test_shows_unsaved_edits_as_saved_ones(self, inside: Shop) -> None:
        sheet = edited(inside, *EDITS)
        changes = unsaved_changes(inside.namespace, sheet.changed)
        unsaved = compose(inside.namespace, changes=changes)
        assert with_rule_changes(compose(inside.namespace), changes) == unsaved
        saved = compose(inside.namespace, change_sets=[save(inside, sheet)])
        now_us = microseconds(datetime.now(UTC))

        for request in questions(30):
            one, other = (
                preview_pages(inside.namespace, request, wall_us=now_us, draft=draft)
                for draft in (unsaved, saved)
            )
            assert one.draft.ranking.item_ids == other.draft.ranking.item_ids
            assert one.changed_slots == other.changed_slots

    def test_counts_positions_that_show_something_else(self, inside: Shop) -> None:
        request = Request(namespace="shop", surface="home", k=12)
        now_us = microseconds(datetime.now(UTC))
        live = preview(inside.namespace, request, wall_us=now_us).ranking.item_ids
        last = Edit(do=Do.PIN, item=live[-1], scope=HOME, position=1)
        changes = unsaved_changes(inside.namespace, edited(inside, last).changed)

        pages = preview_pages(
            inside.namespace,
            request,
            wall_us=now_us,
            draft=compose(inside.namespace, changes=changes),
        )

        assert pages.live.ranking.item_ids == live
        assert pages.draft.ranking.item_ids[0] == live[-1]
        assert pages.changed_slots == sum(
            one != other
            for one, other in zip(live, pages.draft.ranking.item_ids, strict=True)
        )

    def test_belongs_to_the_segment_that_is_named(self, inside: Shop) -> None:
        request = Request(namespace="shop", surface="home", k=5)

        pages = preview_pages(
            inside.namespace,
            request,
            wall_us=microseconds(datetime.now(UTC)),
            segment="bulk",
        )

        assert pages.live.canonical["segment_id"] == "bulk"

    def test_a_named_segment_is_served_as_its_own_people_are(
        self, inside: Shop
    ) -> None:
        now_us = microseconds(datetime.now(UTC))
        anybody = Request(namespace="shop", surface="home", k=24)
        one_of_them = msgspec.structs.replace(anybody, context={"device": "desktop"})

        pages = preview_pages(inside.namespace, anybody, wall_us=now_us, segment="bulk")

        theirs = preview(inside.namespace, one_of_them, wall_us=now_us)
        assert pages.live.ranking.item_ids == theirs.ranking.item_ids

    def test_leaves_out_rules_that_are_switched_off(self, inside: Shop) -> None:
        composed = compose(inside.namespace)
        pins = next(rule for rule in composed.rules if rule.name == "pins")

        left = without_rules(composed, {pins.id})

        assert [rule.name for rule in left.rules] == ["best", "no", "up", "down"]
        assert within_segment(left, "bulk").segments[0].rules == ()


class TestSaving:
    def test_changes_the_rule_that_pins_and_makes_one_for_the_rest(
        self, inside: Shop
    ) -> None:
        draft = save(inside, edited(inside, *EDITS))

        names = sorted(each.rule.name for each in items_of(draft))
        assert names == [
            "Block i10",
            "Boost i20",
            "Bury i2",
            "Pins on basket for bulk",
            "Pins on home",
            "pins",
        ]

    def test_goes_on_with_a_draft(self, inside: Shop) -> None:
        draft = save(inside, edited(inside, EDITS[1]))
        more = edited(
            inside, Edit(do=Do.PIN, item="i18", scope=HOME, position=5), draft=draft
        )

        save_page(
            inside.namespace,
            more.edited,
            into=draft,
            seen=stamp_of(draft),
            actor=ELLIE,
            at=timezone.now(),
        )

        [only] = items_of(draft)
        assert only.content["rule"]["target"]["values"] == ["i18", "i17"]

    def test_drops_from_a_draft_what_was_never_published(self, inside: Shop) -> None:
        draft = save(inside, edited(inside, EDITS[1], EDITS[3]))
        unpinned = edited(
            inside, Edit(do=Do.UNPIN, item="i17", scope=HOME), draft=draft
        )

        save_page(
            inside.namespace,
            unpinned.edited,
            into=draft,
            seen=stamp_of(draft),
            actor=ELLIE,
            at=timezone.now(),
        )

        assert [each.rule.name for each in items_of(draft)] == ["Block i10"]

    def test_refuses_a_draft_that_somebody_saved_meanwhile(self, inside: Shop) -> None:
        draft = save(inside, edited(inside, EDITS[1]))
        seen = stamp_of(draft)
        theirs = edited(inside, EDITS[3], draft=draft)
        save_page(
            inside.namespace,
            theirs.edited,
            into=draft,
            seen=seen,
            actor=of_job("tom"),
            at=timezone.now() + timedelta(seconds=1),
        )
        mine = edited(inside, EDITS[4], draft=draft)

        with pytest.raises(OvertakenDraftError):
            save_page(
                inside.namespace,
                mine.edited,
                into=draft,
                seen=seen,
                actor=ELLIE,
                at=timezone.now(),
            )

        assert len(items_of(draft)) == 2
