"""What evaluations and scenarios tell of a namespace, stored or measured now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from audit.models import Decision
from catalog.models import Namespace
from catalog.operations.runs import RunHandle
from catalog.tenancy import org_scope
from ranking.models import Publication
from rules.operations.checks import configuration_hash
from simulations.core.evaluation import EvaluationSpec, Report
from simulations.core.guardrails import Limits
from simulations.core.limits import GUARDRAILS
from simulations.core.readings import NEW_USERS, Reading, of_evaluation, of_new_users
from simulations.core.scenarios.evidence import Found
from simulations.models import Evaluation, ScenarioRun

from .evaluation_runs import IMPOSSIBLE, in_words, run_evaluation
from .scenario_runs import run_scenarios
from .scenarios import ScenarioRequest

FRESH_FOR = timedelta(hours=24)
"""Older evidence is measured anew where that is allowed."""

HOLDS_FOR = timedelta(days=7)
"""Older evidence tells nothing."""

MOST_USERS = 2_000
_SAMPLES = 5
_NAME = "guardrails"
_OF_LIFT = ("min_segment_lift_ndcg", "min_segment_lift_mrr")
_OF_LISTS = (*_OF_LIFT, "min_catalog_coverage", "min_long_tail_share")


@dataclass(slots=True)
class Evidence:
    """Readings, and where they come from."""

    readings: dict[str, Reading] = field(default_factory=dict)
    evaluation_id: UUID | None = None
    samples: list[str] = field(default_factory=list)


def gathered(
    namespace: Namespace,
    limits: Limits,
    *,
    at: datetime,
    may_measure: bool,
    handle: RunHandle,
) -> Evidence:
    """Return what is known besides replays; called outside any transaction."""
    evidence = Evidence()
    with org_scope(namespace.org_id):
        evidence.samples = _samples(namespace)
    if any(name in limits for name in _OF_LISTS):
        handle.progress(0.3, "Evaluating")
        _from_evaluation(
            namespace, evidence, at=at, may_measure=may_measure, handle=handle
        )
    if any(limit in limits for limit in GUARDRAILS if limit.startswith("s7_")):
        handle.progress(0.8, "Playing the scenario of new users")
        _from_scenario(
            namespace, evidence, at=at, may_measure=may_measure, handle=handle
        )
    return evidence


def _samples(namespace: Namespace) -> list[str]:
    rows = Decision.objects.filter(namespace=namespace).order_by("-decision_id")
    return [str(key) for key in rows.values_list("decision_id", flat=True)[:_SAMPLES]]


def _from_evaluation(
    namespace: Namespace,
    evidence: Evidence,
    *,
    at: datetime,
    may_measure: bool,
    handle: RunHandle,
) -> None:
    with org_scope(namespace.org_id):
        found = _stored_evaluation(
            namespace, since=at - (FRESH_FOR if may_measure else HOLDS_FOR)
        )
    if found is None and may_measure:
        spec = EvaluationSpec(
            name=_NAME, baselines=("popularity",), max_users=MOST_USERS
        )
        try:
            found = run_evaluation(
                namespace, spec, requested_by=_NAME, at=at, handle=handle
            )
        except IMPOSSIBLE as error:
            why = Reading(why_not=in_words(error))
            evidence.readings |= dict.fromkeys(_OF_LIFT, why)
            return
    if found is not None:
        evidence.evaluation_id = found.pk
        report = msgspec.convert(found.report, Report)
        evidence.readings |= dict(of_evaluation(report))


def _stored_evaluation(namespace: Namespace, *, since: datetime) -> Evaluation | None:
    """Return the newest evaluation of what is served now."""
    rows = Evaluation.objects.filter(
        namespace=namespace,
        configuration_hash=configuration_hash(namespace),
        created_at__gte=since,
        spec__task="served",
        spec__overrides={},
        spec__profile=None,
    )
    return rows.order_by("-created_at", "-pk").first()


def _from_scenario(
    namespace: Namespace,
    evidence: Evidence,
    *,
    at: datetime,
    may_measure: bool,
    handle: RunHandle,
) -> None:
    since = at - (FRESH_FOR if may_measure else HOLDS_FOR)
    with org_scope(namespace.org_id):
        rows = ScenarioRun.objects.filter(
            namespace=namespace,
            created_at__gte=max(since, _configured_at(namespace, since)),
            request__profile=None,
        )
        newest = rows.order_by("-created_at", "-pk")[:10]
        found = next((each for each in newest if _new_users(each)), None)
    if found is None and may_measure:
        request = ScenarioRequest(only=(NEW_USERS,))
        found = run_scenarios(
            namespace, request, at=at, requested_by=_NAME, handle=handle
        )
    if found is not None:
        evidence.readings |= dict(of_new_users({NEW_USERS: _new_users(found)}))


def _new_users(run: ScenarioRun) -> tuple[Found, ...]:
    for each in run.results:
        if each["id"] == NEW_USERS:
            return msgspec.convert(each["found"], tuple[Found, ...])
    return ()


def _configured_at(namespace: Namespace, otherwise: datetime) -> datetime:
    """Return since when what is served now is in force."""
    newest = Publication.objects.filter(namespace=namespace).order_by("-change_number")
    moment = newest.values_list("at", flat=True).first()
    return otherwise if moment is None else moment
