"""What of a configuration signals are built from. Light to import."""

from __future__ import annotations

import hashlib

import msgspec

from catalog.models import Namespace
from ranking.core.knobs import Knobs
from ranking.core.layers import Plan
from ranking.core.request import Request
from ranking.core.segments import Match
from ranking.signals.parameters import EventWeight, SignalParameters


def signal_parameters(namespace: Namespace, plan: Plan) -> SignalParameters:
    """Return the knobs of stage `signal` of the profile in force."""
    knobs = plan.base(Request(namespace=namespace.name), Match()).knobs
    return parameters_of(knobs, plan)


def parameters_of(knobs: Knobs, plan: Plan) -> SignalParameters:
    """Return what a build is told by knobs, and by the event types of a plan."""
    weights = tuple(
        EventWeight(
            type=each.type,
            weight=each.weight,
            half_life_days=each.half_life_days or knobs.popularity_halflife_days,
        )
        for each in sorted(plan.configuration.event_types, key=lambda each: each.type)
    )
    return SignalParameters(
        weights=weights,
        covis_window_days=knobs.covis_window_days,
        covis_similarity=knobs.covis_similarity,
        covis_min_support=knobs.covis_min_support,
        session_window_minutes=knobs.session_window_minutes,
        repeat_half_life_days=knobs.repeat_half_life_days,
        trend_half_life_days=knobs.trend_half_life_days,
        long_tail_share=knobs.long_tail_share,
    )


def settings_hash(namespace: Namespace, plan: Plan) -> str:
    """Return what stands for all of a configuration that signals are built from."""
    used: tuple[object, ...] = (
        signal_parameters(namespace, plan),
        plan.configuration.segments,
    )
    # A build without any stays good for the shop whose rules name none.
    if props := plan.rulebook.reading.props:
        used = (*used, props)
    return hashlib.sha256(msgspec.json.encode(used, order="deterministic")).hexdigest()
