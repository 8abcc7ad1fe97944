"""A shop that was asked often, and the desk of its rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from audit import spool
from audit.operations import drain_now
from catalog.tenancy import org_scope
from rules.models import ChangeCheck, ChangeSet
from rules.operations.actors import of_job
from simulations.operations.checks import check_change_set
from tests.ranking.builds import build
from tests.ranking.conftest import serving_connections, shop
from tests.ranking.shops import Shop, items
from tests.rules.desks import Desk

__all__ = ["serving_connections", "shop"]

KINDS = ("tea", "coffee", "mug")


@pytest.fixture
def no_guardrails(tmp_path: Path, settings: Any) -> Path:
    """The file of an installation that sets no limits, yet."""
    path = tmp_path / "guardrails.yml"
    settings.GUARDRAILS_FILE = path
    return path


@pytest.fixture
def asked(shop: Shop, no_guardrails: Path) -> Shop:
    """A shop of three kinds of things, asked 60 times on two surfaces."""
    for kind in KINDS:
        shop.sell(
            *items(
                [f"{kind}{n}" for n in range(12)],
                tags=[kind],
                category=kind,
                brand=f"{kind} house",
            )
        )
        shop.record(
            *[
                (f"{kind}-lover{user}", f"{kind}{(user + step) % 12}", "click")
                for user in range(10)
                for step in range(4)
            ]
        )
    build(shop)
    for n in range(60):
        surface = "home" if n % 3 else "cart"
        ask(shop, f"{KINDS[n % 3]}-lover{n % 10}", surface=surface, k=5 + n % 4)
    drain()
    return shop


def ask(shop: Shop, user_id: str | None, **fields: object) -> None:
    shop.recommend(user_id, **fields)


def drain() -> None:
    spool.flush()
    drain_now(clock=timezone.now)


@pytest.fixture
def desk(asked: Shop) -> Desk:
    return Desk(asked.org_id)


def change_set_at(path: str) -> ChangeSet:
    return ChangeSet.objects.select_related("namespace").get(
        pk=UUID(path.rpartition("/")[2])
    )


def check(shop: Shop, path: str, **arguments: Any) -> ChangeCheck:
    """Check a change set fully, as a job would."""
    with org_scope(shop.org_id):
        return check_change_set(
            change_set_at(path),
            actor=of_job("forecast"),
            **{"at": timezone.now(), **arguments},
        )
