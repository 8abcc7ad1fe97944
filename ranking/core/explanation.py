"""How each number of an answer came about, in the shape that clients read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rules.core.effects import Effect, effects, rule_at
from rules.core.rounding import rounded
from rules.core.rule import Action

from .caps import Cap
from .ranking import Ranking
from .request import ExplainLevel

NO_ANCHORS = "(no_recent_activity)"
MOST_ANCHORS = 10


def explanations(
    ranking: Ranking, *, level: ExplainLevel
) -> tuple[dict[str, Any], ...] | None:
    """Return the explanation of each item shown.

    Parameters
    ----------
    ranking : Ranking
    level : {"tags", "numeric", "full"}
        ``tags`` explains nothing beyond the reasons; ``full`` adds the raw
        values from which the numbers were made.

    Returns
    -------
    explanations : tuple of dict, or None
        One per item with ``blend``, ``personalization``, and, where they
        apply, ``rules``, ``mmr``, ``caps`` and ``exploration``; ``anchors`` are
        the user's recent items. None at the level ``tags``.
    """
    if level == "tags":
        return None
    is_full = level == "full"
    anchors = _anchors(ranking)
    pick_of = {
        position: i
        for i, position in enumerate(
            ranking.choice.leading[ranking.choice.page.picks].tolist()
        )
    }
    by_rule = _rules(ranking)
    told = []
    for rank, place in enumerate(ranking.places.tolist(), 1):
        parts: dict[str, Any] = {
            "blend": _blend(ranking, place, is_full=is_full),
            "personalization": _personalization(ranking, place, is_full=is_full),
            "anchors": anchors,
        }
        if place in by_rule:
            parts["rules"] = by_rule[place]
        if place in pick_of:
            parts |= _choice(ranking, pick_of[place], rank=rank, is_full=is_full)
        if place in ranking.explored:
            parts["exploration"] = {"propensity": float(ranking.propensities[rank - 1])}
        told.append(parts)
    return tuple(told)


def _blend(ranking: Ranking, place: int, *, is_full: bool) -> dict[str, Any]:
    scored = ranking.scored
    weights = scored.weights
    norms = {
        "pop": float(scored.pop[place]),
        "cooc": float(scored.cooc[place]),
        "emb": float(scored.sim[place]),
    }
    contrib = {
        "pop": weights.pop * norms["pop"],
        "cooc": weights.cooc * norms["cooc"],
        "emb": weights.sim * norms["emb"],
    }
    for name, column in scored.extras.items():
        norms[name] = float(column[place])
        contrib[name] = weights.extras[name] * norms[name]
    blend: dict[str, Any] = {
        "alpha": weights.pop,
        "beta": weights.cooc,
        "gamma": weights.sim,
        **{f"{name}_norm": norm for name, norm in norms.items()},
        "contrib": contrib,
    }
    if is_full:
        blend["raw"] = _raw(ranking, place)
    return blend


def _raw(ranking: Ranking, place: int) -> dict[str, float]:
    signals = ranking.pool.signals
    likenesses = {
        name: float(getattr(signals, name)[place]) for name in ranking.scored.likenesses
    }
    return {
        "pop": float(signals.popularity[place]),
        "cooc": float(signals.co_visitation[place]),
        "emb": max(likenesses.values(), default=0.0),
        **likenesses,
        "repeat": float(signals.repeat[place]),
    }


def _personalization(ranking: Ranking, place: int, *, is_full: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "overlap": float(ranking.pool.signals.overlap[place]),
        "boost_multiplier": float(ranking.scored.multiplier[place]),
    }
    if is_full:
        told["raw"] = {"profile_boost": ranking.knobs.profile_boost}
    return told


def _rules(ranking: Ranking) -> Mapping[int, list[dict[str, Any]]]:
    """Return what rules did to the items shown, in the order in which they did it."""
    ruled, pins = ranking.outcome.ruled, ranking.pins
    if ruled is None:
        return {}
    told = {
        place: [_bent(effect) for effect in done]
        for place, done in effects(ruled, ranking.places).items()
    }
    columns = (pins.positions, pins.rules, pins.slots, pins.wanted)
    for place, rule, slot, wanted in zip(*(c.tolist() for c in columns), strict=True):
        pin = {
            "rule_id": rule_at(ruled.groups, rule).id,
            "action": Action.PIN.value,
            "position": slot,
        }
        if wanted not in (0, slot):
            pin["wanted_position"] = wanted
        told.setdefault(place, []).append(pin)
    return told


def _bent(effect: Effect) -> dict[str, Any]:
    before, after = rounded(np.array([effect.before, effect.after])).tolist()
    return {
        "rule_id": effect.rule.id,
        "action": effect.rule.action.value,
        "value": effect.rule.value,
        "score_before": before,
        "score_after": after,
    }


def _choice(ranking: Ranking, pick: int, *, rank: int, is_full: bool) -> dict[str, Any]:
    page, tradeoff = ranking.choice.page, ranking.knobs.mmr_lambda
    leading_place = int(page.picks[pick])
    told: dict[str, Any] = {}
    if tradeoff is not None:
        max_sim = float(page.nearest[pick])
        told["mmr"] = {
            "lambda": tradeoff,
            "max_sim": max_sim,
            "penalty": (1.0 - tradeoff) * max_sim,
        }
        if is_full:
            told["mmr"] |= {"relevance": _relevance(ranking, pick), "rank": rank}
    if ranking.choice.caps:
        told["caps"] = {
            cap.dimension: _cap(ranking, cap, pick, leading_place, is_full=is_full)
            for cap in ranking.choice.caps
        }
    return told


def _relevance(ranking: Ranking, pick: int) -> float:
    scores = ranking.outcome.scores[ranking.choice.leading]
    largest = float(scores[0])
    score = float(scores[ranking.choice.page.picks[pick]])
    return score / largest if largest > 0 else score


def _cap(
    ranking: Ranking, cap: Cap, pick: int, leading_place: int, *, is_full: bool
) -> Mapping[str, Any]:
    values = cap.values[leading_place]
    told: dict[str, Any] = {
        "applied": True,
        "relaxed": leading_place in ranking.choice.page.relaxed,
    }
    if is_full:
        before = ranking.choice.page.picks[: pick + 1].tolist()
        count = sum(bool(values & cap.values[earlier]) for earlier in before)
        told |= {"limit": cap.limit, "count": count, "value": ", ".join(sorted(values))}
    return told


def _anchors(ranking: Ranking) -> list[str]:
    rows = ranking.pool.shopper.anchors.rows[:MOST_ANCHORS].tolist()
    return [ranking.pool.world.item_id(row) for row in rows] or [NO_ANCHORS]
