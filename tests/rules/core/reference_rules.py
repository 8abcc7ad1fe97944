"""What rules do, once more, slow and obvious: plain loops and dictionaries.

Written from the description of the rules, not from the fast code, so that both
must agree before either is believed. The ranking up to the rules is that of
``tests/ranking/reference_pipeline.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC

from ranking.core.knobs import Knobs
from ranking.core.request import Request
from rules.core.rule import Action, Rule, TargetType
from tests.ranking import reference_pipeline as before
from tests.ranking.worlds import DAY_US, NOON_US, Item, Shop


@dataclass
class Told:
    """A page, and what rules had to do with it."""

    page: list[tuple[str, float]] = field(default_factory=list)
    blocked: int = 0
    boosted: int = 0
    injected: int = 0
    pins: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Item id → its place, and the rule that pins it there."""
    unpinned: list[tuple[str, str | None, str]] = field(default_factory=list)
    """Rule, item, reason."""
    reasons: dict[str, list[str]] = field(default_factory=dict)
    """Item id → the rules that moved its score, in order."""


@dataclass
class Window:
    """All that may be pinned, and all that may not."""

    items: dict[str, Item]
    kept: dict[str, float]
    eligible: set[str]
    hidden: set[str]
    out: set[str]
    request: Request


def reference_rules(
    shop: Shop,
    request: Request,
    events: list[before.Event],
    knobs: Knobs,
    *,
    rules: list[Rule],
    segment: str | None,
    at_us: int,
) -> Told:
    items = {item.item_id: item for item in shop.items}
    rules = [r for r in rules if acts(r, request, segment=segment, at_us=at_us)]
    rules.sort(key=lambda rule: (-rule.priority, rule.created_us, rule.id))
    told = Told()
    ranked = up_to_the_rules(shop, request, events, knobs)
    hidden = {i for i in items if is_hidden(items[i], rules)}
    scores = without_hidden(told, ranked, hidden)
    window = Window(items, scores, ranked.eligible, hidden, ranked.out, request)
    bend(told, window, rules)
    choose_pins(told, window, rules, knobs=knobs)
    for i in told.pins:
        scores.setdefault(i, 0.0)
    others = sorted(
        set(scores) - set(told.pins), key=lambda i: (-scores[i], i.encode())
    )
    page = diversify(items, others, scores, list(told.pins), request, knobs)
    for i, (slot, _) in sorted(told.pins.items(), key=lambda pin: pin[1][0]):
        page.insert(slot - 1, i)
    told.page = [(i, scores[i]) for i in page[: request.k]]
    return told


@dataclass
class Ranked:
    """The ranking up to the rules."""

    pool: list[str]
    scores: dict[str, float]
    eligible: set[str]
    out: set[str]
    """Excluded, or bought already."""
    score: Callable[..., dict[str, float]]
    signals: dict[str, dict[str, float]]
    request: Request
    items: dict[str, Item]


def up_to_the_rules(shop, request, events, knobs):
    items = {item.item_id: item for item in shop.items}
    events = sorted(events, key=lambda event: event.days_ago)
    recent = before.recent_items(events, items)
    n_recent = sum(age <= knobs.profile_window_days for _, age, _ in recent)
    is_new = n_recent < max(knobs.profile_min_events_for_boost, 1)
    signals = before.all_signals(shop, items, recent, knobs)
    stands = {i for i in items if before.stands_in(items[i], request)}
    drawn = before.draw(items, recent, signals, stands, request=request, knobs=knobs)
    excluded = set(request.constraints.exclude_item_ids)
    # Better what was bought already than nothing.
    for out in (excluded | before.bought(events, knobs), excluded):
        pool = [i for i in drawn if i not in out]
        pool += before.fill(items, pool, stands - out, request.k)
        if pool:
            break
    tastes = before.tastes(events, items, knobs)

    def score(pool, signals):
        if not pool:
            return {}
        return before.score(items, pool, signals, tastes, is_new, knobs)

    scores = score(pool, signals)
    eligible = stands - out
    return Ranked(pool, scores, eligible, out, score, signals, request, items)


def without_hidden(told, ranked, hidden):
    """BLOCK and FILTER; the most popular of the rest take the place of the hidden."""
    told.blocked = len(hidden & set(ranked.pool))
    pool, scores, items = ranked.pool, ranked.scores, ranked.items
    missing = ranked.request.k - len(set(pool) - hidden)
    if told.blocked and missing > 0:
        rest = {i: items[i].popularity for i in ranked.eligible - hidden - set(pool)}
        more = before.best(rest, missing)
        known = {
            name: {i: v for i, v in values.items() if i not in more}
            for name, values in ranked.signals.items()
        }
        known["popularity"] = ranked.signals["popularity"]
        pool = [*pool, *more]
        scores = ranked.score(pool, known)
    return {i: scores[i] for i in pool if i not in hidden}


