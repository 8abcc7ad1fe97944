from __future__ import annotations

import pghistory
from django.db import models

from catalog.tenancy import TenantModel

from .edits import every_edit
from .orgs import BYTES


class User(TenantModel):
    """A shopper, viewer or client of the bank: someone for whom items are ranked."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.TextField(db_collation=BYTES)
    # False for users known by their events alone, and after deletion.
    listed = models.BooleanField(default=True, editable=False)
    traits = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "user_id"],
                name="user_org_namespace_user_id",
            ),
        ]
        indexes = [
            models.Index(
                fields=["namespace", "created_at", "id"],
                condition=models.Q(listed=True),
                name="user_list_order",
            ),
        ]

    def __str__(self) -> str:
        return self.user_id


@pghistory.track(*every_edit(), append_only=True)
class EventType(TenantModel):
    """What a kind of event is called and how much it weighs, where it differs."""

    id = models.BigAutoField(primary_key=True)
    type = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=64)
    weight = models.FloatField()
    half_life_days = models.FloatField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    # What an event of this type says of an answer that it names; empty: what its
    # number says.
    feedback = models.CharField(max_length=10, blank=True, default="")
    # For so long after the answer it is put down to it; NULL: what its feedback says.
    attribution_hours = models.FloatField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "type"], name="eventtype_org_namespace_type"
            ),
            models.CheckConstraint(
                condition=models.Q(weight__gt=0), name="eventtype_weight_above_0"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Event(TenantModel):
    """Something a user did with an item. Never changed, only deleted.

    The table is partitioned by month of `ts`; its primary key there is (namespace, ts,
    id), which is also the order of lists. `id` alone is unique too (one sequence feeds
    all partitions) and gives the order of arrival, within a batch that of `ts`.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        User,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="events",
    )
    item = models.ForeignKey(
        "catalog.Item",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="events",
    )
    type = models.PositiveSmallIntegerField()
    value = models.FloatField(default=1.0)
    ts = models.DateTimeField()
    meta = models.JSONField(null=True)
    source_event_id = models.TextField(null=True, db_collation=BYTES)
    received_at = models.DateTimeField()

    class Meta:
        # Created by hand in the first migration: Django cannot declare partitions.
        indexes = [
            models.Index(
                fields=["namespace", "user", "-ts"],
                include=["item", "type", "value"],
                name="event_user_history",
            ),
            models.Index(
                fields=["namespace", "item", "-ts"], name="event_item_exposure"
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.pk}"


class EventKey(TenantModel):
    """The id that a client gave to an event, so that a retry is stored once.

    Apart from Event because a unique index over partitions must hold `ts`, and a
    retry after midnight may carry another one. Hash-partitioned, pruned after 400 days.
    """

    # In the database the primary key is (org, namespace, source_event_id).
    source_event_id = models.TextField(primary_key=True, db_collation=BYTES)
    seen_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "source_event_id"],
                name="eventkey_org_namespace_source_event_id",
            ),
        ]

    def __str__(self) -> str:
        return self.source_event_id
