from __future__ import annotations

from datetime import datetime

from catalog.demo.fixtures import Fixture
from catalog.demo.seeding import seed
from catalog.demo.shop import Size, make_shop
from catalog.management.following import do_here
from catalog.management.tenants import DEMO_ORG, find_or_create
from catalog.models import Item, Namespace, Org
from catalog.tenancy import org_scope
from ranking.models import BuildState, SignalBuild
from ranking.operations.build_starting import start_build
from ranking.operations.embeddings import refresh_embeddings

NAMESPACE = "demo"
TITLE = "Hearth & Home demo shop"
SEED = 20251103


def make_namespace() -> Namespace:
    namespace = find_or_create(
        DEMO_ORG, NAMESPACE, title=TITLE, time_zone="Europe/London", currency="GBP"
    )
    Org.objects.filter(pk=DEMO_ORG, name="").update(name="Hearth & Home")
    return namespace


def seed_if_empty(namespace: Namespace, *, at: datetime) -> int:
    """Fill the shop unless it holds anything. Return how many events were stored."""
    with org_scope(namespace.org_id):
        if Item.objects.filter(namespace=namespace).exists():
            return 0
    at_us = int(at.timestamp() * 1e6)
    shop = make_shop(size=Size(), seed=SEED, fixture=Fixture(), at_us=at_us)
    return seed(namespace, shop, at=at, report=lambda *_: None)


def build_if_none(namespace: Namespace, *, at: datetime) -> bool:
    """Build the signals here and now, unless some are served already."""
    with org_scope(namespace.org_id):
        served = SignalBuild.objects.filter(namespace=namespace, state=BuildState.LIVE)
        if served.exists():
            return False
        run = start_build(namespace, at=at, requested_by="prepare_demo")
    do_here(run)
    refresh_embeddings(namespace, at=at)
    return True
