from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from audit.models.batches import PseudonymKey
from audit.pseudonyms import forget_versions, newest_version
from catalog.tenancy import org_scope

from .chain import lock_org

log = structlog.get_logger(__name__)


def rotate_key(org_id: UUID, *, by: str, at: datetime) -> int:
    """Hash the org's user ids with a fresh key from now on; return its version.

    What is stored keeps its hashes, and is found by them: every version is tried.
    """
    with org_scope(org_id):
        # An erasure under way must know every version that its user may have.
        lock_org(org_id)
        version = newest_version(org_id) + 1
        PseudonymKey.objects.create(
            org_id=org_id, version=version, since=at, rotated_by=by
        )
        transaction.on_commit(forget_versions)
    log.info("audit_key_rotated", org=str(org_id), version=version, by=by)
    return version
