"""The tables in which triggers keep edits, of whatever apps there are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Q
from pghistory.models import Event

from catalog.models import Namespace


@cache
def tracked() -> Mapping[str, type[Any]]:
    """Return those that hold a tenant's edits, by the label of the tracked model."""
    found: list[type[Any]] = [
        model for model in apps.get_models() if issubclass(model, Event)
    ]
    by_label = {str(each.pgh_tracked_model._meta.label_lower): each for each in found}
    return {
        label: by_label[label] for label in sorted(by_label) if _of(by_label[label])
    }


def in_namespace(label: str, namespace: Namespace) -> Q:
    """Return the condition for edits that matter to a namespace."""
    table = tracked()[label]
    if table.pgh_tracked_model is Namespace:
        return Q(org=namespace.org_id, pgh_obj=namespace.pk)
    if "namespace" not in _of(table):
        return Q(org=namespace.org_id)
    # Without a namespace it holds in all of the org.
    here = Q(namespace=namespace.pk) | Q(namespace=None)
    return Q(org=namespace.org_id) & here


def _of(table: type[Any]) -> set[str]:
    """Return which of the tenancy columns a table has."""
    return {field.name for field in table._meta.get_fields()} & {"org", "namespace"}
