"""What the rule form offers to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit.models import Decision
from catalog.models import Namespace
from rules.core.rule import Action, TargetType
from rules.models import ChangeSet, ChangeSetState, Rule
from rules.operations.actors import Actor

from .rule_form import STEPS
from .window_form import RHYTHMS, zones
from .words import ACTION_ICONS

_MOST = 50
_NEWEST_ANSWERS = 500
_ACTIONS: Mapping[str, str] = {
    Action.PIN: "to a fixed place",
    Action.BOOST: "higher up",
    Action.BURY: "further down",
    Action.BLOCK: "never shown",
    Action.FILTER: "nothing else",
}
_TARGETS: Mapping[str, str] = {
    TargetType.ITEM: "Items",
    TargetType.TAG: "Tags",
    TargetType.BRAND: "Brands",
    TargetType.CATEGORY: "Categories",
    TargetType.CONDITION: "Condition",
}


def choices(namespace: Namespace, *, actor: Actor | None) -> dict[str, Any]:
    """Return the form's choices; without an actor those of its windows alone."""
    time = {"zones": zones(), "rhythms": RHYTHMS}
    if actor is None:
        return time
    surfaces, segments = known_places(namespace)
    return {
        **time,
        "actions": [
            (value, value.capitalize(), words, ACTION_ICONS[value])
            for value, words in _ACTIONS.items()
        ],
        "target_types": _TARGETS,
        "steps": STEPS,
        "surfaces": surfaces,
        "segments": segments,
        "open_sets": ChangeSet.objects.filter(
            namespace=namespace, state=ChangeSetState.DRAFT, is_direct=False
        ).order_by("-updated_at", "-pk")[:_MOST],
    }


def known_places(namespace: Namespace) -> tuple[list[str], list[str]]:
    """Return the surfaces and segments of rules and of the newest answers."""
    newest = Decision.objects.filter(namespace=namespace).order_by("-decision_id")
    asked = newest.values_list("surface", "segment")[:_NEWEST_ANSWERS]
    ruled = Rule.objects.filter(namespace=namespace).values_list(
        "surface", "segment_id"
    )
    pairs = {*asked, *ruled.order_by("surface", "segment_id").distinct()[:_MOST]}
    surfaces = {surface for surface, _ in pairs} - {"*", ""}
    return sorted(surfaces), sorted({segment for _, segment in pairs if segment})
