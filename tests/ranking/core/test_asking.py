"""Any item can be asked about: why it is, or is not, in an answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ranking.core.asking import fate
from ranking.core.configuration import Configuration
from ranking.core.fate import Verdict
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.pipeline import rank
from ranking.core.request import Request
from ranking.core.world import World
from rules.core.rule import Action, Rule, Target, TargetType
from tests.ranking.reference_pipeline import bought, stands_in
from tests.ranking.strategies import histories, requests, shops
from tests.ranking.worlds import NOON_US, Item, Shop, make_history, make_snapshot
from tests.support.examples import examples


def asked(shop, request, events=(), *, rules=()):
    triples = ((event.item_id, event.type, event.days_ago) for event in events)
    inputs = Inputs(
        request=request,
        world=World.of(make_snapshot(shop)),
        history=make_history(shop, *triples),
        plan=Plan.of(Configuration(rules=tuple(rules))),
        at_us=NOON_US,
        seed=1,
    )
    ranking = rank(inputs)
    return ranking, lambda item_id: fate(ranking, item_id, inputs=inputs)


def page_of(k, **overrides):
    return Request(k=k, surface="home", overrides=overrides)


def row_of(n, **columns):
    return [
        Item(item_id=f"i{i:02}", popularity=n - i, number=i + 1, **columns)
        for i in range(n)
    ]


def rule(action, *item_ids, **fields):
    target = Target(type=TargetType.ITEM, values=item_ids)
    number = f"00000000-0000-0000-0000-{len(item_ids):012}"
    return Rule(id=number, action=action, target=target, **fields)


@st.composite
def questions(draw):
    shop = draw(shops(min_items=1))
    return shop, draw(requests(shop)), draw(histories(shop))


class TestAnyItem:
    @examples(25)
    @given(questions())
    def test_gets_the_verdict_that_slow_and_obvious_checks_give(self, question):
        shop, request, events = question
        ranking, ask = asked(shop, request, events)
        already = bought(events, ranking.knobs)
        excluded = set(request.constraints.exclude_item_ids)
        candidates = {
            ranking.pool.world.item_id(row) for row in ranking.pool.rows.tolist()
        }
        shown = list(ranking.item_ids)

        for item in shop.items:
            found = ask(item.item_id)

            name = item.item_id
            is_out = not stands_in(item, request) or name in already | excluded
            if name in shown:
                assert (found.verdict, found.slot) == (
                    Verdict.SHOWN,
                    shown.index(name) + 1,
                )
            elif is_out:
                assert found.verdict is Verdict.DROPPED
                assert found.drop
            elif name not in candidates:
                assert found.verdict is Verdict.NOT_PROPOSED
            else:
                assert found.verdict in {
                    Verdict.OUTRANKED,
                    Verdict.CAPPED,
                    Verdict.UNLIKE,
                }
                assert found.rank is not None

    @examples(15)
    @given(questions())
    def test_is_outranked_only_by_a_page_that_scores_no_lower(self, question):
        shop, request, events = question
        _, ask = asked(shop, request, events)

        for item in shop.items:
            found = ask(item.item_id)
            if found.verdict is Verdict.OUTRANKED and found.last_score is not None:
                assert found.score <= found.last_score
                assert found.gap >= 0
                assert found.rank > 0


class TestAnItemThatIsNotThere:
    def test_was_in_no_catalog(self):
        _, ask = asked(Shop(items=row_of(3)), page_of(2))

        assert ask("nothing").verdict is Verdict.UNKNOWN

    def test_lacked_some_score(self):
        _, ask = asked(Shop(items=row_of(5)), page_of(2, mmr_lambda=1.0))

        found = ask("i03")

        assert found.verdict is Verdict.OUTRANKED
        assert (found.rank, found.n_candidates) == (4, 5)
        assert found.gap > 0

    def test_met_a_full_cap(self):
        shop = Shop(
            items=[
                *row_of(4, brand="Acme"),
                Item(item_id="other", popularity=0.5, number=99, brand="Bolt"),
            ]
        )
        _, ask = asked(shop, page_of(3, brand_cap=2, mmr_lambda=1.0))

        found = ask("i02")

        assert ask("other").verdict is Verdict.SHOWN
        assert found.verdict is Verdict.CAPPED
        [full] = found.full
        assert (full.dimension, full.value, full.limit) == ("brand", "acme", 2)

    def test_was_too_like_what_is_shown(self):
        items = row_of(4, tags=["red"])
        shop = Shop(items=[*items, Item(item_id="odd", popularity=0.4, number=99)])
        _, ask = asked(shop, page_of(2, mmr_lambda=0.1, mmr_similarity="tags"))

        assert ask("odd").verdict is Verdict.SHOWN
        assert ask("i01").verdict is Verdict.UNLIKE

    def test_was_proposed_by_nobody_and_would_have_been_shown_or_not(self):
        _, ask = asked(Shop(items=row_of(9)), page_of(2, popularity_fanout=3))

        found = ask("i06")

        assert found.verdict is Verdict.NOT_PROPOSED
        said = {each.source: (each.place, each.limit) for each in found.said}
        assert said["popularity"] == (7, 3)
        assert found.would.verdict is Verdict.OUTRANKED
        assert found.would.rank == 4

    def test_was_blocked_by_a_rule_that_is_named(self):
        block = rule(Action.BLOCK, "i01", surface="home")
        _, ask = asked(Shop(items=row_of(5)), page_of(2), rules=[block])

        found = ask("i01")

        assert found.verdict is Verdict.BLOCKED
        assert [each.id for each in found.rules] == [block.id]

    def test_was_none_of_those_that_a_rule_shows(self):
        only = rule(Action.FILTER, "i03", "i04", surface="home")
        _, ask = asked(Shop(items=row_of(5)), page_of(2), rules=[only])

        found = ask("i00")

        assert found.verdict is Verdict.FILTERED
        assert [each.id for each in found.rules] == [only.id]


def test_a_pinned_item_names_its_rule():
    pin = rule(Action.PIN, "i04", surface="home", positions=(1,))
    _, ask = asked(Shop(items=row_of(5)), page_of(2), rules=[pin])

    found = ask("i04")

    assert (found.verdict, found.slot, found.is_pinned) == (Verdict.SHOWN, 1, True)
    assert [each.id for each in found.rules] == [pin.id]
