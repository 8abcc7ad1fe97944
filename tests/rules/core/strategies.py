"""Random rules for the random shops of ``tests/ranking/strategies.py``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st

from rules.core.rule import Action, Rule, Target, TargetType, Window
from tests.ranking.strategies import TAGS
from tests.ranking.worlds import NOON_US

NOON = datetime.fromtimestamp(NOON_US / 1e6, UTC).replace(tzinfo=None)
BRANDS = ("acme", "Bolt", "nobody")
CATEGORIES = ("a", "A > B", "c", "hat", "d > x", "shoe")
numbers = st.sampled_from((0, 0.5, 1, 1.5, 5, 5.5, 20))
NUMBER_FIELDS = ("price", "stock", "margin", "novelty", "age_days")


@st.composite
def number_tests(draw):
    name = draw(st.sampled_from(("eq", "neq", "gt", "gte", "lt", "lte")))
    return {name: [draw(st.sampled_from(NUMBER_FIELDS)), draw(numbers)]}


word_tests = st.sampled_from(
    (
        {"eq": ["brand", "ACME"]},
        {"neq": ["brand", "Bolt"]},
        {"in": ["brand", ["bolt", "x"]]},
        {"contains": ["brand", "ol"]},
        {"eq": ["category", "a > b"]},
        {"contains": ["category", "HAT"]},
        {"contains": ["tags", "RED"]},
        {"in": ["tags", ["blue", "brand:acme"]]},
        {"eq": ["long_tail", True]},
        {"exists": "brand"},
        {"exists": "tags"},
        {"exists": "price"},
        {"in": ["price", [1, 5]]},
        {"eq": ["props.size", "xl"]},
        {"neq": ["props.size", "XL"]},
        {"in": ["props.size", ["xl", "X L"]]},
        {"in": ["props.size", [1, "xl"]]},
        {"contains": ["props.size", "L"]},
        {"exists": "props.kg"},
        {"eq": ["props.eco", True]},
        {"gte": ["props.kg", 2]},
        {"eq": ["props.kg", 2.5]},
    )
)
conditions = st.recursive(
    number_tests() | word_tests,
    lambda inner: st.one_of(
        st.builds(lambda part: {"not": part}, inner),
        st.builds(lambda parts: {"all": parts}, st.lists(inner, max_size=2)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, max_size=2)),
    ),
    max_leaves=3,
)


@st.composite
def targets(draw, item_ids):
    kind = draw(st.sampled_from(TargetType))
    if kind is TargetType.CONDITION:
        return Target(type=kind, condition=draw(conditions))
    words = {
        TargetType.ITEM: (*item_ids, "unknown"),
        TargetType.TAG: (*TAGS, "absent"),
        TargetType.BRAND: BRANDS,
        TargetType.CATEGORY: CATEGORIES,
    }[kind]
    values = st.lists(st.sampled_from(words), min_size=1, max_size=3, unique=True)
    return Target(
        type=kind,
        values=tuple(draw(values)),
        include_subcategories=draw(st.booleans()),
    )


@st.composite
def windows(draw):
    hours = draw(st.tuples(st.integers(-3, 2), st.integers(1, 4)))
    start = NOON + timedelta(hours=hours[0])
    end = start + timedelta(hours=hours[1])
    some_start, some_end = draw(st.sampled_from(((1, 1), (1, 0), (0, 1))))
    return Window(start=start if some_start else None, end=end if some_end else None)


@st.composite
def rules(draw, item_ids, *, number):
    action = draw(st.sampled_from((*Action, Action.BOOST, Action.PIN)))
    target = draw(targets(item_ids))
    told = {}
    if action is Action.BOOST:
        told["value"] = draw(st.sampled_from((0.25, 1, 3, -0.5)))
    elif action is Action.BURY:
        told["value"] = draw(st.sampled_from((0.25, 1)))
    elif action is Action.PIN:
        most = len(target.values) if target.type is TargetType.ITEM else 3
        position = st.none() | st.integers(1, 13)
        told["positions"] = tuple(draw(st.lists(position, max_size=most)))
        told["max_pins"] = draw(st.none() | st.integers(1, 3))
        told["even_if_unavailable"] = draw(st.booleans())
    return Rule(
        id=f"r{number}",
        action=action,
        target=target,
        surface=draw(st.sampled_from(("*", "*", "home", "default", "cart"))),
        segment=draw(st.sampled_from((None, None, "vip", "other"))),
        context=draw(st.sampled_from((None, None, {"eq": ["ctx.device", "phone"]}))),
        windows=tuple(draw(st.just([]) | st.lists(windows(), max_size=2))),
        priority=draw(st.integers(0, 2)),
        created_us=draw(st.integers(0, 2)),
        **told,
    )


@st.composite
def rulebooks(draw, item_ids):
    n = draw(st.integers(0, 7))
    return [draw(rules(item_ids, number=number)) for number in range(n)]
