from __future__ import annotations

from typing import ClassVar

from django.db import models

from catalog.models import Org
from catalog.tenancy import TenantManager, TenantModel


class FeedbackKind(models.IntegerChoices):
    """What became of an item of an answer."""

    IMPRESSION = 0, "impression"
    CLICK = 1, "click"
    CART = 2, "cart"
    PURCHASE = 3, "purchase"
    DISMISSAL = 4, "dismissal"
    SKIP = 5, "skip"


class FeedbackState(models.IntegerChoices):
    """Whether it counts in figures, and why not."""

    NEW = 0, "not looked at yet"
    COUNTED = 1, "counted"
    REPEATED = 2, "the same of this item was counted before"
    LATE = 3, "outside the attribution window"
    UNKNOWN = 4, "no such answer was kept"
    ELSEWHERE = 5, "the item is not in that answer"


class FeedbackSource(models.IntegerChoices):
    API = 0, "API"
    EVENT = 1, "event"


class Feedback(TenantModel):
    """What somebody did with an item of an answer, tied to its decision and slot.

    Partitioned by day like Decision. The primary key in the database is (decision_day,
    decision_id, namespace_id, key): whatever is sent twice lands on its twin, and no
    tenant takes another's key.
    """

    decision_id = models.UUIDField(primary_key=True)
    decision_day = models.DateField()
    # "c:" and the client's id, "e:" and the event's number, "i:" and item and kind, or
    # "s:" and slot and kind.
    key = models.TextField()
    kind = models.SmallIntegerField(choices=FeedbackKind)
    # Its number. NULL until it was looked up in the decision by its slot.
    item = models.BigIntegerField(null=True)
    # From 1. NULL until it was looked up in the decision by its item.
    slot = models.SmallIntegerField(null=True)
    value = models.FloatField(null=True)
    # When it happened, and when we heard of it.
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    # For so long after the answer it counts.
    window_hours = models.FloatField()
    source = models.SmallIntegerField(choices=FeedbackSource)
    state = models.SmallIntegerField(choices=FeedbackState, default=FeedbackState.NEW)

    class Meta:
        # Created by hand in the migration: Django cannot declare partitions.
        indexes = [
            models.Index(
                fields=["org", "received_at"],
                condition=models.Q(state=FeedbackState.NEW),
                name="feedback_new",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.decision_id}"


class UntiedEvent(TenantModel):
    """An event that names a request whose decision may still be on its way."""

    event = models.BigIntegerField(primary_key=True)
    request_id = models.TextField()
    kind = models.SmallIntegerField(choices=FeedbackKind)
    item = models.BigIntegerField()
    value = models.FloatField()
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    window_hours = models.FloatField()

    class Meta:
        indexes = [
            models.Index(fields=["org", "received_at"], name="untiedevent_waiting"),
        ]

    def __str__(self) -> str:
        return f"event {self.event}"


class FeedbackCounts(TenantModel):
    """What was served and what came of it, in the hour of the answers."""

    answers = models.BigIntegerField(db_default=0)
    served = models.BigIntegerField(db_default=0)
    impressions = models.BigIntegerField(db_default=0)
    clicks = models.BigIntegerField(db_default=0)
    carts = models.BigIntegerField(db_default=0)
    purchases = models.BigIntegerField(db_default=0)
    dismissals = models.BigIntegerField(db_default=0)
    skips = models.BigIntegerField(db_default=0)

    class Meta:
        abstract = True
        base_manager_name = "unscoped"


class FeedbackHour(FeedbackCounts):
    """Counts by one property of the answer or of the slot."""

    id = models.BigAutoField(primary_key=True)
    hour = models.DateTimeField()
    # "all", "surface", "segment", "profile" or "slot".
    dimension = models.TextField()
    value = models.TextField()

    class Meta(FeedbackCounts.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "dimension", "hour", "value"],
                name="feedbackhour_org_namespace_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.value} at {self.hour:%Y-%m-%d %H}"


class RuleHour(FeedbackCounts):
    """Counts of the answers that a rule met, apart for those it was held out of.

    `answers` are those that it met; of `traced` the trace was kept, and all further
    counts are of these. What is said of items is said of those that it touched.
    """

    id = models.BigAutoField(primary_key=True)
    hour = models.DateTimeField()
    rule_id = models.UUIDField()
    held = models.BooleanField()
    traced = models.BigIntegerField(db_default=0)
    # Candidates that it met.
    matched = models.BigIntegerField(db_default=0)
    # Those of them that were on the page.
    exposed = models.BigIntegerField(db_default=0)
    # Those of these that stand elsewhere than they would without rules.
    moved = models.BigIntegerField(db_default=0)
    # Answers in which it met items, was to show them, and none was shown.
    without_effect = models.BigIntegerField(db_default=0)
    item_clicks = models.BigIntegerField(db_default=0)
    item_purchases = models.BigIntegerField(db_default=0)

    class Meta(FeedbackCounts.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "rule_id", "hour", "held"],
                name="rulehour_org_namespace_key",
            ),
        ]
        indexes = [
            models.Index(fields=["namespace", "hour"], name="rulehour_lately"),
        ]

    def __str__(self) -> str:
        return f"rule {self.rule_id} at {self.hour:%Y-%m-%d %H}"


class FeedbackMark(models.Model):
    """Up to where an org's decisions, and its namespaces' events, were counted."""

    id = models.BigAutoField(primary_key=True)
    org = models.ForeignKey(
        Org,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    # "batches" of the org, or "changes:" and the number of a namespace.
    name = models.TextField()
    number = models.BigIntegerField()

    objects = TenantManager()
    unscoped: ClassVar[models.Manager[FeedbackMark]] = models.Manager()

    class Meta:
        base_manager_name = "unscoped"
        constraints = [
            models.UniqueConstraint(
                fields=["org", "name"], name="feedbackmark_org_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} up to {self.number}"
