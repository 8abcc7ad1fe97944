"""What one request puts on top of the knobs that its situation gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from .configuration import NEW_USERS
from .knobs import KNOBS_BY_NAME, Knobs, Value, parse
from .layers import Resolved
from .request import Blend, Request

NEW_USER_KNOBS = {
    "new_user_blend_alpha": "blend_alpha",
    "new_user_blend_beta": "blend_beta",
    "new_user_blend_gamma": "blend_gamma",
    "new_user_mmr_lambda": "mmr_lambda",
    "new_user_pop_fanout": "popularity_fanout",
}
BLEND_KNOBS = {"pop": "blend_alpha", "cooc": "blend_beta", "als": "blend_gamma"}


def resolve(
    base: Resolved,
    *,
    request: Request,
    is_new: bool,
    arm: Mapping[str, Value] | None = None,
) -> Resolved:
    """Put on top of a base what this request adds.

    Parameters
    ----------
    base : Resolved
        From :meth:`Plan.base`.
    request : Request
    is_new : bool
        Whether the user is new or sparse, so that the ``new_user`` block applies.
    arm : mapping, optional
        Knobs of the experiment's or bandit's arm.

    Returns
    -------
    resolved : Resolved
        With a warning for each override that names no knob or a built signal.

    Raises
    ------
    KnobError
        If an override or a blend weight lies outside its knob's range.

    Examples
    --------
    >>> from ranking.core.knobs import DEFAULTS
    >>> request = Request(overrides={"blend_alpha": 1})
    >>> resolved = resolve(Resolved(DEFAULTS, {}), request=request, is_new=False)
    >>> resolved.knobs.blend_alpha, resolved.sources["blend_alpha"]
    (1.0, 'overrides')
    """
    overrides, unknown = parse(request.overrides, names="overrides")
    new_user = _new_user(base.knobs, overrides) if is_new else {}
    resolved = (
        base.with_layer("new_user", new_user)
        .with_layer("arm", arm or {})
        .with_layer("overrides", overrides)
        .with_layer("blend", _blend(request.blend))
    )
    warnings = (*_of_no_knob(unknown), *_of_built_signals(overrides))
    return replace(resolved, warnings=warnings) if warnings else resolved


def _of_no_knob(names: Iterable[str]) -> Iterable[str]:
    return (f"overrides.{name} is not a knob and was ignored" for name in names)


def _of_built_signals(names: Iterable[str]) -> Iterable[str]:
    return (
        f"overrides.{name} takes effect when signals are built, not in a request"
        for name in names
        if KNOBS_BY_NAME[name].stage == "signal"
    )


def _new_user(knobs: Knobs, overrides: Mapping[str, Value]) -> Mapping[str, Value]:
    said = {
        target: overrides.get(name, getattr(knobs, name))
        for name, target in NEW_USER_KNOBS.items()
    }
    return {target: value for target, value in said.items() if value is not None}


def _blend(blend: Blend | None) -> Mapping[str, Value]:
    if blend is None:
        return {}
    sent = {name: getattr(blend, field) for field, name in BLEND_KNOBS.items()}
    return {
        name: KNOBS_BY_NAME[name].check(value)
        for name, value in sent.items()
        if value is not None
    }


def is_new_users(segment_id: str | None) -> bool:
    """Say whether a segment is the one of new users, in any case.

    >>> is_new_users("New_Users"), is_new_users(None)
    (True, False)
    """
    return segment_id is not None and segment_id.casefold() == NEW_USERS
