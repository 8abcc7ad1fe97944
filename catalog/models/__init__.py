"""What everything else stands on: orgs, items, users, events, the feed and Runs."""

from .access import ApiKey, Membership, Role, Scope
from .events import Event, EventKey, EventType, User
from .feed import Change, ChangeKind
from .idempotency import IdempotencyRecord
from .items import ALL_CATEGORIES, Item, ItemVector, VectorSource
from .orgs import Clock, Namespace, Org
from .runs import Run, RunState

__all__ = [
    "ALL_CATEGORIES",
    "ApiKey",
    "Change",
    "ChangeKind",
    "Clock",
    "Event",
    "EventKey",
    "EventType",
    "IdempotencyRecord",
    "Item",
    "ItemVector",
    "Membership",
    "Namespace",
    "Org",
    "Role",
    "Run",
    "RunState",
    "Scope",
    "User",
    "VectorSource",
]
