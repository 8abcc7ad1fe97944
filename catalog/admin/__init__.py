"""Catalog in the admin: items, users, events, Runs, changes and who may enter."""

from . import (
    access,
    changes,
    event_types,
    events,
    items,
    members,
    orgs,
    runs,
    users,
)

__all__ = [
    "access",
    "changes",
    "event_types",
    "events",
    "items",
    "members",
    "orgs",
    "runs",
    "users",
]
