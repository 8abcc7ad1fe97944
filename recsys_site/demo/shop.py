from __future__ import annotations

from datetime import datetime

from audit.models import Decision, Feedback
from catalog.demo.runs import SeedRequest, start_seed
from catalog.demo.shelves import CATEGORIES
from catalog.demo.shop import Size
from catalog.management.following import do_here
from catalog.management.tenants import DEMO_ORG, find_or_create
from catalog.models import Item, Namespace, Org, User
from catalog.operations.runs import RunDetails
from catalog.tenancy import org_scope
from ranking.models import BuildState, SignalBuild
from ranking.operations.build_starting import start_build
from ranking.operations.embeddings import refresh_embeddings
from rules.models import ChangeSet

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
        size = Size()
        request = SeedRequest(
            items=size.items,
            users=size.users,
            events=size.events,
            seed=SEED,
            asked_at=at,
        )
        details: RunDetails = {"requested_by": "prepare_demo", "announce": False}
        run = start_seed(namespace, request, details=details)
    return int(do_here(run).result["manifest"]["events"])


def is_untouched(namespace: Namespace) -> bool:
    """Say whether it is the seeded shop, and nobody asked or steered anything yet."""
    with org_scope(namespace.org_id):
        of_it = {"namespace": namespace}
        categories = set(
            Item.objects.filter(**of_it).values_list("category", flat=True)
        )
        return (
            categories == {category.name for category in CATEGORIES}
            and User.objects.filter(**of_it, listed=True).exists()
            and not any(
                used.objects.filter(**of_it).exists()
                for used in (ChangeSet, Decision, Feedback)
            )
        )


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
