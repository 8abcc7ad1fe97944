from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.core.differences import differences
from catalog.core.faults import BadInputError
from catalog.management import tenants
from catalog.models import Namespace
from catalog.recording import by_command, say_why
from catalog.tenancy import org_scope
from ranking.core.knobs import KnobError
from ranking.management.profile_files import (
    add_folder_argument,
    path_of,
    read_config,
    write_profile,
)
from ranking.models import DEFAULT_PROFILE, Profile, VersionSource
from ranking.operations.documents import clean
from ranking.operations.profiles import (
    Edit,
    NoSuchVersionError,
    ProfileInUseError,
    copy_profile,
    delete_profile,
    draft_version,
    find_profile,
    find_version,
    publish_profile,
    put_in_force,
    roll_back,
)
from ranking.queries.shipped_profiles import shipped_profiles

type Answer = tuple[Mapping[str, Any], str]
"""What `--json` prints, and what people read."""


class Command(BaseCommand):
    help = (
        "Profiles of a namespace as files under version control: list, fetch, diff,"
        " apply, roll back, delete, copy. Ends with 0 when it was done, 1 when it could"
        " not be; `diff` ends with 1 when there are differences."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=list(_ACTIONS))
        tenants.add_arguments(parser)
        add_folder_argument(parser)
        parser.add_argument("--profile", default=DEFAULT_PROFILE)
        parser.add_argument(
            "--template",
            choices=list(shipped_profiles()),
            help="apply, diff: the profile that ships for it, in place of a file.",
        )
        parser.add_argument("--number", type=int, help="Which version is meant.")
        parser.add_argument("--to", help="copy: the namespace that gets the draft.")
        parser.add_argument("--author", default="")
        parser.add_argument("--notes", default="")
        parser.add_argument(
            "--force", action="store_true", help="apply: put the profile in force, too."
        )
        parser.add_argument(
            "--draft", action="store_true", help="apply: store it unpublished."
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="apply: only say what would change."
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, **options: Any) -> None:
        namespace = tenants.find(options["org_id"], options["namespace"])
        action = _ACTIONS[options["action"]]
        try:
            with org_scope(namespace.org_id), by_command("env_profile"):
                say_why(options["notes"])
                document, words = action(namespace, options, timezone.now())
        except (NoSuchVersionError, ProfileInUseError, KnobError) as error:
            raise CommandError(f"{error}.") from error
        except BadInputError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            json.dumps(document, indent=2, default=str) if options["json"] else words
        )
        if options["action"] == "diff" and document["differences"]:
            raise SystemExit(1)


def _list(namespace: Namespace, _options: Mapping[str, Any], _at: datetime) -> Answer:
    rows = [
        {
            "name": each.name,
            "in_force": each.in_force,
            "version": each.published_number,
            "updated_at": each.published_at,
            "updated_by": each.published_by,
        }
        for each in Profile.objects.filter(namespace=namespace).order_by("name")
    ]
    lines = [
        f"{'*' if row['in_force'] else ' '} {row['name']}: version {row['version']},"
        f" {row['updated_by'] or 'nobody named'}"
        for row in rows
    ]
    words = "\n".join(lines) or f"{namespace.name} has no profile: defaults rank."
    return {"namespace": namespace.name, "profiles": rows}, words


def _fetch(namespace: Namespace, options: Mapping[str, Any], at: datetime) -> Answer:
    profile = find_profile(namespace, options["profile"])
    number = options["number"] or profile.published_number
    path = _path(namespace, options)
    document = write_profile(path, profile, find_version(profile, number), at=at)
    return {**document, "file": str(path)}, f"Version {number} is in {path}."


def _diff(namespace: Namespace, options: Mapping[str, Any], _at: datetime) -> Answer:
    """Compare what is published with the file, or with another version of it."""
    live = _live_config(namespace, options["profile"])
    if options["number"] is None:
        path = _read_from(namespace, options)
        other, against = clean(read_config(path)).config, str(path)
    else:
        profile = find_profile(namespace, options["profile"])
        other = find_version(profile, options["number"]).config
        against = f"version {options['number']}"
    return _compared(live, other, against=against)


