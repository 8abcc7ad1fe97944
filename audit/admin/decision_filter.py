"""What an address asks to see of a namespace's decisions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from audit.pseudonyms import hashes_of
from audit.queries import DecisionFilter, searched_number, with_window
from catalog.models import Namespace

from .moments import local_moment

# What nothing has, so that nothing is found with it.
_NO_ID = UUID(int=0)
_NO_VERSION = -1
_IDS = {"rule": "a rule", "override": "an override"}


def filter_of(
    namespace: Namespace, asked: Mapping[str, str], *, at: datetime
) -> DecisionFilter:
    """Return the conditions of an address; the last seven days if it names none."""
    user_id = asked.get("user", "").strip()
    chosen = DecisionFilter(
        since=local_moment(asked.get("since", ""), namespace),
        until=local_moment(asked.get("until", ""), namespace),
        user_hashes=hashes_of(
            namespace.org_id, namespace_id=namespace.pk, user_id=user_id
        )
        if user_id
        else None,
        item_number=_item(namespace, asked.get("item", "")),
        dropped_number=_item(namespace, asked.get("dropped", "")),
        rule_id=_id(asked.get("rule", "")),
        override_id=_id(asked.get("override", "")),
        surface=asked.get("surface") or None,
        segment=asked.get("segment") or None,
        profile=asked.get("profile") or None,
        profile_version=_version(asked.get("version", "")),
        experiment=asked.get("experiment") or None,
        request_id=asked.get("request") or None,
        degraded=True if asked.get("degraded") else None,
    )
    return with_window(chosen, at=at)


def unreadable(asked: Mapping[str, str]) -> list[str]:
    """Return a sentence about each condition that nothing can meet as it is written."""
    told = [
        f"“{asked[name]}” is no id of {whose}."
        for name, whose in _IDS.items()
        if _id(asked.get(name, "")) == _NO_ID
    ]
    if _version(asked.get("version", "")) == _NO_VERSION:
        told.append(f"“{asked['version']}” is no version: that is a whole number.")
    return told


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _id(text: str) -> UUID | None:
    return (uuid_of(text.strip()) or _NO_ID) if text.strip() else None


def _version(text: str) -> int | None:
    digits = text.strip()
    if not digits:
        return None
    is_one = digits.isascii() and digits.isdigit() and len(digits) < 10
    return int(digits) if is_one else _NO_VERSION


def _item(namespace: Namespace, text: str) -> int | None:
    return searched_number(namespace, text.strip()) if text.strip() else None
