"""Who a request is and which namespaces it may touch. Decided here and nowhere else.

Machines come with an API key, looked up by its prefix and compared by hash. What was
found is kept in the process for a few seconds, so that a revoked key stops working
within `KEY_SECONDS` and the hot routes ask the database for nothing. While the database
does not answer, what was found goes on holding: nobody can revoke a key then.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest

from catalog.core.text import is_id
from catalog.models import Namespace, Scope
from catalog.operations.keys import KnownKey, find_key, note_use
from catalog.operations.namespaces import create_namespace, find_in_org
from catalog.postgresql.deadline import within_deadline
from catalog.remembering import Remembered

KEY_SECONDS = 5.0
NAMESPACE_SECONDS = 1.0


class AccessRefusedError(Exception):
    """The request may not do what it asks for."""

    def __init__(self, code: str, message: str, *, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A machine that calls the API, and what its key allows."""

    org_id: UUID
    name: str
    scopes: frozenset[str]
    namespaces: frozenset[int] | None
    """Numbers of the namespaces it may touch; None for all of the org."""
    is_demo: bool = False
    key_id: int | None = None

    def may(self, scope: str) -> bool:
        return scope in self.scopes


ALL_SCOPES = frozenset(Scope.values)
_keys: Remembered[str, KnownKey | None] = Remembered()
_namespaces: Remembered[tuple[UUID, str], Namespace | None] = Remembered()


def identify(request: HttpRequest, *, at: datetime) -> Caller:
    """Return who calls, for which org; raise `AccessRefusedError` (400, 401, 403)."""
    org_id = _org_of(request)
    if not settings.AUTHENTICATION:
        return Caller(
            org_id=org_id, name="demo", scopes=ALL_SCOPES, namespaces=None, is_demo=True
        )
    key = _key_of(request)
    if key is None or not key.is_valid(at=at):
        raise AccessRefusedError(
            "unauthorized", "Send a valid key as X-API-Key or Bearer token.", status=401
        )
    if key.org_id != org_id:
        raise AccessRefusedError(
            "forbidden", "This key does not reach that organisation.", status=403
        )
    with suppress(OperationalError, InterfaceError):
        within_deadline(lambda: note_use(key.id, at=at))
    return Caller(
        org_id=org_id,
        name=key.name,
        scopes=key.scopes,
        namespaces=key.namespaces,
        key_id=key.id,
    )


def require(caller: Caller, scope: str) -> None:
    """Raise 403 unless the caller's key has the scope."""
    if not caller.may(scope):
        raise AccessRefusedError(
            "forbidden", f"This key lacks the scope {scope}.", status=403
        )


def find_namespace(
    caller: Caller, name: str, *, scope: str, create: bool = False
) -> Namespace | None:
    """Return the namespace, if the caller may use it for `scope`.

    Unknown ones are made when `create` and the key allow; for a key that may create,
    None means that nobody wrote there yet. Everybody else gets 404.
    """
    require(caller, scope)
    namespace = _remembered(caller.org_id, name)
    if namespace is None and create and caller.may(Scope.AUTO_CREATE):
        _refuse_unknown_to_limited_key(caller)
        namespace = create_namespace(caller.org_id, name)
    if namespace is None:
        _refuse_unknown(caller, name)
        return None
    if caller.namespaces is not None and namespace.pk not in caller.namespaces:
        raise _out_of_reach()
    return namespace


def forget_cached() -> None:
    """Look everything up again: for tests, and after keys were changed."""
    _keys.forget_all()
    _namespaces.forget_all()


def _refuse_unknown(caller: Caller, name: str) -> None:
    _refuse_unknown_to_limited_key(caller)
    if not caller.may(Scope.AUTO_CREATE):
        raise AccessRefusedError(
            "namespace_not_found", f"There is no namespace {name}.", status=404
        )


def _refuse_unknown_to_limited_key(caller: Caller) -> None:
    # Also hides from such a key which other namespaces exist.
    if caller.namespaces is not None:
        raise _out_of_reach()


def _out_of_reach() -> AccessRefusedError:
    return AccessRefusedError(
        "forbidden", "This key does not reach that namespace.", status=403
    )


def _org_of(request: HttpRequest) -> UUID:
    sent = request.headers.get("X-Org-ID", "").strip()
    if not sent:
        raise AccessRefusedError(
            "missing_org_id", "Send the header X-Org-ID.", status=400
        )
    try:
        return UUID(sent)
    except ValueError:
        raise AccessRefusedError(
            "invalid_org_id", "X-Org-ID must be a UUID.", status=400
        ) from None


def _key_of(request: HttpRequest) -> KnownKey | None:
    sent = request.headers.get("X-API-Key", "").strip()
    if not sent:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        sent = token.strip() if scheme.lower() == "bearer" else ""
    if not sent or not is_id(sent):
        return None
    return _keys.recall(sent, seconds=KEY_SECONDS, find=lambda: find_key(sent))


def _remembered(org_id: UUID, name: str) -> Namespace | None:
    found = _namespaces.recall(
        (org_id, name),
        seconds=NAMESPACE_SECONDS,
        find=lambda: find_in_org(org_id, name),
    )
    if found is None:
        # The next write may make it.
        _namespaces.forget((org_id, name))
    return found
