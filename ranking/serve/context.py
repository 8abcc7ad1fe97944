"""Which facts of a call are kept: those the answer depends on, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Facts that say where a list was shown, not who looked at it.
HARMLESS = frozenset(
    {"surface", "device", "platform", "channel", "country", "language", "locale"}
)
_MOST = 64


def kept_context(
    context: Mapping[str, Any], *, asked: frozenset[str]
) -> Mapping[str, Any]:
    """Return what may be kept of a call's context beside the user's history.

    Replaying needs what segments and rules ask for; everything else is left out unless
    it is harmless.
    """
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
