"""Who the servers run as: never root, and never an account that we would create."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .failure import ServerError


@dataclass(frozen=True, kw_only=True)
class Account:
    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """Return the account to drop to, or None if we are not root and stay who we are."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise ServerError(
        "PostgreSQL refuses to run as root, and this machine has neither an account"
        " `postgres` nor `nobody`. Run as a normal user, or set DATABASE_URL and"
        " REDIS_URL."
    )


def process_options() -> dict[str, Any]:
    """Return the options of subprocess that make a child the servers' account's."""
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
    options: dict[str, Any] = {"cwd": "/", "env": environment}
    options["start_new_session"] = True  # Ctrl-C is not for servers.
    if account := server_account():
        options |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return options


def make_directory(path: Path) -> None:
    """Create a directory of ours that the servers' account may pass but not list."""
    if path.is_dir():
        return
    make_directory(path.parent)
    try:
        path.mkdir(exist_ok=True)
        # Not mkdir's mode, which a umask narrows. What exists already is never opened.
        path.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise ServerError(
            f"Cannot create {path} ({error.strerror})."
            " Set RECSYS_STATE_DIR to a writable directory."
        ) from error


def give_directory(path: Path) -> None:
    """Create a directory that belongs to the servers' account alone."""
    account = server_account()
    uid = account.uid if account else os.geteuid()
    try:
        path.mkdir(mode=0o700)
        if account:
            os.chown(path, account.uid, account.gid)
    except FileExistsError:
        found = path.lstat()
        # In /tmp anybody could have been here first, with a server of their own.
        if path.is_symlink() or found.st_uid != uid or found.st_mode & 0o077:
            raise ServerError(
                f"{path} exists but does not belong to uid {uid} alone. Remove it."
            ) from None
