"""Decisions made by chance, as the columns that estimates are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from audit.core.identity import first_id_at
from audit.models import Decision, Feedback, FeedbackKind, FeedbackState
from catalog.models import Namespace
from ranking.models import BanditDecision
from simulations.core.offpolicy import Log, crossfitted

A_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Which decisions are looked at: the newest of a time, at most so many."""

    since: datetime
    until: datetime
    most: int
    surface: str | None = None
    """None for every surface."""


def bandit_logs(namespace: Namespace, stretch: Stretch) -> dict[str, Log]:
    """Return, for each policy, the choices as a log of "always this policy"."""
    rows = BanditDecision.objects.filter(
        namespace=namespace,
        decided_at__gte=stretch.since,
        decided_at__lt=stretch.until,
        reward__isnull=False,
        propensity__isnull=False,
    )
    if stretch.surface is not None:
        rows = rows.filter(surface=stretch.surface)
    found = list(
        rows.order_by("-decided_at", "-decision_id").values_list(
            "policy_id", "propensity", "propensities", "reward"
        )[: stretch.most]
    )
    policies = sorted({name for _, _, chances, _ in found for name in chances})
    places = {name: place for place, name in enumerate(policies)}
    taken = np.array([places[name] for name, *_ in found], dtype=np.int64)
    # Of the largest of several chances a little may be lost in adding up.
    propensities = np.minimum(np.array([chance for _, chance, *_ in found]), 1.0)
    rewards = np.array([reward for *_, reward in found], dtype=np.float64)
    logs = {}
    for name, place in places.items():
        always = np.zeros((len(found), len(policies)))
        always[:, place] = 1.0
        logs[name] = Log(
            rewards=rewards,
            propensities=propensities,
            targets=(taken == place).astype(np.float64),
            supported=np.array(
                [chances.get(name, 0.0) > 0 for _, _, chances, _ in found], dtype=bool
            ),
            predicted=crossfitted(taken, rewards, chances=always),
        )
    return logs


def traced_decisions(
    namespace: Namespace, stretch: Stretch
) -> Iterator[list[Decision]]:
    """Return decisions whose trace was kept, newest first, in batches."""
    since = stretch.since
    before, day = first_id_at(stretch.until), stretch.until.date()
    left = stretch.most
    while left > 0:
        rows = Decision.objects.filter(
            namespace=namespace,
            decision_day__gte=since.date(),
            decision_day__lte=day,
            decision_id__gte=first_id_at(since),
            decision_id__lt=before,
            trace__isnull=False,
        )
        if stretch.surface is not None:
            rows = rows.filter(surface=stretch.surface)
        batch = list(
            rows.select_related("namespace").order_by("-decision_id")[
                : min(A_BATCH, left)
            ]
        )
        if not batch:
            return
        yield batch
        before, day = batch[-1].decision_id, batch[-1].decision_day
        left -= len(batch)


def rewarded_slots(
    decisions: list[Decision], *, kind: FeedbackKind
) -> set[tuple[UUID, int]]:
    """Return the decisions and slots that earned some kind of feedback."""
    rows = Feedback.objects.filter(
        decision_day__in={each.decision_day for each in decisions},
        decision_id__in=[each.decision_id for each in decisions],
        kind=kind,
        state=FeedbackState.COUNTED,
        slot__isnull=False,
    )
    return {
        (decision_id, slot)
        for decision_id, slot in rows.values_list("decision_id", "slot")
        if slot is not None
    }
