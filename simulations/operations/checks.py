"""The full check of a change set: one operation behind admin, API and import."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from catalog.models import Run, RunState
from catalog.operations.runs import RunHandle, Unattended, start_run
from ranking.serve import NothingToServeError
from rules.core.findings import Finding, FindingKind
from rules.models import (
    ChangeCheck,
    ChangeSet,
    ChangeSetItem,
    ChangeSetState,
    CheckKind,
    CheckVerdict,
)
from rules.operations.actors import Actor
from rules.operations.change_sets import WrongStateError, items_of
from rules.operations.checks import (
    Outcome,
    configuration_hash,
    quick_findings,
    store_check,
)
from simulations.core.forecast import Report
from simulations.core.judging import FEW_REQUESTS, Judged, State, judge
from simulations.core.words import headline_of
from simulations.queries.guardrails_file import guardrails
from simulations.queries.scopes import count_decisions

from .changes import Change, change_of
from .forecasts import Seen, forecast_change, sample_of
from .replaying import Replayed
from .serving import served_now

KIND = "check"
MOST_DECISIONS = 10_000
USUAL_DECISIONS = 1_000
AT_ONCE = 150
"""A request waits for the replay of so many decisions, which is well under 2 s."""

_OPEN = (RunState.QUEUED, RunState.RUNNING)
_CHECKABLE = (
    ChangeSetState.DRAFT,
    ChangeSetState.IN_REVIEW,
    ChangeSetState.APPROVED,
)
_UNATTENDED = Unattended()


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


def check_change_set(
    change_set: ChangeSet,
    *,
    actor: Actor,
    at: datetime,
    most: int = USUAL_DECISIONS,
    handle: RunHandle = _UNATTENDED,
) -> ChangeCheck:
    """Check a change set fully, and store the verdict.

    Conflicts and health as the quick check finds them; what it does to the requests of
    the newest decisions of its scope, at most `most`; the guardrails that this breaks.
    Called inside the org's scope.

    Raises
    ------
    NotAllowedError
        If the actor may not edit rules.
    WrongStateError
        If it is published already, or taken back.
    GuardrailsError
        If guardrails.yml cannot be obeyed.
    """
    actor.require("edit")
    require_checkable(change_set)
    namespace = change_set.namespace
    limits = guardrails().of(namespace.name)
    items = items_of(change_set)
    change = change_of(namespace, items)
    seen, configuration = _forecast(change, at=at, most=most, handle=handle)
    forecast = seen.forecast
    judged = judge(
        limits,
        before=None if forecast is None else forecast.before,
        after=None if forecast is None else forecast.after,
    )
    outcome = Outcome(
        kind=CheckKind.FULL,
        verdict=_verdict(seen, judged),
        findings=[
            *quick_findings(namespace, items, at=at),
            *_further_findings(items, seen, judged),
        ],
        report=msgspec.json.decode(msgspec.json.encode(_report(seen, judged))),
        configuration_hash=configuration,
    )
    return store_check(change_set, outcome, items=items, actor=actor, at=at)


def _report(seen: Seen, judged: Sequence[Judged]) -> Report:
    headline = headline_of(
        seen.sample, seen.forecast, judged, why_not=seen.why_not, unkept=seen.unkept
    )
    return Report(
        headline=headline,
        sample=seen.sample,
        forecast=seen.forecast,
        why_not=seen.why_not,
        guardrails=tuple(judged),
    )


def require_checkable(change_set: ChangeSet) -> None:
    if change_set.state not in _CHECKABLE:
        raise WrongStateError(
            f"Change set “{change_set.title}” is"
            f" {change_set.get_state_display().lower()}; what is checked is not"
            " published yet."
        )


def _forecast(
    change: Change, *, at: datetime, most: int, handle: RunHandle
) -> tuple[Seen, bytes]:
    """Return the forecast, and under which configuration it holds."""
    try:
        served, configuration = served_now(change.namespace)
    except NothingToServeError as error:
        sample = sample_of(Replayed(), change.scopes, most=most)
        why = f"Nothing is served: {error}."
        nothing = Seen(sample=sample, forecast=None, why_not=why)
        return nothing, configuration_hash(change.namespace)
    seen = forecast_change(change, served, at=at, most=most, handle=handle)
    return seen, configuration


def _verdict(seen: Seen, judged: Sequence[Judged]) -> CheckVerdict:
    if any(each.state == State.STOP for each in judged):
        return CheckVerdict.BLOCKED
    if seen.forecast is None or seen.sample.replayed < FEW_REQUESTS or seen.unkept:
        return CheckVerdict.UNKNOWN
    return CheckVerdict.PASSED


def _further_findings(
    items: Sequence[ChangeSetItem], seen: Seen, judged: Sequence[Judged]
) -> list[Finding]:
    """Return what only a replay finds."""
    rule_ids = tuple(str(item.rule_id) for item in items)
    found = [
        Finding(
            kind=FindingKind.GUARDRAIL,
            sentence=f"{each.title}: {each.sentence}",
            rule_ids=rule_ids,
            weight="warning" if each.state == State.STOP else "note",
        )
        for each in judged
        if each.state in (State.STOP, State.WARN)
    ]
    forecast = seen.forecast
    if forecast is not None and not forecast.movement.touched and not seen.unkept:
        sentence = (
            f"It changes no position in {seen.sample.replayed:,} replayed requests."
        )
        found.append(
            Finding(kind=FindingKind.ZERO_EFFECT, sentence=sentence, rule_ids=rule_ids)
        )
    return found
