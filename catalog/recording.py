"""Who changes something and why, for the record that triggers keep of every edit."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pghistory

from .access import Caller
from .models import Scope
from .permissions import Staff, name_of

# What these may change is tracked; what comes with the others has the change feed.
RECORDED_SCOPES = frozenset({Scope.CONFIGURE, Scope.PUBLISHER})


def by_staff(staff: Staff) -> AbstractContextManager[object]:
    """Record what the block changes as done by a staff member in the admin."""
    return _recorded(who=name_of(staff), identity=f"staff:{staff.pk}", source="ui")


def by_caller(caller: Caller) -> AbstractContextManager[object]:
    """Record what the block changes as done by a machine through the API."""
    identity = "demo" if caller.is_demo else f"key:{caller.key_id}"
    return _recorded(who=caller.name, identity=identity, source="api")


def by_command(name: str) -> AbstractContextManager[object]:
    """Record what the block changes as done by whoever runs a command."""
    return _recorded(who=f"manage.py {name}", identity=f"job:{name}", source="command")


def say_why(reason: str) -> None:
    """Add the reason to what is recorded. Outside such a block it says nothing."""
    if reason:
        pghistory.context(why=reason)


def _recorded(**told: str) -> AbstractContextManager[object]:
    recorded: AbstractContextManager[object] = pghistory.context(**told)
    return recorded
