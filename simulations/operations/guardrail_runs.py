"""Hold namespaces to their guardrails again and again, and keep every verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from django.utils import timezone

from catalog.models import Namespace
from catalog.operations.runs import (
    LeasedHandle,
    Outcome,
    RunFailedError,
    RunHandle,
    Unattended,
)
from catalog.tenancy import org_scope
from rules.operations.checks import configuration_hash
from rules.operations.webhooks import queue_messages
from simulations.core.guardrails import GuardrailsError, Limits
from simulations.core.judging import Judged, State
from simulations.core.readings import judge_readings
from simulations.metrics import count_failures
from simulations.models import GuardrailCause, GuardrailCheck, GuardrailVerdict
from simulations.queries.guard_board import newest_check
from simulations.queries.guardrails_file import guardrails

from .evidence import Evidence, gathered
from .guarding import Guarded, guard_namespace

log = structlog.get_logger(__name__)

USUAL_DECISIONS = 1_000
KEEP_CHECKS = timedelta(days=400)
_UNATTENDED = Unattended()
_VERDICTS = {
    State.STOP: GuardrailVerdict.BROKEN,
    State.NOT_COMPUTED: GuardrailVerdict.UNKNOWN,
    State.WARN: GuardrailVerdict.WATCH,
    State.PASS: GuardrailVerdict.KEPT,
}
"""The worst first."""


def judge_namespace(
    namespace: Namespace,
    limits: Limits,
    *,
    at: datetime,
    may_measure: bool,
    most: int = USUAL_DECISIONS,
    handle: RunHandle = _UNATTENDED,
) -> tuple[Guarded, Evidence]:
    """Judge a namespace by replays, and by what evaluations and scenarios tell.

    Called outside any transaction. With `may_measure` what is missing or old is
    measured now, which takes seconds; else only stored evidence counts.
    """
    with org_scope(namespace.org_id):
        guarded = guard_namespace(namespace, limits, at=at, most=most, handle=handle)
    evidence = gathered(
        namespace, limits, at=at, may_measure=may_measure, handle=handle
    )
    judged = judge_readings(limits, guarded.judged, evidence.readings)
    return replace(guarded, judged=judged), evidence


def check_namespace(
    namespace: Namespace,
    *,
    cause: str,
    at: datetime,
    handle: RunHandle = _UNATTENDED,
) -> GuardrailCheck:
    """Judge a namespace, keep the verdict, and tell whoever listens of what is new.

    Raises
    ------
    GuardrailsError
        If guardrails.yml cannot be obeyed.
    """
    limits = guardrails().of(namespace.name)
    guarded, evidence = judge_namespace(
        namespace, limits, at=at, may_measure=True, handle=handle
    )
    with org_scope(namespace.org_id):
        before = newest_check(namespace)
        fresh = Namespace.objects.get(pk=namespace.pk)
        check = GuardrailCheck.objects.create(
            org_id=namespace.org_id,
            namespace=namespace,
            cause=cause,
            verdict=verdict_of(guarded.judged),
            headline=headline_of(guarded.judged),
            states={each.name: each.state.value for each in guarded.judged},
            judged=msgspec.to_builtins(guarded.judged),
            requests=guarded.requests,
            evaluation_id=evidence.evaluation_id,
            configuration_hash=configuration_hash(namespace),
            change_number=fresh.change_number,
            samples=evidence.samples,
            run=handle.run if isinstance(handle, LeasedHandle) else None,
            created_at=at,
        )
        _tell(namespace, before, check, at=at)
    return check


def verdict_of(judged: Sequence[Judged]) -> GuardrailVerdict:
    """Return the worst of some verdicts; nothing judged is not computed.

    >>> verdict_of([]).value
    'unknown'
    """
    states = {each.state for each in judged}
    return next(
        (verdict for state, verdict in _VERDICTS.items() if state in states),
        GuardrailVerdict.UNKNOWN,
    )


def headline_of(judged: Sequence[Judged]) -> str:
    """Say what a check found, the worst first."""
    by_state = {
        state: [each.title for each in judged if each.state == state]
        for state in _VERDICTS
    }
    if not judged:
        return "guardrails.yml sets no limit here."
    if by_state[State.STOP]:
        return f"Broken: {'; '.join(by_state[State.STOP])}."
    if by_state[State.NOT_COMPUTED]:
        return f"Not computed: {'; '.join(by_state[State.NOT_COMPUTED])}."
    if by_state[State.WARN]:
        return f"Kept, but watch: {'; '.join(by_state[State.WARN])}."
    return f"All {len(judged)} guardrails are kept."


def execute_guardrails(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "guardrails"."""
    cause = handle.parameters.get("cause", GuardrailCause.MANUAL)
    try:
        check = check_namespace(
            handle.namespace, cause=cause, at=timezone.now(), handle=handle
        )
    except GuardrailsError as error:
        raise RunFailedError(str(error)) from error
    return Outcome(
        result={
            "check_id": str(check.pk),
            "verdict": check.verdict,
            "headline": check.headline,
        },
        url=f"/v1/admin/guardrail-checks/{check.pk}",
    )


def broken_in(check: GuardrailCheck | None) -> set[str]:
    """Return the guardrails that a check found broken."""
    states = check.states if check is not None else {}
    return {name for name, state in states.items() if state == State.STOP}


def _tell(
    namespace: Namespace,
    before: GuardrailCheck | None,
    check: GuardrailCheck,
    *,
    at: datetime,
) -> None:
    """Log and count what is broken; tell webhooks only of what changed."""
    broken, known = broken_in(check), broken_in(before)
    count_failures(namespace.name, sorted(broken))
    for name in sorted(broken):
        log.warning(
            "policy_guardrail_failure",
            namespace=namespace.name,
            guardrail=name,
            check=str(check.pk),
            is_new=name not in known,
        )
    judged = {each["name"]: each for each in check.judged}
    recovered = sorted(
        name for name in known if check.states.get(name) in (State.PASS, State.WARN)
    )
    opened = sorted(broken - known)
    if opened or recovered:
        body: dict[str, Any] = {
            "type": "guardrails",
            "namespace": namespace.name,
            "org_id": str(namespace.org_id),
            "at": at.isoformat(),
            "check_id": str(check.pk),
            "broken": [
                {"guardrail": name, "sentence": judged[name]["sentence"]}
                for name in opened
            ],
            "recovered": recovered,
        }
        queue_messages(namespace, body, at=at)