def bend(told, window, rules):
    """BOOST and BURY, with the items that join because a BOOST names them."""
    scores = window.kept
    falling = sorted(scores.values(), reverse=True)
    floor = falling[min(window.request.k, len(falling)) - 1] if falling else 0.0
    named = [i for rule in rules if is_lift(rule) for i in rule.target.values]
    for i in named:
        if i in window.eligible - window.hidden and i not in scores:
            scores[i] = 0.0
            told.injected += 1
    for i, score in scores.items():
        scores[i], is_touched, told.reasons[i] = bent(
            window.items[i], score, rules, floor
        )
        told.boosted += is_touched


def acts(rule, request, *, segment, at_us):
    if rule.surface not in ("*", request.surface or "default"):
        return False
    if rule.segment is not None and rule.segment.lower() != (segment or "").lower():
        return False
    if rule.context is not None:
        [(path, value)] = [rule.context["eq"]]
        if request.context.get(path.removeprefix("ctx.")) != value:
            return False
    if not rule.windows:
        return True
    return any(
        (w.start is None or in_us(w.start) <= at_us)
        and (w.end is None or at_us < in_us(w.end))
        for w in rule.windows
    )


def in_us(moment):
    return moment.replace(tzinfo=UTC).timestamp() * 1e6


def matches(rule, item):
    target = rule.target
    values = [value.lower() for value in target.values]
    tags = [tag.lower() for tag in item.tags]
    if target.type is TargetType.ITEM:
        return item.item_id in target.values
    if target.type is TargetType.TAG:
        return any(tag in values for tag in tags)
    if target.type is TargetType.BRAND:
        named = [tag.removeprefix("brand:") for tag in tags if tag.startswith("brand:")]
        return (item.brand or "").lower() in values or any(n in values for n in named)
    if target.type is TargetType.CATEGORY:
        named = [
            tag.partition(":")[2]
            for tag in tags
            if tag.startswith(("category:", "cat:"))
        ]
        path = [step.lower() for step in item.category]
        return any(n in values for n in named) or any(
            is_below(path, value, target.include_subcategories) for value in values
        )
    return holds(target.condition, item)


def is_below(path, value, deep):
    steps = [step.strip() for step in value.split(">")]
    return path[: len(steps)] == steps if deep else path == steps


def holds(condition, item):
    [(name, operand)] = condition.items()
    together = {"all": all, "any": any}
    if name in together:
        return together[name](holds(part, item) for part in operand)
    if name in ("not", "neq"):
        return not holds({"eq": operand} if name == "neq" else operand, item)
    if name == "exists":
        return value_of(item, operand) not in (None, [])
    field_name, wanted = operand
    found = value_of(item, field_name)
    if found is None or isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, str | list):
        return says(name, field_name, found, wanted)
    return not isinstance(wanted, str) and COMPARISONS[name](found, wanted)


COMPARISONS = {
    "eq": lambda found, wanted: found == wanted,
    "in": lambda found, wanted: found in wanted,
    "gt": lambda found, wanted: found > wanted,
    "gte": lambda found, wanted: found >= wanted,
    "lt": lambda found, wanted: found < wanted,
    "lte": lambda found, wanted: found <= wanted,
}


def says(name, field_name, found, wanted):
    wanted = wanted if isinstance(wanted, list) else [wanted]
    wanted = [w.lower() for w in wanted if isinstance(w, str)]
    if not wanted:
        return False
    found = [f.lower() for f in found] if isinstance(found, list) else found.lower()
    if isinstance(found, list):
        return any(w in found for w in wanted)
    if name == "contains":
        steps = [step.strip() for step in found.split(">")]
        return wanted[0] in (steps if field_name == "category" else found)
    return found in wanted


def value_of(item, name):
    if name == "age_days":
        return (NOON_US - item.created_us) / DAY_US
    if name == "category":
        return " > ".join(item.category).lower() or None
    if name == "brand":
        return item.brand.lower() if item.brand else None
    if name == "tags":
        return [tag.lower() for tag in item.tags]
    if name.startswith("props."):
        return item.props.get(name.removeprefix("props."))
    return getattr(item, name)


