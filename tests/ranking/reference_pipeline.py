"""The ranking once more, slow and obvious: plain loops and dictionaries.

Written from the description of the ranking, not from the fast code, so that
both must agree before either is believed. Small worlds without overlay only.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np

from ranking.core.knobs import Knobs
from ranking.core.request import Request
from tests.ranking.worlds import DAY_US, FACTOR_REGULARIZATION, NOON_US, Shop

WEIGHTS = {0: 0.1, 1: 0.3, 2: 0.7, 3: 1.0, 4: 0.2}
ALPHA = 10.0


@dataclass(frozen=True)
class Event:
    item_id: str
    type: int
    days_ago: float


def reference_rank(
    shop: Shop, request: Request, events: list[Event], knobs: Knobs
) -> list[tuple[str, float]]:
    """Return (item id, score) of the page."""
    items = {item.item_id: item for item in shop.items}
    events = sorted(events, key=lambda event: event.days_ago)
    recent = recent_items(events, items)
    n_recent = sum(age <= knobs.profile_window_days for _, age, _ in recent)
    is_new = n_recent < max(knobs.profile_min_events_for_boost, 1)

    signals = all_signals(shop, items, recent, knobs)
    stands = {i for i in items if stands_in(items[i], request)}
    drawn = draw(items, recent, signals, stands, request=request, knobs=knobs)
    excluded, had = set(request.constraints.exclude_item_ids), bought(events, knobs)
    pool = [i for i in drawn if i not in excluded | had]
    pool += fill(items, pool, stands - excluded - had, request.k)
    if not pool:
        # Better what was bought already than nothing.
        popular = {i: items[i].popularity for i in stands - excluded}
        pool = [i for i in drawn if i not in excluded]
        pool += [i for i in best(popular, request.k) if i not in pool]
    if not pool:
        return []

    scores = score(items, pool, signals, tastes(events, items, knobs), is_new, knobs)
    order = sorted(pool, key=lambda i: (-scores[i], i.encode()))
    page = diversify(items, order, scores, request, knobs)
    return [(item_id, scores[item_id]) for item_id in page]


def recent_items(events, items):
    """Return (item id, age of the newest event, strength), newest first."""
    seen = {}
    for event in events:
        if event.item_id in items and event.type in WEIGHTS:
            age, strength = seen.get(event.item_id, (event.days_ago, 0.0))
            seen[event.item_id] = (age, strength + WEIGHTS.get(event.type, 0.0))
    return [(i, age, min(s, 1.0)) for i, (age, s) in seen.items()]


def bought(events, knobs):
    if not knobs.rule_exclude_events:
        return set()
    return {
        event.item_id
        for event in events
        if event.days_ago <= knobs.purchased_window_days
        and (event.type in knobs.exclude_event_types or not knobs.exclude_event_types)
    }


def stands_in(item, request):
    limits = request.constraints
    wanted = {tag.lower() for tag in limits.include_tags_any}
    if not item.available or item.stock == 0:
        return False
    if wanted and not wanted & {tag.lower() for tag in item.tags}:
        return False
    if limits.price_min is not None and not (
        item.price is not None and item.price >= limits.price_min
    ):
        return False
    if limits.price_max is not None and not (
        item.price is not None and item.price <= limits.price_max
    ):
        return False
    after = limits.created_after_us
    return after is None or item.created_us > after


def all_signals(shop, items, recent, knobs):
    """Return signal → item id → value; only values above 0."""
    fresh = [i for i, age, _ in recent if age <= knobs.covis_window_days]
    signals = {
        "popularity": {i: item.popularity for i, item in items.items()},
        "co_visitation": {},
        "session": Counter(),
        "ease": Counter(),
        "repeat": {},
    }
    for anchor in fresh[: knobs.covis_anchors]:
        for other, value in shop.covisitation.get(anchor, {}).items():
            known = signals["co_visitation"].get(other, 0.0)
            signals["co_visitation"][other] = max(known, f32(value))
    for place, (anchor, _, _) in enumerate(recent[: knobs.session_lookback]):
        for other, value in shop.session.get(anchor, {}).items():
            signals["session"][other] += f32(value) / (1 + place)
    for i, age, strength in recent:
        signals["repeat"][i] = strength * 0.5 ** (age / knobs.repeat_half_life_days)
    for anchor in best(signals["repeat"], knobs.ease_anchors):
        for other, value in shop.ease.get(anchor, {}).items():
            signals["ease"][other] += f32(value) * min(signals["repeat"][anchor], 1.0)
    signals |= content_signals(items, recent, knobs)
    signals["collaborative"] = taste_signal(items, recent)
    return {
        name: {i: v for i, v in values.items() if v > 0}
        for name, values in signals.items()
    }


def f32(value):
    return float(np.float32(value))


def unit(vector):
    length = np.linalg.norm(np.array(vector, dtype=np.float32))
    if not length:
        return [0.0] * len(vector)
    return [grid(float(x / length)) for x in np.array(vector, np.float32)]


def grid(x):
    return float(np.rint(x * 2048)) / 2048


def dot(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def content_signals(items, recent, knobs):
    vectors = {i: unit(item.content) for i, item in items.items() if item.content}
    nothing = {"content": {}, "embedding": {}}
    if not vectors or not recent:
        return nothing
    centre = [0.0] * len(next(iter(vectors.values())))
    for i, age, strength in recent:
        weight = strength * 0.5 ** (age / knobs.profile_half_life_days)
        vector = vectors.get(i, [0.0] * len(centre))
        centre = [c + weight * x for c, x in zip(centre, vector, strict=True)]
    length = math.sqrt(dot(centre, centre))
    if length == 0:
        return nothing
    centre = [grid(x / length) for x in centre]
    anchors = [
        vectors[i] for i, _, _ in recent[: knobs.embedding_anchors] if i in vectors
    ]
    return {
        "content": {i: dot(centre, v) for i, v in vectors.items()},
        "embedding": {
            i: max((dot(a, v) for a in anchors), default=0.0)
            for i, v in vectors.items()
        },
    }


def taste_signal(items, recent):
    vectors = {i: np.array(x.factors, float) for i, x in items.items() if x.factors}
    known = [(vectors[i], s) for i, _, s in recent if i in vectors]
    if not any(vector.any() for vector, _ in known):
        return {}
    n = len(known[0][0])
    left = FACTOR_REGULARIZATION * np.eye(n)
    for vector in vectors.values():
        left += np.outer(vector, vector)
    right = np.zeros(n)
    for vector, strength in known:
        left += ALPHA * strength * np.outer(vector, vector)
        right += (1 + ALPHA * strength) * vector
    user = np.linalg.solve(left, right)
    # Up to a fifth above a power of two still counts as that power.
    step = 2.0 ** math.ceil(math.log2(np.linalg.norm(user)) - 0.25) / 2048
    user = [float(np.rint(x / step)) * step for x in user]
    return {i: dot(user, vector.tolist()) for i, vector in vectors.items()}


def best(values, limit):
    ordered = sorted(values.items(), key=lambda entry: (-entry[1], entry[0].encode()))
    return [i for i, _ in ordered[:limit]]


def draw(items, recent, signals, stands, *, request, knobs):
    def among(name):
        return {i: v for i, v in signals[name].items() if i in stands}

    constraints = request.constraints
    is_narrow = constraints.include_tags_any or any(
        limit is not None
        for limit in (
            constraints.price_min,
            constraints.price_max,
            constraints.created_after_us,
        )
    )
    popularity = {i: items[i].popularity for i in stands}
    drawn = best(
        popularity if is_narrow else among("popularity"), knobs.popularity_fanout
    )
    if recent:
        categories = [tuple(items[i].category) for i, _, _ in recent]
        looked_at = list(dict.fromkeys(c for c in categories if c))[:5]
        same = {
            i: items[i].popularity
            for i in stands
            if tuple(items[i].category) in looked_at
        }
        drawn += best(same, knobs.category_fanout)
    for name, limit in (
        ("collaborative", knobs.collaborative_fanout),
        ("content", knobs.content_fanout),
        ("embedding", knobs.embedding_fanout),
        ("co_visitation", knobs.covis_fanout),
        ("ease", knobs.ease_fanout),
        ("session", knobs.session_fanout),
        ("repeat", knobs.repeat_fanout),
    ):
        drawn += best(among(name), limit)
    return list(dict.fromkeys(drawn))


def fill(items, pool, eligible, k):
    missing = k - len(pool)
    rest = {i: items[i].popularity for i in eligible if i not in pool}
    return best(rest, missing) if missing > 0 else []


def tastes(events, items, knobs):
    weights = Counter()
    for event in events:
        if event.item_id in items and event.days_ago <= knobs.profile_window_days:
            worth = WEIGHTS.get(event.type, 0.0)
            worth *= 0.5 ** (event.days_ago / knobs.profile_half_life_days)
            for tag in {tag.lower() for tag in items[event.item_id].tags}:
                weights[tag] += worth
    kept = sorted(weights.items(), key=lambda e: (-e[1], e[0].encode()))
    kept = [(t, w) for t, w in kept[: knobs.profile_top_n] if w > 0]
    total = sum(w for _, w in kept)
    return {t: w / total for t, w in kept}


def score(items, pool, signals, profile, is_new, knobs):
    def normal(name):
        return normalise({i: signals[name].get(i, 0.0) for i in pool}, knobs)

    columns = {name: normal(name) for name in ("popularity", "co_visitation", "repeat")}
    shares = {
        "collaborative": knobs.collaborative_weight,
        "ease": knobs.ease_weight,
        "content": knobs.content_weight,
        "embedding": knobs.embedding_weight,
        "session": knobs.session_weight,
    }
    likeness = {name: normal(name) for name, share in shares.items() if share > 0}
    extras = {
        name: normalise({i: max(value(items[i], name), 0.0) for i in pool}, knobs)
        for name in ("novelty", "margin", "long_tail", "trend")
    }
    alpha, beta, gamma = knobs.blend_alpha, knobs.blend_beta, knobs.blend_gamma
    further = {
        "repeat": knobs.repeat_weight,
        "novelty": knobs.novelty_weight,
        "margin": knobs.margin_weight,
        "long_tail": knobs.long_tail_weight,
        "trend": knobs.trend_weight,
    }
    if not (alpha or beta or gamma or any(further.values())):
        alpha = 1.0
    scores = {}
    for i in pool:
        parts = [likeness[name][i] for name in likeness]
        if not parts:
            sim = 0.0
        elif knobs.similarity == "max":
            most = max(shares[name] for name in likeness)
            sim = max(shares[name] / most * likeness[name][i] for name in likeness)
        else:
            used = [shares[name] for name in likeness]
            sim = dot(used, parts) / sum(used)
        total = alpha * columns["popularity"][i]
        total += beta * columns["co_visitation"][i] + gamma * sim
        total += further["repeat"] * columns["repeat"][i]
        for name, column in extras.items():
            total += further[name] * column[i]
        overlap = sum(profile.get(t, 0.0) for t in {t.lower() for t in items[i].tags})
        boost = knobs.profile_boost
        if is_new and knobs.profile_min_events_for_boost > 0:
            boost *= knobs.profile_cold_start_multiplier
        scores[i] = nine_digits(total * (1 + boost * overlap))
    return scores


def value(item, name):
    found = getattr(item, name)
    return f32(found) if found is not None else 0.0


def normalise(column, knobs):
    values = list(column.values())
    if knobs.normalisation == "max":
        top = max(values)
        return {i: v / top if top > 0 else 0.0 for i, v in column.items()}
    if knobs.normalisation == "root":
        top = max(values)
        return {i: math.sqrt(v / top) if top > 0 else 0.0 for i, v in column.items()}
    if knobs.normalisation == "minmax":
        low, high = min(values), max(values)
        if high <= low:
            return dict.fromkeys(column, 0.0)
        return {i: (v - low) / (high - low) for i, v in column.items()}
    positive = [v for v in values if v > 0]
    return {
        i: sum(p <= v for p in positive) / len(positive) if positive else 0.0
        for i, v in column.items()
    }


def nine_digits(x):
    return float(f"{x:.9g}")


def diversify(items, order, scores, request, knobs):
    """Return the page in the order shown."""
    tradeoff = 1.0 if knobs.mmr_lambda is None else knobs.mmr_lambda
    top = max(scores.values())
    caps = caps_of(items, order, request, knobs)
    page = []
    while len(page) < min(request.k, len(order)):
        left = [i for i in order if i not in page]
        allowed = [i for i in left if fits(i, page, caps)]
        if not allowed and knobs.caps_strict:
            break

        def value_of(i):
            relevance = scores[i] / top if top > 0 else scores[i]
            nearest = max((likeness(items, i, j, knobs) for j in page), default=0.0)
            if tradeoff == 0:
                nearest = math.floor(nearest / 0.25 + 0.5) * 0.25
            return tradeoff * relevance - (1 - tradeoff) * nearest

        page.append(max(allowed or left, key=lambda i: round(value_of(i), 12)))
    if knobs.mmr_order == "score":
        page.sort(key=lambda i: (-scores[i], i.encode()))
    return page


def likeness(items, i, j, knobs):
    has_content = any(item.content for item in items.values())
    if knobs.mmr_similarity == "embedding" and has_content:
        if not (items[i].content and items[j].content):
            return 0.0
        return max(dot(unit(items[i].content), unit(items[j].content)), 0.0)
    a, b = free_tags(items[i], knobs), free_tags(items[j], knobs)
    return float(np.float32(len(a & b)) / np.float32(len(a | b))) if a | b else 0.0


def free_tags(item, knobs):
    prefixes = (*knobs.brand_tag_prefixes, *knobs.category_tag_prefixes)
    beginnings = tuple(prefix + ":" for prefix in prefixes)
    return {t.lower() for t in item.tags if not t.lower().startswith(beginnings)}


def caps_of(items, order, request, knobs):
    """Return (limit, item id → values) of each cap that applies."""
    caps = []
    for limit, prefixes, column in (
        (knobs.brand_cap, knobs.brand_tag_prefixes, lambda x: x.brand),
        (
            knobs.category_cap,
            knobs.category_tag_prefixes,
            lambda x: x.category[-1] if x.category else None,
        ),
    ):
        wanted = {tag.lower() for tag in request.constraints.include_tags_any}
        beginnings = tuple(prefix + ":" for prefix in prefixes)
        if not limit or (
            len(wanted) == 1 and next(iter(wanted)).startswith(beginnings)
        ):
            continue
        values = {}
        for i in order:
            found = {(column(items[i]) or "").lower()}
            for tag in items[i].tags:
                name, mark, rest = tag.lower().partition(":")
                if mark and name in prefixes:
                    found.add(rest)
            values[i] = found - {""}
        if len(set().union(*values.values())) > 1:
            caps.append((limit, values))
    return caps


def fits(i, page, caps):
    return all(
        sum(v in values[j] for j in page) < limit
        for limit, values in caps
        for v in values[i]
    )


__all__ = ["DAY_US", "NOON_US", "Event", "reference_rank"]
