"""The catalog's addresses, but the hot one."""

from django.urls import path

from .api import runs
from .api.deletes import EventsDelete, ItemsDelete
from .api.event_types import EventTypes, EventTypesUpsert
from .api.ingestion import ItemsUpsert, UsersUpsert
from .api.lists import Events, Items, Users
from .demo.views import urlpatterns as pictures

urlpatterns = [
    path("v1/items", Items.as_view(), name="items"),
    path("v1/items:upsert", ItemsUpsert.as_view(), name="items-upsert"),
    path("v1/items:delete", ItemsDelete.as_view(), name="items-delete"),
    path("v1/users", Users.as_view(), name="users"),
    path("v1/users:upsert", UsersUpsert.as_view(), name="users-upsert"),
    path("v1/events", Events.as_view(), name="events"),
    path("v1/events:delete", EventsDelete.as_view(), name="events-delete"),
    path("v1/event-types", EventTypes.as_view(), name="event-types"),
    path(
        "v1/event-types:upsert", EventTypesUpsert.as_view(), name="event-types-upsert"
    ),
    *runs.urlpatterns,
    *pictures,
]
