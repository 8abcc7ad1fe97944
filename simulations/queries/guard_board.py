"""How guardrails stand: the newest verdicts, and the worst of each day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from catalog.models import Namespace
from ranking.models import Publication
from rules.models import RuleVersion
from simulations.core.judging import Judged, State
from simulations.core.limits import GUARDRAILS
from simulations.models import Acknowledgement, GuardrailCheck

DAYS = 14
_WORST = (State.STOP, State.NOT_COMPUTED, State.WARN, State.PASS)
_MOST_CHANGES = 20


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One guardrail in one namespace."""

    namespace: Namespace
    name: str
    judged: Judged | None
    """None: it was never checked."""

    check: GuardrailCheck | None
    is_stale: bool
    ticks: Sequence[tuple[date, State | None]]
    """The worst state of each of the last days, the oldest first."""

    acknowledged: Acknowledgement | None

    @property
    def weight(self) -> int:
        """How bad it stands, for sorting: 0 is broken."""
        if self.judged is None:
            return 1
        if self.is_stale and self.judged.state != State.STOP:
            return 1
        return _WORST.index(self.judged.state)


def newest_check(namespace: Namespace) -> GuardrailCheck | None:
    """Return the last verdict on a namespace."""
    rows = GuardrailCheck.objects.filter(namespace=namespace)
    return rows.order_by("-created_at", "-pk").first()


def standings(
    namespaces: Sequence[Namespace],
    *,
    limits: Mapping[int, Sequence[str]],
    rhythms: Mapping[int, timedelta | None],
    at: datetime,
) -> list[Standing]:
    """Return how each guardrail stands in each namespace of the org in scope."""
    newest = _newest(namespaces)
    days = _days(namespaces, at=at)
    known = _acknowledged(namespaces, at=at)
    found = []
    for namespace in namespaces:
        check = newest.get(namespace.pk)
        told = {
            each["name"]: msgspec.convert(each, Judged)
            for each in (check.judged if check else ())
        }
        names = {*limits.get(namespace.pk, ()), *told}
        found += [
            Standing(
                namespace=namespace,
                name=name,
                judged=told.get(name),
                check=check,
                is_stale=is_stale(check, rhythms.get(namespace.pk), at=at),
                ticks=_ticks(days[namespace.pk], name, at=at),
                acknowledged=known.get((namespace.pk, name)),
            )
            for name in GUARDRAILS
            if name in names
        ]
    return found


def is_stale(
    check: GuardrailCheck | None, rhythm: timedelta | None, *, at: datetime
) -> bool:
    """Say whether a verdict is too old to be believed: two checks are overdue."""
    if check is None:
        return True
    return at - check.created_at > 2 * (rhythm or timedelta(days=1))


def acknowledgement(
    namespace: Namespace, name: str, *, at: datetime
) -> Acknowledgement | None:
    """Return who knows that a guardrail is broken, while that holds."""
    return _acknowledged([namespace], at=at).get((namespace.pk, name))


@dataclass(frozen=True, kw_only=True)
class Breach:
    """When a guardrail broke, and what was published just before."""

    since: GuardrailCheck | None
    """The first check that found it broken, of those in a row up to now."""

    before: GuardrailCheck | None
    """The last check that found it kept: one that could not tell is no good one."""

    publications: Sequence[Publication]
    versions: Sequence[RuleVersion]
    history: Sequence[tuple[GuardrailCheck, Judged | None]]


def breach_of(namespace: Namespace, name: str) -> Breach:
    """Return the story of a guardrail in a namespace."""
    rows = list(
        GuardrailCheck.objects.filter(namespace=namespace).order_by(
            "-created_at", "-pk"
        )[:200]
    )
    since, before = _turning(rows, name)
    publications, versions = _published(namespace, since=since, before=before)
    return Breach(
        since=since,
        before=before,
        publications=publications,
        versions=versions,
        history=[(each, _judged(each, name)) for each in rows[:30]],
    )


def _turning(
    rows: Sequence[GuardrailCheck], name: str
) -> tuple[GuardrailCheck | None, GuardrailCheck | None]:
    """Return the first bad check of those up to now, and the last good one before."""
    since = None
    for check in rows:
        state = check.states.get(name)
        if state == State.STOP:
            since = check
        elif state in (State.PASS, State.WARN):
            return since, check
        elif since is None:
            return None, None
    return since, None


def _published(
    namespace: Namespace,
    *,
    since: GuardrailCheck | None,
    before: GuardrailCheck | None,
) -> tuple[list[Publication], list[RuleVersion]]:
    """Return what came into force between the last good check and the first bad one."""
    if since is None:
        return [], []
    start = before.created_at if before else since.created_at - timedelta(days=7)
    within = {"at__gte": start, "at__lte": since.created_at}
    publications = Publication.objects.filter(namespace=namespace, **within)
    versions = RuleVersion.objects.filter(namespace=namespace, **within)
    return (
        list(publications.order_by("-change_number")[:_MOST_CHANGES]),
        list(
            versions.select_related("rule", "change_set").order_by("-at", "-pk")[
                :_MOST_CHANGES
            ]
        ),
    )


def _judged(check: GuardrailCheck, name: str) -> Judged | None:
    for each in check.judged:
        if each["name"] == name:
            return msgspec.convert(each, Judged)
    return None


def _newest(namespaces: Sequence[Namespace]) -> dict[int, GuardrailCheck]:
    rows = (
        GuardrailCheck.objects.filter(namespace__in=[each.pk for each in namespaces])
        .order_by("namespace_id", "-created_at", "-pk")
        .distinct("namespace_id")
    )
    return {each.namespace_id: each for each in rows}


def _days(
    namespaces: Sequence[Namespace], *, at: datetime
) -> dict[int, dict[tuple[str, date], set[str]]]:
    rows = GuardrailCheck.objects.filter(
        namespace__in=[each.pk for each in namespaces],
        created_at__gte=at - timedelta(days=DAYS),
    ).order_by("created_at")
    found: dict[int, dict[tuple[str, date], set[str]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for number, moment, states in rows.values_list(
        "namespace_id", "created_at", "states"
    ):
        for name, state in states.items():
            found[number][name, moment.date()].add(state)
    return found


def _ticks(
    days: dict[tuple[str, date], set[str]], name: str, *, at: datetime
) -> list[tuple[date, State | None]]:
    ticks: list[tuple[date, State | None]] = []
    for ago in range(DAYS - 1, -1, -1):
        day = (at - timedelta(days=ago)).date()
        states = days.get((name, day), set())
        worst = next((state for state in _WORST if state.value in states), None)
        ticks.append((day, worst))
    return ticks


def _acknowledged(
    namespaces: Sequence[Namespace], *, at: datetime
) -> dict[tuple[int, str], Acknowledgement]:
    rows = (
        Acknowledgement.objects.filter(
            namespace__in=[each.pk for each in namespaces], until__gt=at
        )
        .order_by("namespace_id", "guardrail", "-at", "-pk")
        .distinct("namespace_id", "guardrail")
    )
    return {(each.namespace_id, each.guardrail): each for each in rows}
