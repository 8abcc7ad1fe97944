from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ranking.core.env_files import Change, changes_of, mistyped, read_env, write_env
from ranking.core.knobs import KnobError, parse_blend_overrides, parse_environment


class Command(BaseCommand):
    help = (
        "Change the environment file that serving reads its lowest layer of knobs"
        " from. Comments and order stay; every value is checked first; each change is"
        " kept in a history file. Afterwards restart, then publish_environment. Ends"
        " with 0 when done, 1 when a value cannot be used or a profile is unknown."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--env-file", type=Path, default=Path(".env"))
        parser.add_argument(
            "--profile", help="Name of a file PROFILE.env, or the path of one."
        )
        parser.add_argument("--profiles-dir", type=Path, default=Path("env"))
        parser.add_argument(
            "--set",
            dest="assignments",  # Django has settings of its own.
            action="append",
            default=[],
            metavar="KEY=VALUE",
        )
        parser.add_argument("--note", default="")
        parser.add_argument("--history-dir", type=Path, default=Path("env_history"))
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--json", action="store_true")

    def handle(self, **options: Any) -> None:
        settings = {**_of_profile(options), **_sent(options["assignments"])}
        if not settings:
            raise CommandError("Nothing to change: give --profile or --set KEY=VALUE.")
        path: Path = options["env_file"]
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        written = write_env(text, settings)
        _check(read_env(written))
        changes = changes_of(text, settings)
        unknown = mistyped(settings)
        for name, meant in unknown.items():
            self.stderr.write(f"{name} is no knob. Did you mean {meant}?")
        told = {
            "env_file": str(path),
            "changes": {each.name: [each.before, each.after] for each in changes},
            "env_hash": sha256(written.encode()).hexdigest(),
            "mistyped": unknown,
            "dry_run": options["dry_run"],
        }
        if changes and not options["dry_run"]:
            path.write_text(written, encoding="utf-8")
            _remember(options, told, at=timezone.now())
        self.stdout.write(
            json.dumps(told, indent=2)
            if options["json"]
            else _words(changes, path=path, is_dry=options["dry_run"])
        )


def _sent(pairs: list[str]) -> dict[str, str]:
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise CommandError(f"{pair!r} is not KEY=VALUE.")
        settings[name.strip()] = value.strip()
    return settings


def _of_profile(options: Mapping[str, Any]) -> dict[str, str]:
    name: str | None = options["profile"]
    if name is None:
        return {}
    named = Path(options["profiles_dir"]) / f"{name}.env"
    path = named if named.exists() else Path(name)
    if not path.is_file():
        raise CommandError(f"There is neither {named} nor a file {name}.")
    return read_env(path.read_text(encoding="utf-8"))


def _check(settings: Mapping[str, str]) -> None:
    try:
        parse_environment(settings)
        parse_blend_overrides(settings)
    except (KnobError, ValueError) as error:
        raise CommandError(f"{error}. Nothing was changed.") from error


def _remember(
    options: Mapping[str, Any], told: Mapping[str, Any], *, at: datetime
) -> None:
    folder: Path = options["history_dir"]
    folder.mkdir(parents=True, exist_ok=True)
    entry = {
        "timestamp": at.isoformat(timespec="seconds"),
        "profile": options["profile"],
        "overrides": options["assignments"],
        "note": options["note"],
        **told,
    }
    path = folder / f"env_{at:%Y%m%dT%H%M%S%f}.json"
    path.write_text(json.dumps(entry, indent=2) + "\n", encoding="utf-8")


def _words(changes: list[Change], *, path: Path, is_dry: bool) -> str:
    if not changes:
        return f"{path} says all of that already."
    lines = [
        f"{each.name}: {'not set' if each.before is None else each.before}"
        f" → {each.after}"
        for each in changes
    ]
    end = "Nothing was written." if is_dry else f"{path} is written."
    return "\n".join([*lines, end])