def _apply(namespace: Namespace, options: Mapping[str, Any], at: datetime) -> Answer:
    path = _read_from(namespace, options)
    config = read_config(path)
    if options["dry_run"]:
        live = _live_config(namespace, options["profile"])
        against = f"{path}, nothing was applied"
        return _compared(live, clean(config).config, against=against)
    edit, name = _edit(options, at=at), options["profile"]
    if options["draft"]:
        stored = draft_version(namespace, name, config=config, edit=edit)
    else:
        stored = publish_profile(namespace, name, config=config, edit=edit)
        if options["force"]:
            put_in_force(stored.profile, edit=edit)
    verb = "stored as a draft" if options["draft"] else "published"
    words = [f"Version {stored.version.number} of {name} is {verb}.", *stored.warnings]
    return (
        {
            "profile": name,
            "version": stored.version.number,
            "published": not options["draft"],
            "warnings": list(stored.warnings),
        },
        "\n".join(words),
    )


def _rollback(namespace: Namespace, options: Mapping[str, Any], at: datetime) -> Answer:
    profile = find_profile(namespace, options["profile"])
    edit = _edit(options, at=at, source=VersionSource.ROLLBACK)
    back = roll_back(profile, edit=edit, number=options["number"])
    words = f"{profile.name} is back: what it said is version {back.version.number}."
    return {"profile": profile.name, "version": back.version.number}, words


def _delete(namespace: Namespace, options: Mapping[str, Any], at: datetime) -> Answer:
    profile = find_profile(namespace, options["profile"])
    versions = delete_profile(profile, edit=_edit(options, at=at))
    words = f"{profile.name} is deleted, with {versions} versions."
    return {"profile": profile.name, "versions": versions}, words


def _copy(namespace: Namespace, options: Mapping[str, Any], at: datetime) -> Answer:
    if not options["to"]:
        raise CommandError("Name the namespace that gets the copy: --to.")
    there = tenants.find(options["org_id"], options["to"])
    profile = find_profile(namespace, options["profile"])
    copied = copy_profile(profile, to=there, edit=_edit(options, at=at))
    number = copied.version.number
    words = f"Version {number} of {profile.name} in {there.name} is a draft."
    return {"profile": profile.name, "namespace": there.name, "version": number}, words


_ACTIONS: Mapping[str, Callable[[Namespace, Mapping[str, Any], datetime], Answer]] = {
    "list": _list,
    "fetch": _fetch,
    "diff": _diff,
    "apply": _apply,
    "rollback": _rollback,
    "delete": _delete,
    "copy": _copy,
}


def _path(namespace: Namespace, options: Mapping[str, Any]) -> Path:
    return path_of(
        options["profiles_dir"], namespace=namespace.name, profile=options["profile"]
    )


def _read_from(namespace: Namespace, options: Mapping[str, Any]) -> Path:
    if options["template"] is not None:
        return shipped_profiles()[options["template"]]
    return _path(namespace, options)


def _edit(
    options: Mapping[str, Any],
    *,
    at: datetime,
    source: str = VersionSource.COMMAND,
) -> Edit:
    author = options["author"] or getpass.getuser()
    return Edit(at=at, author=author, notes=options["notes"], source=source)


def _live_config(namespace: Namespace, name: str) -> Mapping[str, Any]:
    profile = Profile.objects.filter(namespace=namespace, name=name).first()
    if profile is None or not profile.published_number:
        return {}
    config: dict[str, Any] = find_version(profile, profile.published_number).config
    return config


def _compared(
    before: Mapping[str, Any], after: Mapping[str, Any], *, against: str
) -> Answer:
    found = differences(before, after)
    lines = [f"{each.place}: {each.before} → {each.after}" for each in found]
    head = f"{len(found)} differences to {against}."
    return (
        {"against": against, "differences": [each._asdict() for each in found]},
        "\n".join([head, *lines]),
    )
