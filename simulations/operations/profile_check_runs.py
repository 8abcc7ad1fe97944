"""Check a version of a profile before it is in force: replays, and an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from django.utils import timezone

from catalog.core.moments import microseconds
from catalog.models import Namespace
from catalog.operations.runs import (
    LeasedHandle,
    Outcome,
    RunFailedError,
    RunHandle,
    Unattended,
)
from catalog.tenancy import org_scope
from ranking.core.configuration import Configuration, content_hash
from ranking.core.knobs import KnobError
from ranking.core.layers import Plan, UnknownProfileError
from ranking.core.pipeline import rank
from ranking.models import ConfigurationVerdict, ProfileVersion
from ranking.queries.configurations import compose
from ranking.queries.decided import decided_in_bulk
from ranking.serve import NothingToServeError
from simulations.core.evaluation import EvaluationSpec
from simulations.core.figures import figures_of
from simulations.core.guardrails import GuardrailsError
from simulations.core.judging import TOLERANCE, Judged, State, judge
from simulations.core.limits import GUARDRAILS, Limit
from simulations.core.pages import Pair
from simulations.core.readings import Readings, judge_readings, of_evaluation
from simulations.queries.guardrails_file import guardrails
from simulations.queries.scopes import EVERYTHING, newest_decisions

from .evaluating import evaluate
from .evaluation_runs import IMPOSSIBLE
from .guardrail_runs import headline_of
from .replaying import Stage, facts_of, inputs_of, page_of, stage_of
from .serving import served_now

MOST_DECISIONS = 1_000
MOST_USERS = 1_000
_UNATTENDED = Unattended()


def check_profile_version(
    version: ProfileVersion,
    *,
    at: datetime,
    requested_by: str = "",
    handle: RunHandle = _UNATTENDED,
) -> ConfigurationVerdict:
    """Hold what a namespace would obey with a version in force to its guardrails.

    Called outside any transaction. What is broken already, and not made worse, is a
    warning: not this version breaks it.

    Raises
    ------
    GuardrailsError
        If guardrails.yml cannot be obeyed.
    """
    namespace = Namespace.objects.get(pk=version.namespace_id)
    limits = guardrails().of(namespace.name)
    with org_scope(namespace.org_id):
        draft, now = compose(namespace, draft=version), compose(namespace)
        pairs, stage = _replayed(namespace, draft, at=at, handle=handle)
        judged = _judged_by_replay(limits, pairs, stage)
    handle.progress(0.5, "Evaluating")
    readings = _read(namespace, draft, at=at)
    judged = judge_readings(limits, judged, readings)
    if any(_is_read(each, readings, State.STOP) for each in judged):
        judged = _excused(judged, limits, readings, _read(namespace, now, at=at))
    with org_scope(namespace.org_id):
        return ConfigurationVerdict.objects.create(
            org_id=namespace.org_id,
            namespace=namespace,
            content_hash=content_hash(draft),
            is_blocked=any(each.state == State.STOP for each in judged),
            headline=headline_of(judged),
            report={
                "profile": version.profile.name,
                "version": version.number,
                "requests": len(pairs),
                "judged": msgspec.to_builtins(judged),
            },
            requested_by=requested_by[:150],
            created_at=at,
        )


def execute_profile_check(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "profile-check"."""
    with org_scope(handle.org_id):
        rows = ProfileVersion.objects.select_related("profile")
        version = rows.filter(pk=handle.parameters["version"]).first()
    if version is None:
        raise RunFailedError("That version is gone.")
    try:
        verdict = check_profile_version(
            version,
            at=timezone.now(),
            requested_by=handle.run.requested_by,
            handle=handle,
        )
    except GuardrailsError as error:
        raise RunFailedError(str(error)) from error
    return Outcome(
        result={
            "verdict_id": str(verdict.pk),
            "is_blocked": verdict.is_blocked,
            "headline": verdict.headline,
        }
    )


def _replayed(
    namespace: Namespace, draft: Configuration, *, at: datetime, handle: RunHandle
) -> tuple[list[Pair], Stage | None]:
    """Answer the newest decisions as now, and as with the draft in force."""
    try:
        served, _ = served_now(namespace)
    except NothingToServeError:
        return [], None
    before = stage_of(served, wall_us=microseconds(at))
    after = replace(before, plan=Plan.of(draft))
    pairs: list[Pair] = []
    for batch in newest_decisions(namespace, EVERYTHING, most=MOST_DECISIONS):
        handle.check_cancelled()
        handle.progress(0.4 * len(pairs) / MOST_DECISIONS, "Replaying decisions")
        for then in decided_in_bulk(batch):
            try:
                pages = [
                    page_of(rank(inputs_of(then, each))) for each in (before, after)
                ]
            except (KnobError, UnknownProfileError):
                continue
            pairs.append(Pair(*pages))
    return pairs, before


def _judged_by_replay(
    limits: Mapping[str, Limit], pairs: Sequence[Pair], stage: Stage | None
) -> list[Judged]:
    if stage is None or not pairs:
        return judge(limits, after=None)
    facts = facts_of(stage.world, pairs)
    return judge(
        limits,
        before=figures_of([pair.before for pair in pairs], facts),
        after=figures_of([pair.after for pair in pairs], facts),
    )


def _read(
    namespace: Namespace, configuration: Configuration, *, at: datetime
) -> Readings:
    spec = EvaluationSpec(baselines=("popularity",), max_users=MOST_USERS)
    try:
        done = evaluate(namespace, spec, at=at, configuration=configuration)
    except IMPOSSIBLE:
        return {}
    return {
        name: reading
        for name, reading in of_evaluation(done.report).items()
        if reading.value is not None
    }


def _is_read(judged: Judged, readings: Readings, state: State) -> bool:
    return judged.name in readings and judged.state == state


def _excused(
    judged: Sequence[Judged],
    limits: Mapping[str, Limit],
    readings: Readings,
    before: Readings,
) -> list[Judged]:
    """Turn stops into warnings where the present configuration fares no better."""
    found: list[Judged] = []
    for each in judged:
        earlier: Any = before[each.name].value if each.name in before else None
        stop = limits[each.name].stop
        if not _is_read(each, readings, State.STOP) or earlier is None or stop is None:
            found.append(each)
            continue
        guardrail, value = GUARDRAILS[each.name], readings[each.name].value or 0.0
        worse = earlier - value if guardrail.is_floor else value - earlier
        told = f"{each.sentence} Without it {guardrail.in_words(earlier)}."
        is_old = guardrail.is_broken(earlier, stop) and worse <= TOLERANCE * abs(stop)
        found.append(
            msgspec.structs.replace(
                each,
                before=earlier,
                state=State.WARN if is_old else State.STOP,
                sentence=f"{told} It is not this version that breaks it."
                if is_old
                else told,
            )
        )
    return found