def is_hidden(item, rules):
    return any(
        matches(rule, item) == (rule.action is Action.BLOCK)
        for rule in rules
        if rule.action in (Action.BLOCK, Action.FILTER)
    )


def is_lift(rule):
    is_boost = rule.action is Action.BOOST and rule.value > 0
    return is_boost and rule.target.type is TargetType.ITEM


def bent(item, score, rules, floor):
    """Return the score after the rules, whether any matched, and which moved it."""
    touched, reasons = False, []
    for rule in rules:
        if rule.action not in (Action.BOOST, Action.BURY) or not matches(rule, item):
            continue
        touched, earlier = True, score
        if is_lift(rule):
            gain = rule.value * max(score, floor)
            score += gain if gain > 0 else rule.value
        elif rule.action is Action.BOOST:
            score *= 1 + rule.value
        else:
            score *= 1 - rule.value
        if score != earlier:
            reasons.append(rule.id)
    return before.nine_digits(score), touched, reasons


def choose_pins(told, window, rules, *, knobs):
    most = min(knobs.rules_max_pin_slots, window.request.k)
    for rule in rules:
        if rule.action is not Action.PIN:
            continue
        if len(told.pins) >= most:
            if rule.target.type is TargetType.ITEM or offered(rule, window, Told()):
                told.unpinned.append((rule.id, None, "no_slot_left"))
            continue
        n_pinned = 0
        for i, position in offered(rule, window, told):
            if n_pinned == rule.max_pins:
                break
            n_pinned += pin(told, i, position, rule, window, most=most)


def pin(told, i, position, rule, window, *, most):
    taken = {slot for slot, _ in told.pins.values()}
    slot = position or 1
    while slot in taken:
        slot += 1
    refusal = why_not(i, rule, window, told)
    if not refusal and len(told.pins) >= most:
        refusal = "no_slot_left"
    elif not refusal and slot > window.request.k:
        refusal = "beyond_page"
    if not refusal:
        told.pins[i] = (slot, rule.id)
        return True
    is_named = rule.target.type is TargetType.ITEM
    if is_named or refusal != "no_slot_left":
        told.unpinned.append((rule.id, i if is_named else None, refusal))
    return False


def offered(rule, window, told):
    """Return (item id, position or None) of what a rule would pin."""
    if rule.target.type is TargetType.ITEM:
        padded = [*rule.positions, *[None] * len(rule.target.values)]
        return list(zip(rule.target.values, padded, strict=False))
    kept, items = window.kept, window.items
    matched = [i for i in kept if matches(rule, items[i]) and i not in told.pins]
    matched.sort(key=lambda i: (-kept[i], i.encode()))
    positions = [*rule.positions]
    if rule.max_pins is not None:
        positions = [*positions, *[None] * rule.max_pins][: rule.max_pins]
    elif not positions:
        positions = [None] * len(matched)
    return list(zip(matched, positions, strict=False))


def why_not(i, rule, window, told):
    if i not in window.items:
        return "unknown_item"
    if i not in window.kept and i not in window.eligible:
        item = window.items[i]
        restocked = replace(item, available=True, stock=None)
        is_overlooked = rule.even_if_unavailable and i not in window.out
        if not (is_overlooked and before.stands_in(restocked, window.request)):
            return "ineligible"
    if i in window.hidden:
        return "hidden"
    return "pinned_by_other" if i in told.pins else ""


def diversify(items, order, scores, pinned, request, knobs):
    """Return the unpinned part of the page in the order shown."""
    tradeoff = 1.0 if knobs.mmr_lambda is None else knobs.mmr_lambda
    leading = [*order, *pinned]
    largest = scores[leading[0]] if leading else 0.0
    caps = before.caps_of(items, leading, request, knobs)
    page = []
    while len(page) < min(request.k - len(pinned), len(order)):
        left = [i for i in order if i not in page]
        allowed = [i for i in left if before.fits(i, [*pinned, *page], caps)]
        if not allowed and knobs.caps_strict:
            break

        def value_of(i, page=page):
            relevance = scores[i] / largest if largest > 0 else scores[i]
            nearest = max(
                (before.likeness(items, i, j, knobs) for j in [*pinned, *page]),
                default=0.0,
            )
            return tradeoff * relevance - (1 - tradeoff) * nearest

        page.append(max(allowed or left, key=lambda i: round(value_of(i), 12)))
    if knobs.mmr_order == "score":
        page.sort(key=lambda i: (-scores[i], i.encode()))
    return page
