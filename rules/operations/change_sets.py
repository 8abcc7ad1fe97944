"""Change sets: made, found again under a lock, known by what they hold."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from catalog.core.faults import refuse
from catalog.models import Namespace
from rules.core import content
from rules.models import ChangeSet, ChangeSetItem, ChangeSetState
from rules.queries.contents import read

from .actors import Actor, recorded


class WrongStateError(RuntimeError):
    """A change set or a rule is not in a state in which that can be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a change set is for, in the words of whoever made it."""

    title: str
    reason: str
    is_direct: bool = False
    rolls_back: ChangeSet | None = None


def create_change_set(
    namespace: Namespace, purpose: Purpose, *, actor: Actor, at: datetime
) -> ChangeSet:
    actor.require("edit")
    title, reason = purpose.title.strip(), purpose.reason.strip()
    if not title:
        raise refuse("missing_title", "Give the change set a title.", field="title")
    if not reason:
        raise refuse("missing_reason", "Say why: a reason is kept.", field="reason")
    with recorded(actor, reason=reason):
        return ChangeSet.objects.create(
            org_id=namespace.org_id,
            namespace=namespace,
            title=title[:200],
            reason=reason,
            is_direct=purpose.is_direct,
            rolls_back=purpose.rolls_back,
            source=actor.source,
            author=actor.name,
            author_identity=actor.identity,
            contributors=[actor.identity],
            created_at=at,
            updated_at=at,
        )


def locked(change_set: ChangeSet, *states: str) -> ChangeSet:
    """Return the change set as it is now, held until the transaction ends.

    Raises
    ------
    WrongStateError
        If it is in none of the states.
    """
    rows = ChangeSet.objects.select_related("namespace")
    found = rows.select_for_update(of=("self",)).get(pk=change_set.pk)
    if states and found.state not in states:
        wanted = " or ".join(ChangeSetState(state).label.lower() for state in states)
        raise WrongStateError(
            f"Change set “{found.title}” is {found.get_state_display().lower()}; that"
            f" needs one that is {wanted}."
        )
    return found


def items_of(change_set: ChangeSet) -> list[ChangeSetItem]:
    """Return the changes in the order in which they were put in."""
    rows = ChangeSetItem.objects.filter(change_set=change_set)
    return list(
        rows.select_related("rule__namespace", "rule__version", "change_set").order_by(
            "pk"
        )
    )


def content_hash(items: Iterable[ChangeSetItem]) -> bytes:
    """Return what identifies the content of a change set, whatever it is called."""
    digest = hashlib.sha256()
    for item in sorted(items, key=lambda item: str(item.rule_id)):
        digest.update(f"{item.rule_id} {item.verb} {item.base_number} ".encode())
        digest.update(content.content_hash(read(item.content)))
    return digest.digest()


def set_state(
    change_set: ChangeSet, state: str, *, at: datetime, **columns: object
) -> None:
    change_set.state = state
    change_set.updated_at = at
    for name, value in columns.items():
        setattr(change_set, name, value)
    change_set.save(update_fields=["state", "updated_at", *columns])


def note_contribution(change_set: ChangeSet, *, actor: Actor, at: datetime) -> None:
    known: Collection[str] = change_set.contributors
    if actor.identity in known and change_set.updated_at == at:
        return
    change_set.contributors = sorted({*known, actor.identity})
    change_set.updated_at = at
    change_set.save(update_fields=["contributors", "updated_at"])
