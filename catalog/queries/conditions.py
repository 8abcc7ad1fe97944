"""Filters as SQL. Every piece is written here; only values come from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.core.filters import Filter
from catalog.models import Namespace

_USER_NUMBER = """(
    SELECT id FROM catalog_user
    WHERE org_id = %(org)s AND namespace_id = %(namespace)s AND user_id = %(user_id)s
)"""
_ITEM_NUMBER = """(
    SELECT id FROM catalog_item
    WHERE org_id = %(org)s AND namespace_id = %(namespace)s AND item_id = %(item_id)s
)"""
_OF_ITEMS = {
    "item_id": "item_id = %(item_id)s",
    "created_after": "created_at > %(created_after)s",
    "created_before": "created_at < %(created_before)s",
}
_OF_USERS = _OF_ITEMS | {"user_id": "user_id = %(user_id)s"}
_OF_EVENTS = {
    "item_id": f"item_id = {_ITEM_NUMBER}",
    "user_id": f"user_id = {_USER_NUMBER}",
    "event_type": "type = %(event_type)s",
    "created_after": "ts > %(created_after)s",
    "created_before": "ts < %(created_before)s",
}
_TENANT = "org_id = %(org)s AND namespace_id = %(namespace)s"


def of_items(chosen: Filter) -> str:
    return _joined(_OF_ITEMS, chosen)


def of_users(chosen: Filter) -> str:
    return _joined(_OF_USERS, chosen)


def of_events(chosen: Filter) -> str:
    return _joined(_OF_EVENTS, chosen)


def values_of(chosen: Filter, *, namespace: Namespace) -> dict[str, Any]:
    """Return what the conditions' placeholders stand for."""
    return {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "item_id": chosen.item_id,
        "user_id": chosen.user_id,
        "event_type": chosen.event_type,
        "created_after": chosen.created_after,
        "created_before": chosen.created_before,
    }


def _joined(pieces: Mapping[str, str], chosen: Filter) -> str:
    wanted = [sql for name, sql in pieces.items() if getattr(chosen, name) is not None]
    return " AND ".join([_TENANT, *wanted])
