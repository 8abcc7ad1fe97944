"""What `serve` answers, and loads nothing for but this."""

from __future__ import annotations

from django.urls import path

from .api.ingestion import EventsBatch

urlpatterns = [
    path("v1/events:batch", EventsBatch.as_view(), name="events-batch"),
]
