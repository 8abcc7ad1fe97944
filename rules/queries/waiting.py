"""What waits for somebody's word."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.models import Namespace
from rules.models import ChangeSet, ChangeSetState

_SUBMITTED = (ChangeSetState.IN_REVIEW, ChangeSetState.APPROVED)


def approvals_waiting(namespace: Namespace, *, identity: str) -> int:
    """Count the change sets that this person may approve or publish."""
    return waiting_for_publisher(namespace, identity=identity).count()


def waiting_for_publisher(
    namespace: Namespace, *, identity: str
) -> QuerySet[ChangeSet]:
    """Return the change sets that this person may approve, or publish once approved.

    Where four eyes are asked for, those that the person worked on are not among them.
    """
    waiting = ChangeSet.objects.filter(namespace=namespace, state__in=_SUBMITTED)
    if namespace.four_eyes:
        waiting = waiting.exclude(contributors__contains=[identity])
    return waiting
