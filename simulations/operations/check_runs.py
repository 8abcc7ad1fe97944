"""The full check as long work that somebody can follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils import timezone

from catalog.models import Run, RunState
from catalog.operations.runs import LeasedHandle, Outcome, RunFailedError, start_run
from catalog.tenancy import org_scope
from rules.models import ChangeCheck, ChangeSet
from rules.operations.actors import Actor, of_job
from rules.operations.change_sets import WrongStateError, items_of
from simulations.core.guardrails import GuardrailsError
from simulations.queries.scopes import count_decisions

from .changes import change_of
from .checks import USUAL_DECISIONS, check_change_set, require_checkable

KIND = "check"
AT_ONCE = 150
"""A request waits for the replay of so many decisions, which is well under 2 s."""

_OPEN = (RunState.QUEUED, RunState.RUNNING)


class CheckRequest(msgspec.Struct, kw_only=True, frozen=True):
    """The parameters of a check's Run."""

    change_set_id: UUID
    title: str
    decisions: int


@dataclass(frozen=True, slots=True)
class Started:
    """A check that is done already, or the Run that does it."""

    check: ChangeCheck | None = None
    run: Run | None = None


def start_check(
    change_set: ChangeSet, *, actor: Actor, at: datetime, most: int = USUAL_DECISIONS
) -> Started:
    """Check a change set now if that is quick, else by a Run.

    Called inside the org's scope. A Run that waits or works for the same change set is
    shared; what was changed meanwhile makes its verdict stale.
    """
    actor.require("edit")
    require_checkable(change_set)
    change = change_of(change_set.namespace, items_of(change_set))
    if count_decisions(change.namespace, change.scopes, most=most) <= AT_ONCE:
        return Started(check_change_set(change_set, actor=actor, at=at, most=most))
    request = CheckRequest(
        change_set_id=change_set.pk, title=change_set.title, decisions=most
    )
    details: dict[str, Any] = msgspec.to_builtins(request)
    run = open_run(change_set) or start_run(
        change_set.namespace,
        kind=KIND,
        at=at,
        parameters=details,
        requested_by=actor.name,
    )
    return Started(run=run)


def open_run(change_set: ChangeSet) -> Run | None:
    """Return the Run that checks a change set, or is about to."""
    runs = Run.objects.filter(
        namespace=change_set.namespace_id,
        kind=KIND,
        state__in=_OPEN,
        parameters__change_set_id=str(change_set.pk),
    )
    return runs.order_by("-created_at", "-id").first()


def execute_check(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "check"."""
    request = msgspec.convert(handle.parameters, CheckRequest)
    actor = of_job(handle.run.requested_by)
    with org_scope(handle.org_id):
        change_set = (
            ChangeSet.objects.select_related("namespace")
            .filter(pk=request.change_set_id)
            .first()
        )
        if change_set is None:
            raise RunFailedError(f"Change set “{request.title}” is gone.")
        try:
            check = check_change_set(
                change_set,
                actor=actor,
                at=timezone.now(),
                most=request.decisions,
                handle=handle,
            )
        except (WrongStateError, GuardrailsError) as error:
            raise RunFailedError(str(error)) from error
    return Outcome(
        result={
            "check_id": str(check.pk),
            "verdict": check.verdict,
            "headline": check.report["headline"],
        },
        url=f"/v1/admin/change-sets/{change_set.pk}",
    )
