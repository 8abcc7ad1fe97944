"""What waits for somebody's word."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.models import Namespace
from rules.models import ChangeSet, ChangeSetState


def approvals_waiting(namespace: Namespace, *, identity: str) -> int:
    """Count the change sets in review that this person may approve."""
    return waiting_for_approval(namespace, identity=identity).count()


def waiting_for_approval(namespace: Namespace, *, identity: str) -> QuerySet[ChangeSet]:
    """Return the change sets in review that this person may approve.

    Where four eyes are asked for, those that the person worked on are not among them.
    """
    waiting = ChangeSet.objects.filter(
        namespace=namespace, state=ChangeSetState.IN_REVIEW
    )
    if namespace.four_eyes:
        waiting = waiting.exclude(contributors__contains=[identity])
    return waiting
