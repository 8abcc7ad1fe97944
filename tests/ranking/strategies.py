"""Random small shops, users and requests, full of ties and missing values."""

from __future__ import annotations

import hypothesis.strategies as st

from ranking.core.request import Constraints, Request
from tests.ranking.reference_pipeline import Event
from tests.ranking.worlds import DAY_US, NOON_US, Item, Shop

TAGS = ("red", "Blue", "green", "brand:acme", "category:hat", "cat:shoe")
CATEGORIES = ((), ("a",), ("a", "b"), ("c", "hat"), ("d",))
ids = st.text("abéZ9-", min_size=1, max_size=3)
props = st.dictionaries(
    st.sampled_from(("size", "eco", "kg")),
    st.sampled_from((1, 2.5, "XL", "x l", True)),
    max_size=2,
)
halves = st.integers(0, 6).map(lambda x: x / 2)
vectors = st.none() | st.lists(st.integers(-3, 3), min_size=3, max_size=3)


@st.composite
def items(draw, item_id):
    return Item(
        item_id=item_id,
        popularity=draw(halves),
        tags=draw(st.lists(st.sampled_from(TAGS), max_size=3, unique=True)),
        brand=draw(st.sampled_from((None, "Acme", "Bolt", "acme"))),
        category=draw(st.sampled_from(CATEGORIES)),
        price=draw(st.none() | st.sampled_from((1.0, 5.0, 5.5, 20.0))),
        stock=draw(st.none() | st.integers(0, 2)),
        available=draw(st.integers(0, 9)) > 0,
        margin=draw(st.none() | halves),
        novelty=draw(st.none() | halves),
        created_us=NOON_US - draw(st.integers(0, 3)) * DAY_US,
        long_tail=draw(st.booleans()),
        trend=draw(st.sampled_from([0.0, 0.25, 0.75])),
        content=draw(vectors),
        factors=draw(vectors),
        props=draw(props),
    )


@st.composite
def shops(draw, *, min_items=0):
    names = draw(st.lists(ids, unique=True, min_size=min_items, max_size=22))

    def neighbours():
        if not names:
            return {}
        some = st.sampled_from(names)
        others = st.dictionaries(some, st.sampled_from((0.25, 0.5, 0.7)), max_size=5)
        return draw(st.dictionaries(some, others, max_size=6))

    return Shop(
        items=[draw(items(name)) for name in names],
        covisitation=neighbours(),
        session=neighbours(),
        ease=neighbours(),
    )


@st.composite
def histories(draw, shop):
    if not shop.items:
        return []
    names = [item.item_id for item in shop.items]
    # Distinct ages: of two events at one moment neither is the newer.
    ages = draw(st.lists(st.integers(0, 400), unique=True, max_size=12))
    return [
        Event(draw(st.sampled_from(names)), draw(st.integers(0, 5)), age / 4)
        for age in ages
    ]


@st.composite
def requests(draw, shop):
    names = [item.item_id for item in shop.items] or ["x"]
    excluded = st.lists(st.sampled_from([*names, "unknown"]), max_size=3)
    return Request(
        user_id=None,
        k=draw(st.integers(1, 12)),
        constraints=Constraints(
            include_tags_any=tuple(
                draw(st.just([]) | st.lists(st.sampled_from(TAGS), max_size=2))
            ),
            exclude_item_ids=tuple(draw(excluded)),
            price_min=draw(st.none() | st.sampled_from((0.0, 5.0))),
            price_max=draw(st.none() | st.sampled_from((5.0, 30.0))),
            created_after_us=draw(st.none() | st.just(NOON_US - 2 * DAY_US)),
        ),
        overrides=draw(overrides()),
    )


@st.composite
def overrides(draw):
    weight = st.sampled_from((0, 0.3, 1))
    optional = {
        "blend_alpha": weight,
        "blend_beta": weight,
        "blend_gamma": weight,
        "repeat_weight": weight,
        "margin_weight": weight,
        "novelty_weight": weight,
        "long_tail_weight": weight,
        "trend_weight": weight,
        "collaborative_weight": weight,
        "content_weight": weight,
        "embedding_weight": weight,
        "similarity": st.sampled_from(("max", "weighted")),
        "normalisation": st.sampled_from(("max", "rank", "minmax", "root")),
        "ease_anchors": st.integers(1, 3),
        "mmr_lambda": st.sampled_from((0, 0.5, 0.75, 1, "off")),
        "mmr_similarity": st.sampled_from(("embedding", "tags")),
        "mmr_order": st.sampled_from(("mmr", "score")),
        "brand_cap": st.integers(0, 2),
        "category_cap": st.integers(0, 2),
        "caps_strict": st.booleans(),
        "popularity_fanout": st.integers(1, 6),
        "covis_fanout": st.integers(0, 3),
        "category_fanout": st.integers(0, 3),
        "collaborative_fanout": st.integers(0, 3),
        "content_fanout": st.integers(0, 3),
        "embedding_fanout": st.integers(0, 3),
        "repeat_fanout": st.integers(0, 3),
        "profile_boost": st.sampled_from((0, 0.7)),
        "profile_top_n": st.integers(1, 4),
        "rule_exclude_events": st.booleans(),
        "exclude_event_types": st.sampled_from(([], [3], [0, 3])),
    }
    return draw(st.fixed_dictionaries({}, optional=optional))
