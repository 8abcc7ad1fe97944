"""Builds of a test's shop."""

from __future__ import annotations

from django.utils import timezone

from catalog.tenancy import org_scope
from ranking.models import SignalBuild
from ranking.operations.builds import build_signals, make_live
from tests.ranking.shops import Shop


def build(shop: Shop) -> SignalBuild:
    """Build the shop's signals and put them live."""
    built = build_signals(shop.namespace, at=timezone.now())
    with org_scope(shop.org_id):
        make_live(built, at=timezone.now())
    return built
