"""Staff of each role in one shop, and a shop of somebody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from catalog.models import Item, Membership, Namespace, Role
from catalog.tenancy import org_scope
from tests.clock import NOON
from tests.factories.tenants import make_namespace

type LogIn = Callable[[str], Client]


@dataclass(frozen=True, kw_only=True)
class Shops:
    ours: Namespace
    theirs: Namespace
    their_item: Item


@pytest.fixture
def shops(db: None, settings: Any, tmp_path: Path) -> Shops:
    settings.STATIC_ROOT = (
        tmp_path  # WhiteNoise warns of a directory that is not there.
    )
    ours, theirs = make_namespace("ours"), make_namespace("theirs")
    make_item(ours, "lamp", title="Oak lamp")
    return Shops(ours=ours, theirs=theirs, their_item=make_item(theirs, "secret"))


def make_item(namespace: Namespace, item_id: str, **columns: object) -> Item:
    with org_scope(namespace.org_id):
        return Item.objects.create(
            org_id=namespace.org_id,
            namespace=namespace,
            item_id=item_id,
            created_at=NOON,
            updated_at=NOON,
            **columns,
        )


@pytest.fixture
def log_in(shops: Shops) -> LogIn:
    """Log somebody with a role in our shop in; "root" is a superuser."""

    def as_role(role: str, *, everywhere: bool = False) -> Client:
        staff = get_user_model().objects.create_user(
            role, password=None, is_staff=True, is_superuser=role == "root"
        )
        if role in Role.values:
            namespace = None if everywhere else shops.ours
            Membership.objects.create(
                staff=staff, org=shops.ours.org, namespace=namespace, role=role
            )
        client = Client()
        client.force_login(staff)
        return client

    return as_role
