from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from catalog.models import Item, Namespace, User
from catalog.tenancy import org_scope
from ranking.serve import NothingToServeError
from simulations.core.metrics import exposure_ratio

from . import _asking

EVEN, UNEVEN, NOT_ASKED = 0, 1, 2


class Command(BaseCommand):
    # The checks load every page and route.
    requires_system_checks = ()

    help = (
        "Count which brands and categories a namespace shows to its users. Ends with 0"
        " when no brand is shown more often than allowed, 1 when one is, 2 when"
        " nothing is shown."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        _asking.add_arguments(parser)
        parser.add_argument("--users", type=int, default=120)
        parser.add_argument(
            "--max-ratio",
            type=float,
            default=1.4,
            help="How much more than the mean the most shown brand may be shown.",
        )

    def handle(self, **options: Any) -> None:
        namespace = _asking.namespace_in(options["org_id"], options["namespace"])
        users = _users(namespace, most=options["users"])
        shown: Counter[str] = Counter()
        at = timezone.now()
        try:
            for user_id in users:
                answer = _asking.ask(
                    namespace,
                    user_id,
                    surface=options["surface"],
                    k=options["k"],
                    at=at,
                )
                shown.update(answer.ranking.item_ids)
        except NothingToServeError as error:
            self.stderr.write(str(error))
            sys.exit(NOT_ASKED)
        brands, categories = _by_group(namespace, shown)
        ratio = exposure_ratio(list(brands.values()))
        if ratio is None:
            self.stderr.write("No item with a brand is shown: nothing to compare.")
            sys.exit(NOT_ASKED)
        told = {
            "users": len(users),
            "brand_counts": dict(brands.most_common()),
            "category_counts": dict(categories.most_common()),
            "exposure_ratio": ratio,
            "max_ratio": options["max_ratio"],
        }
        first, count = brands.most_common(1)[0]
        self.stdout.write(
            json.dumps(told, indent=2)
            if options["json"]
            else f"{len(users)} users: {first} takes {count:,} positions, {ratio:.2f}"
            f" times the mean of {len(brands)} brands;"
            f" {options['max_ratio']:g} allowed."
        )
        sys.exit(EVEN if ratio <= options["max_ratio"] else UNEVEN)


def _users(namespace: Namespace, *, most: int) -> list[str]:
    with org_scope(namespace.org_id):
        rows = User.objects.filter(namespace=namespace).order_by("user_id")
        return list(rows.values_list("user_id", flat=True)[:most])


def _by_group(
    namespace: Namespace, shown: Counter[str]
) -> tuple[Counter[str], Counter[str]]:
    brands: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    with org_scope(namespace.org_id):
        rows = Item.objects.filter(namespace=namespace, item_id__in=list(shown))
        for item_id, brand, category in rows.values_list(
            "item_id", "brand", "category"
        ):
            if brand:
                brands[brand] += shown[item_id]
            if category:
                categories[category] += shown[item_id]
    return brands, categories
