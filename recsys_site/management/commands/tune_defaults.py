from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from catalog.management import tenants
from recsys_site.default_profiles.shops import SHOPS
from recsys_site.default_profiles.sweeping import swept
from recsys_site.default_profiles.writing import write_profile


class Command(BaseCommand):
    help = (
        "Find the profiles that ship: a sweep for each template, the demo shop and"
        " Online Retail, verified on events that no trial saw. Writes fixtures/profiles"
        " and docs/reports; equal seeds, data and engine give equal files. Made-up"
        " shops live in a namespace of their own, of which nothing is left."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", nargs="+", choices=list(SHOPS), default=[])
        parser.add_argument("--org-id", default=tenants.DEMO_ORG)
        parser.add_argument(
            "--online-retail",
            default="retail",
            metavar="NAMESPACE",
            help="Where Online Retail was imported to.",
        )
        parser.add_argument("--root", type=Path, default=settings.BASE_DIR)

    def handle(self, *, root: Path, **options: Any) -> None:
        for name in options["only"] or SHOPS:
            shop = SHOPS[name]
            owner = (
                tenants.find(options["org_id"], options["online_retail"])
                if shop.is_imported
                else tenants.find_or_create(options["org_id"], "demo")
            )
            with swept(shop, owner=owner) as sweep:
                document = write_profile(shop, sweep, root=root)
            self.stdout.write(f"{name}: {document['evidence']['headline']}")
