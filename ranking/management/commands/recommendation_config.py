from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.core.faults import BadInputError
from catalog.management import tenants
from catalog.models import Namespace
from catalog.recording import by_command, say_why
from catalog.tenancy import org_scope
from ranking.core.knobs import KnobError
from ranking.management.profile_files import read_config
from ranking.models import VersionSource
from ranking.operations.documents import whole
from ranking.operations.profiles import (
    Edit,
    find_version,
    profile_in_force,
    publish_profile,
)
from ranking.queries.configurations import environment


class Command(BaseCommand):
    help = (
        "Export the configuration in force, every knob of it, or apply one: the same"
        " document as /v1/admin/recommendation/config. Ends with 0 when it was done, 1"
        " when it could not be."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["export", "apply"])
        tenants.add_arguments(parser)
        parser.add_argument(
            "--file", type=Path, help="Written or read; export prints without it."
        )
        parser.add_argument("--author", default="")
        parser.add_argument("--notes", default="")
        parser.add_argument("--json", action="store_true")

    def handle(self, **options: Any) -> None:
        namespace = tenants.find(options["org_id"], options["namespace"])
        with org_scope(namespace.org_id), by_command("recommendation_config"):
            say_why(options["notes"])
            if options["action"] == "export":
                self._export(namespace, options)
            else:
                self._apply(namespace, options)

    def _export(self, namespace: Namespace, options: dict[str, Any]) -> None:
        text = json.dumps(_document(namespace), indent=2, default=str)
        path: Path | None = options["file"]
        if path is None:
            self.stdout.write(text)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
        told = json.dumps({"file": str(path)}) if options["json"] else f"See {path}."
        self.stdout.write(told)

    def _apply(self, namespace: Namespace, options: dict[str, Any]) -> None:
        if options["file"] is None:
            raise CommandError("Name the document to apply: --file.")
        edit = Edit(
            at=timezone.now(),
            author=options["author"] or getpass.getuser(),
            notes=options["notes"],
            source=VersionSource.COMMAND,
        )
        config = read_config(options["file"])
        try:
            published = publish_profile(namespace, config=config, edit=edit)
        except (KnobError, BadInputError) as error:
            raise CommandError(str(error)) from error
        told = {
            "profile": published.profile.name,
            "version": published.version.number,
            "warnings": list(published.warnings),
        }
        words = [
            f"Version {told['version']} of {told['profile']} is live.",
            *published.warnings,
        ]
        self.stdout.write(json.dumps(told) if options["json"] else "\n".join(words))


def _document(namespace: Namespace) -> dict[str, Any]:
    profile = profile_in_force(namespace)
    if profile is None:
        config: dict[str, Any] = {}
        metadata: dict[str, Any] = {"version": 0, "profile": "default"}
    else:
        version = find_version(profile, profile.published_number)
        config = version.config
        metadata = {
            "version": version.number,
            "profile": profile.name,
            "updated_at": version.created_at,
            "updated_by": version.author,
            "source": version.source,
            "notes": version.notes,
        }
    return {
        "namespace": namespace.name,
        "config": whole(config, environment(namespace.name)),
        "metadata": metadata,
    }
