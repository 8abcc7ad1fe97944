"""Who changes rules: a person, a machine or a job, and what that one may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import get_args

import pghistory

from catalog.access import Caller
from catalog.models import Namespace, Scope
from catalog.permissions import NotAllowedError, Staff, Verb, can, name_of
from rules.models import Source

_NEEDED: dict[Verb, str] = {
    "view": "the role viewer or the scope read",
    "edit": "the role merchandiser or the scope configure",
    "publish": "the role publisher or the scope publisher",
    "operate": "the role operator",
    "administer": "the role admin",
}
_BY_SCOPE: dict[str, tuple[Verb, ...]] = {
    Scope.READ: ("view",),
    Scope.CONFIGURE: ("view", "edit"),
    Scope.PUBLISHER: ("view", "edit", "publish"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who acts, in one namespace."""

    identity: str
    """Such as "staff:7" or "key:3". Decides who is somebody else."""
    name: str
    source: str
    verbs: frozenset[Verb]

    def may(self, verb: Verb) -> bool:
        return verb in self.verbs

    def require(self, verb: Verb) -> None:
        """Raise, in words for the reader, unless the actor :meth:`may`."""
        if not self.may(verb):
            raise NotAllowedError(f"{self.name} lacks {_NEEDED[verb]}.")


def of_staff(staff: Staff, namespace: Namespace, *, source: str = Source.UI) -> Actor:
    return Actor(
        identity=f"staff:{staff.pk}",
        name=name_of(staff)[:150],
        source=source,
        verbs=frozenset(
            verb for verb in get_args(Verb.__value__) if can(staff, verb, namespace)
        ),
    )


def of_caller(caller: Caller, *, called: str = "") -> Actor:
    """Return a machine, under the name that it gives whoever sits before it."""
    verbs = {verb for scope in caller.scopes for verb in _BY_SCOPE.get(scope, ())}
    return Actor(
        identity="demo" if caller.is_demo else f"key:{caller.key_id}",
        name=(called.strip() or caller.name)[:150],
        source=Source.API,
        verbs=EVERYTHING if caller.is_demo else frozenset(verbs),
    )


def of_job(name: str, *, source: str = Source.JOB) -> Actor:
    """Return a job's or an operator's command: it was let in by the machine."""
    return Actor(identity=f"job:{name}", name=name, source=source, verbs=EVERYTHING)


EVERYTHING: frozenset[Verb] = frozenset(get_args(Verb.__value__))


@contextmanager
def recorded(actor: Actor, *, reason: str) -> Iterator[None]:
    """Have the change log say who changed what the block changes, and why."""
    with pghistory.context(
        who=actor.name, identity=actor.identity, source=actor.source, why=reason
    ):
        yield
