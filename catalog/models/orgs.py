from __future__ import annotations

import pghistory
from django.db import models

from .edits import every_edit

# External ids and names are compared as bytes, whatever the database's locale is.
BYTES = "C"
MAX_ID_BYTES = 256


class Org(models.Model):
    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "organisation"

    def __str__(self) -> str:
        return self.name or str(self.id)


class Clock(models.TextChoices):
    """What "now" means for windows, half-lives and the default `at`."""

    WALL = "wall", "wall clock"
    DATA = "data", "newest event"
    AUTO = "auto", "wall clock while events are fresh, else newest event"


# Its counters move with every write; the change feed tells of those.
@pghistory.track(
    *every_edit(), append_only=True, exclude=["change_number", "newest_event_at"]
)
class Namespace(models.Model):
    """A shop or surface family of an org: the unit that is ranked and merchandised."""

    org = models.ForeignKey(Org, on_delete=models.PROTECT, related_name="namespaces")
    name = models.CharField(max_length=200, db_collation=BYTES)
    title = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, default="EUR")
    clock = models.CharField(max_length=4, choices=Clock, default=Clock.AUTO)
    is_production = models.BooleanField(default=False)
    four_eyes = models.BooleanField(default=False)
    embedding_model = models.CharField(max_length=100, default="hashed-ngrams-v1")
    # Fixed by the first vector that a client sends, and kept when the data are reset.
    embedding_dimension = models.PositiveSmallIntegerField(null=True, blank=True)
    switches = models.JSONField(default=dict, blank=True)
    # The number of the newest row of the change feed. Raised under this row's lock, so
    # that no number appears after a higher one was read.
    change_number = models.BigIntegerField(default=0, editable=False)
    newest_event_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org", "name"], name="namespace_org_name"),
        ]

    def __str__(self) -> str:
        return self.title or self.name
