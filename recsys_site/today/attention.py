"""What somebody should do something about, each with its fix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from audit.models import Decision
from catalog.admin.item_reads import QUALITY, SAMPLE, quality_counts
from catalog.admin.page import Chip
from catalog.models import Namespace, Run, RunState
from catalog.permissions import Staff, can
from ranking.models import BuildState, SignalBuild
from ranking.operations.build_guarding import held_back
from ranking.operations.build_starting import pending_changes
from rules.admin.alert_words import Fix, open_alerts
from simulations.core.judging import State
from simulations.queries.guard_board import acknowledgement, newest_check

_STALE_AFTER = timedelta(minutes=10)
_UNCLAIMED_AFTER = timedelta(minutes=1)
_LATELY = timedelta(days=7)
_DAY = timedelta(days=1)
_NEWEST_ANSWERS = 1_000
_FEW = 3


@dataclass(frozen=True, kw_only=True)
class Notice:
    chip: Chip
    lead: str
    rest: str = ""
    sub: str = ""
    sub_at: datetime | None = None
    fixes: Sequence[Fix] = ()


def notices(staff: Staff, namespace: Namespace, *, at: datetime) -> Sequence[Notice]:
    may_operate = can(staff, "operate", namespace)
    return [
        *_rules(staff, namespace),
        *_guardrails(namespace, at=at),
        *_work(namespace, at=at),
        *_held_back(namespace),
        *_signals(namespace, at=at, may_operate=may_operate),
        *_answers(namespace, at=at),
        *_data(namespace, may_operate=may_operate),
    ]


def _rules(staff: Staff, namespace: Namespace) -> Iterator[Notice]:
    for group in open_alerts(staff, namespace):
        yield Notice(
            chip=group.chip,
            lead=group.lead,
            rest=group.rest,
            sub="since",
            sub_at=group.since,
            fixes=group.fixes,
        )


def _guardrails(namespace: Namespace, *, at: datetime) -> Iterator[Notice]:
    check = newest_check(namespace)
    for each in check.judged if check is not None else ():
        if each["state"] != State.STOP:
            continue
        known = acknowledgement(namespace, each["name"], at=at)
        if known is None:
            breach = reverse("admin:simulations_breach", args=[each["name"]])
            yield Notice(
                chip=Chip(words="Broken", icon="block", kind="bad"),
                lead=f"A guardrail is broken: {each['title']}",
                rest=f". {each['sentence']}",
                sub="checked",
                sub_at=check.created_at if check else None,
                fixes=[Fix(title="See what to do", url=breach)],
            )


def _work(namespace: Namespace, *, at: datetime) -> Iterator[Notice]:
    runs = Run.objects.filter(namespace=namespace)
    waiting = runs.filter(state=RunState.QUEUED, not_before__lt=at - _UNCLAIMED_AFTER)
    first = waiting.order_by("not_before", "pk").first()
    if first is not None:
        yield Notice(
            chip=Chip(words="Waiting", icon="clock", kind="warn"),
            lead="No worker takes up work",
            rest=f": the Run {first.kind} is queued and nobody claimed it.",
            sub="waiting since",
            sub_at=first.not_before,
            fixes=[Fix(title="Open", url=_run_url(first))],
        )
    failed = runs.filter(state=RunState.FAILED, created_at__gt=at - _LATELY)
    for run in failed.order_by("-created_at", "pk")[:_FEW]:
        yield Notice(
            chip=Chip(words="Failed", icon="warning", kind="bad"),
            lead=f"The Run {run.kind} failed",
            rest=f": {run.error[:200]}" if run.error else ".",
            sub=f"asked by {run.requested_by or 'itself'}",
            sub_at=run.finished_at or run.created_at,
            fixes=[Fix(title="Look into it", url=_run_url(run))],
        )


def _run_url(run: Run) -> str:
    return reverse("admin:catalog_run_change", args=[run.pk])


def _held_back(namespace: Namespace) -> Iterator[Notice]:
    build = held_back(namespace)
    if build is not None:
        page = reverse("admin:ranking_signalbuild_change", args=[build.pk])
        yield Notice(
            chip=Chip(words="Held back", icon="block", kind="bad"),
            lead="New signals are held back",
            rest=f", the former ones stay. {build.guard['headline']}",
            sub="built",
            sub_at=build.created_at,
            fixes=[Fix(title="See what it breaks", url=page)],
        )


def _signals(
    namespace: Namespace, *, at: datetime, may_operate: bool
) -> Iterator[Notice]:
    builds = reverse("admin:ranking_signalbuild_changelist")
    fixes = [Fix(title="See builds", url=builds)]
    if may_operate:
        build_now = reverse("admin:ranking_signalbuild_build")
        fixes.append(Fix(title="Build now", url=build_now, is_post=True))
    live = SignalBuild.objects.filter(
        namespace=namespace, state=BuildState.LIVE
    ).first()
    pending = pending_changes(namespace)
    stale = Chip(words="Stale", icon="stale", kind="warn")
    if live is None and pending is not None:
        yield Notice(
            chip=stale,
            lead="No signals are live",
            rest=": answers are ranked by what the items say of themselves.",
            fixes=fixes,
        )
    elif live is not None and pending is not None and pending.events_changed:
        age = at - pending.first_at
        if age > _STALE_AFTER:
            yield Notice(
                chip=stale,
                lead="Signals are behind their data",
                rest=": events arrived that no build has read.",
                sub="the first of them",
                sub_at=pending.first_at,
                fixes=fixes,
            )


def _answers(namespace: Namespace, *, at: datetime) -> Iterator[Notice]:
    newest = (
        Decision.objects.filter(
            namespace=namespace, decision_day__gte=(at - _DAY).date()
        )
        .order_by("-decision_id")
        .values_list("degraded", "answered_at")[:_NEWEST_ANSWERS]
    )
    lately = [degraded for degraded, answered_at in newest if answered_at > at - _DAY]
    count = sum(bool(degraded) for degraded in lately)
    if count:
        traces = reverse("admin:audit_decision_changelist")
        yield Notice(
            chip=Chip(words="Degraded", icon="warning", kind="warn"),
            lead=f"{count:,} of the newest {len(lately):,} answers left something out",
            rest=", all within a day.",
            fixes=[Fix(title="See them", url=f"{traces}?degraded=1")],
        )


def _data(namespace: Namespace, *, may_operate: bool) -> Iterator[Notice]:
    counts = quality_counts(namespace)
    total = counts["total"]
    among = (
        f"of the newest {SAMPLE:,} items" if total == SAMPLE else f"of {total:,} items"
    )
    items = reverse("admin:catalog_item_changelist")
    if not total:
        yield Notice(
            chip=Chip(words="Empty", icon="catalog", kind="info"),
            lead="There are no items yet",
            rest=": send them to the API, or import a file.",
            fixes=[Fix(title="How", url=items)],
        )
    for name, (words, _) in QUALITY.items():
        fixes = [Fix(title="See rows", url=f"{items}?quality={name}")]
        if name == "no-embedding" and may_operate:
            refresh = reverse("admin:ranking_signalbuild_embeddings")
            fixes.append(Fix(title="Compute them", url=refresh, is_post=True))
        if counts[name]:
            verb = "has" if counts[name] == 1 else "have"
            yield Notice(
                chip=Chip(words="Data", icon="catalog", kind="warn"),
                lead=f"{counts[name]:,} {among} {verb} {words}",
                rest=".",
                fixes=fixes,
            )
