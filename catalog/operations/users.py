"""Users sent by clients: new ones made, the traits of known ones replaced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from catalog.core.wire import UserIn
from catalog.models import ChangeKind, Namespace

from . import incoming
from .feed import record_change
from .namespaces import share_namespace

_UPSERT = """
INSERT INTO catalog_user AS known (
    org_id, namespace_id, user_id, listed, traits, created_at, updated_at
)
SELECT %(org)s, %(namespace)s, user_id, true, traits, %(at)s, %(at)s
FROM incoming_users
ORDER BY user_id
ON CONFLICT (org_id, namespace_id, user_id) DO UPDATE
SET listed = true,
    traits = CASE
        WHEN known.user_id = ANY(%(silent)s) THEN known.traits ELSE excluded.traits
    END,
    created_at = CASE WHEN known.listed THEN known.created_at ELSE %(at)s END,
    updated_at = %(at)s
RETURNING id
"""


def upsert_users(namespace: Namespace, users: Sequence[UserIn], *, at: datetime) -> int:
    """Make or change the users and return how many there were.

    Ids must be valid and different from each other. Who comes without traits keeps
    the old ones.
    """
    if not users:
        return 0
    share_namespace(namespace)
    incoming.copy_rows(
        "incoming_users",
        incoming.USERS,
        (
            (user.user_id, msgspec.json.encode(user.traits or {}).decode())
            for user in users
        ),
    )
    values: dict[str, Any] = {
        "org": namespace.org_id,
        "namespace": namespace.pk,
        "at": at,
        "silent": [user.user_id for user in users if user.traits is None],
    }
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, values)
        numbers = sorted(number for (number,) in cursor.fetchall())
    record_change(
        namespace, kind=ChangeKind.USERS, ids=numbers, count=len(numbers), at=at
    )
    return len(numbers)
