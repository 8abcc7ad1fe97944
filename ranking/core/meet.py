"""Meet the user of a request: segment, knobs, recent items, tastes."""

from __future__ import annotations

from collections.abc import Mapping

from .inputs import Inputs
from .knobs import Knobs
from .layers import Resolved
from .request_layers import is_new_users, resolve
from .segments import Match, choose_segment, facts_of
from .shopper import Shopper
from .starter_anchors import starter_anchors
from .tastes import Tastes, blend_tastes, starter_profile, starter_share, tastes_of
from .trail import Recent, Trail, follow, recent_items
from .world import World


def meet(inputs: Inputs) -> tuple[Shopper, Resolved]:
    """Return what is known of the user, and the knobs that it therefore gets.

    A user without id, or unknown to the namespace, is an anonymous one.

    Raises
    ------
    KnobError
        If the request or the configuration holds a value outside its range.
    UnknownProfileError
        If the request names a profile that does not exist.
    """
    plan, request = inputs.plan, inputs.request
    match = match_segment(inputs)
    base = plan.base(request, match)
    trail = follow(
        inputs.world, inputs.history, event_types=plan.event_types, at_us=inputs.at_us
    )
    recent = recent_items(trail)
    event_count = len(recent.within(base.knobs.profile_window_days).rows)
    least = max(base.knobs.profile_min_events_for_boost, 1)
    is_new = event_count < least or is_new_users(match.segment_id)
    resolved = resolve(base, request=request, is_new=is_new, arm=inputs.arm)
    knobs = resolved.knobs
    starter: Mapping[str, float] = {}
    share = 0.0
    if is_new and request.user_id is not None:
        starter = starter_profile(knobs.profile_starter_presets, match.segment_id)
        share = starter_share(
            event_count,
            least=knobs.profile_starter_blend_weight,
            decay_events=knobs.profile_starter_decay_events,
        )
    shopper = Shopper(
        match=match,
        is_new=is_new,
        trail=trail,
        recent=recent,
        anchors=_anchors(inputs.world, recent, match, knobs, starter=starter),
        event_count=event_count,
        tastes=_tastes(inputs.world, trail, knobs, starter=starter, share=share),
        starter=starter,
        starter_weight=share,
    )
    return shopper, resolved


def _anchors(
    world: World,
    recent: Recent,
    match: Match,
    knobs: Knobs,
    *,
    starter: Mapping[str, float],
) -> Recent:
    if len(recent.rows) or not starter or not is_new_users(match.segment_id):
        return recent
    return starter_anchors(world, starter, limit=knobs.starter_anchors)


def match_segment(inputs: Inputs) -> Match:
    """Return the segment of a request."""
    facts = facts_of(inputs.request, inputs.history)
    return choose_segment(inputs.plan.segments, facts=facts, at_us=inputs.at_us)


def _tastes(
    world: World,
    trail: Trail,
    knobs: Knobs,
    *,
    starter: Mapping[str, float],
    share: float,
) -> Tastes:
    own = tastes_of(world, trail, knobs=knobs)
    if not starter:
        return own
    return blend_tastes(
        world, own, starter=starter, share=share, limit=knobs.profile_top_n
    )
