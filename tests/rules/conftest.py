"""A shop whose rules are changed over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from catalog import access
from catalog.models import Namespace, Org, Scope
from catalog.operations.keys import create_key
from catalog.operations.namespaces import create_namespace
from tests.ranking.conftest import serving_connections, shop
from tests.rules.desks import ORG, Desk

__all__ = ["serving_connections", "shop"]

type KeyFor = Callable[..., Desk]
SCOPES = {
    "viewer": [Scope.READ],
    "merchandiser": [Scope.READ, Scope.CONFIGURE],
    "publisher": [Scope.READ, Scope.CONFIGURE, Scope.PUBLISHER],
}


@pytest.fixture
def desk(db: None) -> Iterator[Desk]:
    """Whoever calls, while nobody must log in."""
    access.forget_cached()
    yield Desk()
    access.forget_cached()


@pytest.fixture
def namespace(desk: Desk) -> Namespace:
    return create_namespace(ORG, "shop")


@pytest.fixture
def as_role(namespace: Namespace, settings: Any) -> Iterator[KeyFor]:
    """Give a desk to somebody with a key of a role's scopes."""
    settings.AUTHENTICATION = True

    def make(role: str, *, name: str) -> Desk:
        org = Org.objects.get(pk=ORG)
        _, text = create_key(org, name=name, scopes=SCOPES[role])
        return Desk(key=text)

    yield make
    access.forget_cached()
