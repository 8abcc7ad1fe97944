from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection, transaction

from audit.models import Decision, Erasure
from audit.pseudonyms import hashes_of
from catalog.models import Namespace

from .chain import lock_org

# A decision may lie in the spool of a stopped host for so long.
KEEP_ERASURES = timedelta(days=7)

_DELETE_PRIVATE = """
DELETE FROM audit_decisionprivate AS private USING audit_decision AS decision
WHERE decision.namespace_id = %s AND decision.user_hash = ANY(%s)
  AND private.decision_day = decision.decision_day
  AND private.decision_id = decision.decision_id
"""


def forget(namespace: Namespace, *, user_ids: Collection[str], at: datetime) -> int:
    """Leave no way from decisions back to these users; return how many changed.

    The decisions keep their numbers. Runs inside the org's scope.
    """
    hashes = [
        user_hash
        for user_id in user_ids
        for user_hash in hashes_of(
            namespace.org_id, namespace_id=namespace.pk, user_id=user_id
        )
    ]
    with transaction.atomic():
        lock_org(namespace.org_id)
        _remember(namespace, hashes=hashes, at=at)
        with connection.cursor() as cursor:
            cursor.execute(_DELETE_PRIVATE, [namespace.pk, hashes])
        return Decision.objects.filter(
            namespace=namespace, user_hash__in=hashes
        ).update(user_hash=None)


def purge_erasures(*, at: datetime) -> int:
    """Drop the hashes of users erased so long ago that nothing can be on its way."""
    deleted, _ = Erasure.unscoped.filter(erased_at__lt=at - KEEP_ERASURES).delete()
    return deleted


def _remember(namespace: Namespace, *, hashes: list[bytes], at: datetime) -> None:
    rows = [
        Erasure(
            org_id=namespace.org_id,
            namespace=namespace,
            user_hash=user_hash,
            erased_at=at,
        )
        for user_hash in hashes
    ]
    Erasure.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["org", "namespace", "user_hash"],
        update_fields=["erased_at"],
    )
