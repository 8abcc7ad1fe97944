"""What an address asks to see of a namespace's decisions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from audit.pseudonyms import hashes_of
from audit.queries import DecisionFilter, with_window
from catalog.models import Item, Namespace

from .moments import local_moment

# No item has this number, so nothing is found with it.
_NO_ITEM = 0


def filter_of(
    namespace: Namespace, asked: Mapping[str, str], *, at: datetime
) -> DecisionFilter:
    """Return the conditions of an address; the last seven days if it names none."""
    user_id = asked.get("user", "").strip()
    version = asked.get("version", "")
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
        rule_id=uuid_of(asked.get("rule", "")),
        override_id=uuid_of(asked.get("override", "")),
        surface=asked.get("surface") or None,
        segment=asked.get("segment") or None,
        profile=asked.get("profile") or None,
        profile_version=int(version)
        if version.isascii() and version.isdigit() and len(version) < 10
        else None,
        experiment=asked.get("experiment") or None,
        request_id=asked.get("request") or None,
        degraded=True if asked.get("degraded") else None,
    )
    return with_window(chosen, at=at)


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _item(namespace: Namespace, text: str) -> int | None:
    item_id = text.strip()
    if not item_id:
        return None
    found = Item.objects.filter(namespace=namespace, item_id=item_id)
    return found.values_list("pk", flat=True).first() or _NO_ITEM
