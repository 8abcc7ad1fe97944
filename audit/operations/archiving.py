from __future__ import annotations

from datetime import date
from itertools import batched

import structlog

from audit import archive
from audit.models import Decision
from audit.queries.integrity import envelope_of
from catalog.models import Namespace
from catalog.tenancy import org_scope

log = structlog.get_logger(__name__)

_AT_ONCE = 5_000


def archive_day(namespace: Namespace, day: date) -> int:
    """Write a day's decisions to the archive; return how many were not there yet.

    Whoever dies within it leaves no half file, and whoever does it again writes
    nothing twice.
    """
    folder = archive.folder_of(namespace.org_id, namespace.pk)
    with org_scope(namespace.org_id):
        found = Decision.objects.filter(namespace=namespace, decision_day=day)
        if not found.exists():
            return 0
        known = archive.ids_in(folder, day)
        fresh = (
            (envelope_of(decision), decision.batch_number)
            for decision in found.order_by("decision_id").iterator(_AT_ONCE)
            if str(decision.decision_id) not in known
        )
        count = archive.write(
            folder, day, map(archive.archived, batched(fresh, _AT_ONCE))
        )
    log.info("decisions_archived", namespace=namespace.pk, day=str(day), count=count)
    return count
