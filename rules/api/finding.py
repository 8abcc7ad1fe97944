"""Finding what a path names, or answering 404."""

from __future__ import annotations

from uuid import UUID

from catalog.api.errors import ApiError
from catalog.api.view import TenantView
from rules.models import ChangeSet, ManualOverride, Rule

_NOBODY = UUID(int=0)


def find_rule(view: TenantView, sent: str) -> Rule:
    rows = Rule.objects.select_related("namespace", "version")
    rule = rows.filter(pk=_uuid(sent)).first()
    if rule is None or not _reaches(view, rule):
        raise ApiError("rule_not_found", f"There is no rule {sent}.", status=404)
    return rule


def find_override(view: TenantView, sent: str) -> ManualOverride:
    rows = ManualOverride.objects.select_related("namespace")
    override = rows.filter(pk=_uuid(sent)).first()
    if override is None or not _reaches(view, override):
        raise ApiError(
            "override_not_found", f"There is no manual override {sent}.", status=404
        )
    return override


def find_change_set(view: TenantView, sent: str) -> ChangeSet:
    rows = ChangeSet.objects.select_related("namespace")
    change_set = rows.filter(pk=_uuid(sent)).first()
    if change_set is None or not _reaches(view, change_set):
        raise ApiError(
            "change_set_not_found", f"There is no change set {sent}.", status=404
        )
    return change_set


def _reaches(view: TenantView, row: Rule | ManualOverride | ChangeSet) -> bool:
    """Raise 403 where the key does not reach the namespace; the org is in scope."""
    found = view.namespace(row.namespace.name)
    return found is not None and found.pk == row.namespace_id


def _uuid(sent: str) -> UUID:
    """Return the id, or one that nothing has."""
    try:
        return UUID(sent)
    except ValueError:
        return _NOBODY
