from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.demo.fixtures import FixtureError
from catalog.demo.runs import SeedRequest, start_seed
from catalog.demo.shop import Size
from catalog.management import tenants
from catalog.management.following import do_here
from catalog.tenancy import org_scope

DEFAULT_SEED = 20251103


class Command(BaseCommand):
    # The checks load every page and route.
    requires_system_checks = ()

    help = (
        "Fill a namespace with a made-up shop or one from a fixture, of which what is "
        "missing is made up. Writes seed_manifest.json and seed_segments.json. It is "
        "a Run: killed, it goes on when the same command is given again."
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
        parser.add_argument(
            "--no-wait", action="store_true", help="Leave it to the workers."
        )
        parser.add_argument("--json", action="store_true", help="Print the manifest.")
        parser.add_argument("--base-url", help="Ignored: nothing goes over HTTP.")
        parser.add_argument("--insecure", action="store_true", help="Ignored.")

    def handle(self, **options: Any) -> None:
        request = _request(options)
        try:
            request.known()
        except FixtureError as error:
            raise CommandError(str(error)) from error
        namespace = tenants.find_or_create(options["org_id"], options["namespace"])
        with org_scope(namespace.org_id):
            run = start_seed(
                namespace,
                request,
                details={
                    "requested_by": getpass.getuser(),
                    "announce": options["no_wait"],
                },
            )
        if options["no_wait"]:
            self.stdout.write(f"Run {run.pk} is queued: GET /v1/admin/runs/{run.pk}")
            return
        result = do_here(run).result
        manifest = result["manifest"]
        self.stdout.write(
            json.dumps(manifest, indent=2)
            if options["json"]
            else f"Stored {manifest['items']:,} items, {manifest['users']:,} users and "
            f"{manifest['events']:,} events in {namespace.name}. "
            f"Evidence: {result['folder']}"
        )


def _request(options: dict[str, Any]) -> SeedRequest:
    if min(options["items"], options["users"]) < 1 or options["events"] < 0:
        raise CommandError("A shop has at least one item and one user.")
    fixture: Path | None = options["fixture_path"]
    folder: Path | None = options["output_dir"]
    return SeedRequest(
        items=options["items"],
        users=options["users"],
        events=options["events"],
        seed=options["seed"],
        fixture=None if fixture is None else str(fixture.absolute()),
        folder=None if folder is None else str(folder.absolute()),
        asked_at=timezone.now(),
    )
