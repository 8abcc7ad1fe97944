"""Profiles as JSON files that live under version control."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import CommandError

from ranking.models import Profile, ProfileVersion

FOLDER = Path("env_profiles")


def add_folder_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--profiles-dir",
        type=Path,
        default=FOLDER,
        help="Where files are kept: DIR/NAMESPACE/PROFILE.json.",
    )


def path_of(folder: Path, *, namespace: str, profile: str) -> Path:
    return folder / namespace / f"{profile}.json"


def write_profile(
    path: Path, profile: Profile, version: ProfileVersion, *, at: datetime
) -> dict[str, Any]:
    """Write what a version says, and where it came from."""
    document = {
        "profile": profile.name,
        "namespace": profile.namespace.name,
        "fetched_at": at.isoformat(timespec="seconds"),
        "metadata": {
            "version": version.number,
            "updated_at": version.created_at.isoformat(),
            "updated_by": version.author,
            "source": version.source,
            "notes": version.notes,
        },
        "config": version.config,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(document)) + b"\n")
    return document


def read_config(path: Path) -> dict[str, Any]:
    """Return the configuration in a file: under `config`, or the whole object."""
    try:
        document = msgspec.json.decode(path.read_bytes())
    except FileNotFoundError:
        raise CommandError(
            f"There is no file {path}. Fetch the profile first."
        ) from None
    except msgspec.DecodeError as error:
        raise CommandError(f"{path} is no JSON: {error}.") from error
    if not isinstance(document, Mapping):
        raise CommandError(f"{path} must hold a JSON object.")
    config = document.get("config", document)
    if not isinstance(config, Mapping):
        raise CommandError(f"{path}: config must be an object of knobs.")
    return dict(config)
