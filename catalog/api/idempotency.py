"""The `Idempotency-Key` header: a call that is sent twice happens once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import connection
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.core.faults import refuse
from catalog.models import IdempotencyRecord
from catalog.operations.idempotency import LIFETIME
from catalog.operations.namespaces import ensure_org

from .errors import ApiError
from .wire import body_of, encode

_MAX_KEY = 128


def once(
    call: Callable[[], Response],
    *,
    request: Request,
    org_id: UUID,
    key: str,
    at: datetime,
) -> Response:
    """Return the first answer again, or call and remember the answer.

    Runs in the caller's transaction: no effect without its record, no record without
    its effect, and a failed call may be sent again under the same key.
    """
    if len(key) > _MAX_KEY or not key.isprintable():
        raise refuse(
            "invalid_idempotency_key",
            f"An Idempotency-Key has at most {_MAX_KEY} printable characters.",
            field="Idempotency-Key",
        )
    route = request.path[:100]
    _refuse_while_running(f"{org_id} {route} {key}")
    digest = hashlib.sha256(
        request.META.get("QUERY_STRING", "").encode() + b"\n" + body_of(request)
    ).digest()
    kept = IdempotencyRecord.objects.filter(route=route, key=key)
    kept.filter(created_at__lt=at - LIFETIME).delete()
    if (record := kept.first()) is not None:
        return _again(record, digest=digest)
    response = call()
    ensure_org(org_id)
    IdempotencyRecord.objects.create(
        org_id=org_id,
        route=route,
        key=key,
        body_sha256=digest,
        status=response.status_code,
        answer=encode(response.data),
        created_at=at,
    )
    return response


def _again(record: IdempotencyRecord, *, digest: bytes) -> Response:
    if bytes(record.body_sha256) != digest:
        raise ApiError(
            "idempotency_key_reuse",
            "This Idempotency-Key was sent with another body.",
            status=422,
        )
    return Response(
        bytes(record.answer),
        status=record.status,
        headers={"Idempotency-Replayed": "true"},
    )


def _refuse_while_running(name: str) -> None:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        (free,) = cursor.fetchone()
    if not free:
        raise ApiError(
            "idempotency_key_in_use",
            "The first call with this Idempotency-Key is still running.",
            status=409,
            headers={"Retry-After": "1"},
        )
