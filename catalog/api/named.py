"""What a call names: its namespace, a row by id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model

from catalog.models import Namespace

from .errors import ApiError
from .view import TenantView


def named(view: TenantView, name: str) -> Namespace:
    """Return a namespace by name, or raise 404."""
    namespace = view.namespace(name)
    if namespace is None:
        raise ApiError(
            "namespace_not_found", f"There is no namespace {name}.", status=404
        )
    return namespace


def visible(
    view: TenantView, model: type[Model], key: UUID, *, beside: Sequence[str] = ()
) -> Any:
    """Return a row that the caller may see; others do not exist for it.

    `beside` names related rows that are wanted with it.
    """
    rows = model._default_manager.filter(pk=key)
    found: Any = (rows.select_related(*beside) if beside else rows).first()
    allowed = view.caller.namespaces
    if found is None or (allowed is not None and found.namespace_id not in allowed):
        name = str(model._meta.verbose_name)
        raise ApiError(
            f"{name.replace(' ', '_')}_not_found",
            f"There is no {name} {key}.",
            status=404,
        )
    return found
