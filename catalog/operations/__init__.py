"""What can be done to the catalog: each a verb, in one transaction, at a given time."""

from .deletes import delete_events, delete_items, delete_users, forget
from .event_columns import EventColumns, EventRows
from .event_types import event_types, upsert_event_types
from .events import StoredEvents, store_event_rows, store_events
from .feed import record_change
from .items import upsert_items
from .namespaces import create_namespace
from .users import upsert_users

__all__ = [
    "EventColumns",
    "EventRows",
    "StoredEvents",
    "create_namespace",
    "delete_events",
    "delete_items",
    "delete_users",
    "event_types",
    "forget",
    "record_change",
    "store_event_rows",
    "store_events",
    "upsert_event_types",
    "upsert_items",
    "upsert_users",
]
