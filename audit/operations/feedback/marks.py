"""Up to where an org's decisions and events were counted: one worker at a time."""

from __future__ import annotations

from uuid import UUID

from audit.models import FeedbackMark
from catalog.models import Namespace

BATCHES = "batches"


def mark_of(namespace: Namespace) -> str:
    """Return the name of the mark in the namespace's change feed."""
    return f"changes:{namespace.pk}"


def take(org_id: UUID, name: str) -> FeedbackMark | None:
    """Return a mark, held until the transaction ends; None while another holds it."""
    FeedbackMark.objects.bulk_create(
        [FeedbackMark(org_id=org_id, name=name, number=0)], ignore_conflicts=True
    )
    return (
        FeedbackMark.objects.select_for_update(skip_locked=True)
        .filter(org_id=org_id, name=name)
        .order_by("pk")
        .first()
    )


def move(mark: FeedbackMark, number: int) -> None:
    FeedbackMark.objects.filter(pk=mark.pk).update(number=number)
