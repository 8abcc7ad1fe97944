from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ranking.core.reasons import reasons
from tests.ranking.changes import changed_shops, overlaid
from tests.ranking.strategies import histories, requests
from tests.rules.core.strategies import rulebooks
from tests.rules.core.test_rules_in_rankings import rank_with
from tests.support.examples import examples


def by_rules(ranking):
    return {n: count for n, count in ranking.counts.items() if n.startswith("rule_")}


class TestRulesOnNews:
    @examples(40)
    @given(st.data())
    def test_meet_changed_items_as_in_a_rebuilt_snapshot(self, data):
        before, after, changes = data.draw(changed_shops())
        question = (after, data.draw(requests(after)), data.draw(histories(after)))
        book = data.draw(rulebooks([item.item_id for item in after.items]))
        half = data.draw(st.integers(0, len(changes)))
        world = overlaid(before, after, changes[:half], changes[half:])
        if world is None:
            return  # a build fixes the length of vectors

        through_overlay = rank_with(*question, book, world=world)
        expected = rank_with(*question, book)

        assert through_overlay.item_ids == expected.item_ids
        assert through_overlay.scores.tolist() == expected.scores.tolist()
        assert reasons(through_overlay) == reasons(expected)
        assert by_rules(through_overlay) == by_rules(expected)
