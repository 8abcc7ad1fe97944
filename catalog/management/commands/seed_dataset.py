from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.demo.fixtures import Fixture, FixtureError, read_fixture
from catalog.demo.seeding import manifest_of, seed, segments_of
from catalog.demo.shop import Shop, Size, make_shop
from catalog.management import tenants
from catalog.management.terminal import Bar
from catalog.models import Namespace

DEFAULT_SEED = 20251103


class Command(BaseCommand):
    help = (
        "Fill a namespace with a made-up shop or one from a fixture, of which what is "
        "missing is made up. Writes seed_manifest.json and seed_segments.json."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        tenants.add_arguments(parser)
        default = Size()
        parser.add_argument("--items", "--item-count", type=int, default=default.items)
        parser.add_argument("--users", "--user-count", type=int, default=default.users)
        parser.add_argument(
            "--events", "--min-events", type=int, default=default.events
        )
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
        parser.add_argument("--fixture-path", type=Path)
        parser.add_argument("--output-dir", type=Path, help="For the two JSON files.")
        parser.add_argument("--json", action="store_true", help="Print the manifest.")
        parser.add_argument("--base-url", help="Ignored: nothing goes over HTTP.")
        parser.add_argument("--insecure", action="store_true", help="Ignored.")

    def handle(self, **options: Any) -> None:
        at = timezone.now()
        try:
            path: Path | None = options["fixture_path"]
            fixture = Fixture() if path is None else read_fixture(path, at=at)
        except FixtureError as error:
            raise CommandError(str(error)) from error
        size = _size(options)
        shop = make_shop(
            size=size,
            seed=options["seed"],
            fixture=fixture,
            at_us=int(at.timestamp() * 1e6),
        )
        namespace = tenants.find_or_create(options["org_id"], options["namespace"])
        with Bar() as bar:
            events = seed(namespace, shop, at=at, report=bar.show)
        manifest = manifest_of(
            namespace, shop, seed=options["seed"], events=events, at=at
        )
        folder = _write(namespace, shop, manifest, folder=options["output_dir"])
        self.stdout.write(
            json.dumps(manifest, indent=2)
            if options["json"]
            else f"Stored {manifest['items']:,} items, {manifest['users']:,} users and "
            f"{events:,} events in {namespace.name}. Evidence: {folder}"
        )


def _size(options: dict[str, Any]) -> Size:
    size = Size(
        items=options["items"], users=options["users"], events=options["events"]
    )
    if min(size.items, size.users) < 1 or size.events < 0:
        raise CommandError("A shop has at least one item and one user.")
    return size


def _write(
    namespace: Namespace,
    shop: Shop,
    manifest: dict[str, Any],
    *,
    folder: Path | None,
) -> Path:
    folder = folder or settings.FILES_ROOT / "seeds" / str(namespace.pk)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("seed_manifest.json", manifest),
        ("seed_segments.json", segments_of(shop)),
    ):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n")
    return folder
