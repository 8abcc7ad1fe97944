"""Erasing a user everywhere: the one operation that knows every app that keeps some."""

from __future__ import annotations

from datetime import datetime

import structlog

from audit.operations.erasure import forget as forget_in_audit
from catalog.core.filters import Filter
from catalog.models import Namespace
from catalog.operations.deletes import delete_users
from catalog.queries.lists import user_ids_of

log = structlog.get_logger(__name__)


def erase_users(namespace: Namespace, chosen: Filter, *, at: datetime) -> int:
    """Erase the chosen users with their events; return how many the catalog knew.

    Their traces keep no way back to them. Without any filter this is a reset of the
    namespace's data, which leaves its decisions as they are.
    """
    if chosen.is_empty:
        return delete_users(namespace, chosen, at=at)
    user_ids = user_ids_of(namespace, chosen)
    if chosen.user_id is not None:
        # Decisions may know a user of whom the catalog never heard.
        user_ids = [chosen.user_id]
    decisions = forget_in_audit(namespace, user_ids=user_ids, at=at)
    count = delete_users(namespace, chosen, at=at)
    log.info(
        "users_erased", namespace=namespace.pk, users=len(user_ids), decisions=decisions
    )
    return count
