"""What a browser sends with the form of a rule."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

_FIELDS: dict[str, Any] = {
    "name": "Lamp on top",
    "action": "PIN",
    "target_type": "ITEM",
    "target": ["lamp"],
    "place": ["1"],
    "surface": "home",
    "priority": "10",
    "step": "0.6",
    "include_subcategories": "on",
    "owner": "ben",
    "review_by": "2126-01-31",
    "reason": "The lamp of the week.",
    "enabled": "on",
    "base": "0",
}


def form(**fields: Any) -> dict[str, Any]:
    return _FIELDS | fields


def window(
    start: str = "", end: str = "", zone: str = "UTC", rhythm: str = ""
) -> dict[str, list[str]]:
    return {
        "window_start": [start],
        "window_end": [end],
        "window_zone": [zone],
        "window_rhythm": [rhythm],
        "window_recurrence": [""],
    }


def say(name: str, *arguments: Any) -> str:
    return reverse(f"admin:{name}", args=arguments)
