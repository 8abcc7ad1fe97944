"""Which facts of a call are kept: those the answer depends on, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ranking.core.configuration import Configuration, Segment

# Facts that say where a list was shown, not who looked at it.
HARMLESS = frozenset(
    {"surface", "device", "platform", "channel", "country", "language", "locale"}
)
_PREFIX = "ctx."
_MOST = 64


def kept_context(
    configuration: Configuration, context: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return what may be kept of a call's context beside the user's history.

    Replaying needs what segment rules ask for; everything else is left out unless it
    is harmless.
    """
    if not context:
        return {}
    asked = asked_for(configuration.segments)
    return {
        name: value
        for name, value in context.items()
        if name in asked or name in HARMLESS
    }


def public_context(context: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what may be kept where staff search: short, harmless facts."""
    return {
        name: value
        for name, value in context.items()
        if name in HARMLESS
        and isinstance(value, str | int | float)
        and _is_short(value)
    }


def _is_short(value: object) -> bool:
    return isinstance(value, str | int | float) and len(str(value)) <= _MOST


def asked_for(segments: tuple[Segment, ...]) -> frozenset[str]:
    """Return the first steps of the `ctx` paths in the rules of segments."""
    return frozenset(
        text.removeprefix(_PREFIX).split(".")[0]
        for segment in segments
        for rule in segment.rules
        for text in _texts(rule.rule)
        if text.startswith(_PREFIX)
    )


def _texts(rule: object) -> Iterator[str]:
    if isinstance(rule, str):
        yield rule
    elif isinstance(rule, Mapping):
        for value in rule.values():
            yield from _texts(value)
    elif isinstance(rule, list | tuple):
        for value in rule:
            yield from _texts(value)
