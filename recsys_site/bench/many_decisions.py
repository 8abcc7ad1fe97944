"""A million decisions over a month, on days that nobody else has decisions of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from audit.models import Decision
from catalog.models import Namespace
from catalog.tenancy import org_scope

from .decisions import fill

DAYS = 30


def fill_up(namespace: Namespace, count: int) -> int:
    """Make decisions until there are so many. Return how many were made."""
    with org_scope(namespace.org_id):
        stored = Decision.objects.filter(namespace=namespace).count()
    if stored >= count:
        return 0
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=age) for age in range(DAYS, 0, -1)]
    free = [day for day in days if not Decision.unscoped.filter(decision_day=day)[:1]]
    if not free:
        raise RuntimeError("All days have decisions already; none may be replaced.")
    for day in free:
        fill(day, namespace=namespace, rows=-(-(count - stored) // len(free)))
    return count - stored
