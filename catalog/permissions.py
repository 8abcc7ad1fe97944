"""Which staff member may do what, and where. The one place that decides it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from .models import Membership, Namespace, Role

type Verb = Literal["view", "edit", "publish", "operate", "administer"]
type Staff = AbstractBaseUser | AnonymousUser

# Each role includes the ones before it, so a verb needs no more than its lowest role.
_LOWEST_ROLE: dict[Verb, Role] = {
    "view": Role.VIEWER,
    "edit": Role.MERCHANDISER,
    "publish": Role.PUBLISHER,
    "operate": Role.OPERATOR,
    "administer": Role.ADMIN,
}
_RANK = {role: rank for rank, role in enumerate(Role)}


class NotAllowedError(PermissionDenied):
    """A staff member tried what their role does not include."""


def can(staff: Staff, verb: Verb, namespace: Namespace | None) -> bool:
    """Tell whether a staff member's role in a namespace includes a verb."""
    role = role_of(staff, namespace)
    return role is not None and _RANK[role] >= _RANK[_LOWEST_ROLE[verb]]


def require(staff: Staff, verb: Verb, namespace: Namespace | None) -> None:
    """Raise, in words for the reader, unless :func:`can`."""
    if not can(staff, verb, namespace):
        needed = _LOWEST_ROLE[verb].label.lower()
        raise NotAllowedError(
            f"This needs the role {needed} or above in {namespace or 'a namespace'}."
        )


def role_of(staff: Staff, namespace: Namespace | None) -> Role | None:
    """Return the highest role that a staff member has in a namespace."""
    if not (staff.is_authenticated and getattr(staff, "is_staff", False)):
        return None
    if getattr(staff, "is_superuser", False):
        return Role.ADMIN
    if namespace is None:
        return None
    roles = [
        Role(membership.role)
        for membership in _memberships(staff)
        if membership.org_id == namespace.org_id
        and membership.namespace_id in (None, namespace.pk)
    ]
    return max(roles, key=_RANK.__getitem__, default=None)


def name_of(staff: Staff) -> str:
    """Return what a staff member is called on pages and in versions."""
    full = getattr(staff, "get_full_name", str)()
    return str(full or getattr(staff, "username", ""))


def can_everywhere(staff: Staff, verb: Verb, org_id: UUID) -> bool:
    """Tell whether a staff member's role in a whole org includes a verb."""
    if getattr(staff, "is_superuser", False):
        return True
    return any(
        _RANK[Role(membership.role)] >= _RANK[_LOWEST_ROLE[verb]]
        for membership in _memberships(staff)
        if membership.org_id == org_id and membership.namespace_id is None
    )


def namespaces_of(staff: Staff) -> QuerySet[Namespace]:
    """Return the namespaces that a staff member may enter, in the order of names."""
    everything = Namespace.objects.select_related("org").order_by(
        "org_id", "name", "pk"
    )
    if getattr(staff, "is_superuser", False):
        return everything
    memberships = _memberships(staff)
    whole_orgs = [each.org_id for each in memberships if each.namespace_id is None]
    single = [each.namespace_id for each in memberships if each.namespace_id]
    return everything.filter(Q(org_id__in=whole_orgs) | Q(pk__in=single))


def _memberships(staff: Staff) -> list[Membership]:
    """Read a staff member's memberships once per request (= per user object)."""
    known: list[Membership] | None = getattr(staff, "_known_memberships", None)
    if known is None:
        known = list(Membership.objects.filter(staff_id=staff.pk).order_by("pk"))
        staff._known_memberships = known  # type: ignore[union-attr]
    return known
