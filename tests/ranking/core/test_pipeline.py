from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.core.answer import answer_digest, reasons
from ranking.core.configuration import Configuration
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.pipeline import NO_RULES, arrange, arrange_many, rank
from ranking.core.world import World
from tests.ranking.reference_pipeline import reference_rank
from tests.ranking.strategies import histories, requests, shops
from tests.ranking.worlds import NOON_US, make_history, make_snapshot

PLAN = Plan.of(Configuration())


@st.composite
def questions(draw, *, min_items=0):
    shop = draw(shops(min_items=min_items))
    return shop, draw(requests(shop)), draw(histories(shop))


def inputs_of(shop, request, events, *, seed=1):
    return Inputs(
        request=request,
        world=World.of(make_snapshot(shop)),
        history=make_history(
            shop, *((event.item_id, event.type, event.days_ago) for event in events)
        ),
        plan=PLAN,
        at_us=NOON_US,
        seed=seed,
    )


def digest(ranking):
    return answer_digest(ranking)


class TestRank:
    @settings(max_examples=300, deadline=None)
    @given(questions())
    def test_agrees_with_the_slow_and_obvious_ranking(self, question):
        shop, request, events = question
        ranking = rank(inputs_of(shop, request, events))

        expected = reference_rank(shop, request, events, ranking.knobs)

        assert list(ranking.item_ids) == [item_id for item_id, _ in expected]
        assert ranking.scores.tolist() == pytest.approx(
            [score for _, score in expected], rel=1e-8
        )
