"""Secrets: from the environment in production, made once per installation otherwise."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from . import embedded
from .embedded import account


def secret_key() -> str:
    """Return what signs sessions and tokens."""
    return os.environ.get("SECRET_KEY") or _kept("secret_key")


def audit_key() -> bytes:
    """Return what user ids in traces are hashed with."""
    return (os.environ.get("RECSYS_AUDIT_KEY") or _kept("audit_key")).encode()


def _kept(name: str) -> str:
    """Return this installation's own secret, making it on first use."""
    path: Path = embedded.state_directory() / "secrets" / name
    # Which the servers' account must be able to pass, whatever the umask is.
    account.make_directory(embedded.state_directory())
    path.parent.mkdir(mode=0o700, exist_ok=True)
    draft = path.with_name(f"{name}.{os.getpid()}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)  # Whoever comes second keeps the first one's.
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
