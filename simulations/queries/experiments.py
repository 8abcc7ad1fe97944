"""Who met an experiment, and what they did then and before."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Count, Min
from numpy.typing import NDArray

from audit.models import Decision
from audit.pseudonyms import hashes_of_all
from catalog.models import Event, Namespace, User
from catalog.operations.event_types import event_types
from ranking.core.experiments import arm_name
from simulations.core.experiments import Sample

BEFORE = timedelta(days=28)
"""So long before an experiment what somebody did is taken into account."""

_CHUNK = 20_000


@dataclass(slots=True, kw_only=True)
class Exposed:
    """The subjects of an experiment, by the hash of their user id."""

    variant: dict[bytes, int] = field(default_factory=dict)
    """Place of the variant."""

    first_at: dict[bytes, datetime] = field(default_factory=dict)
    requests: Counter[int] = field(default_factory=Counter)
    """Answers of each variant."""

    without_user: int = 0
    """Answers to visitors of whom only a session is known."""

    crossed: int = 0
    """Subjects seen in more than one variant, left out."""


def exposed_of(
    namespace: Namespace,
    experiment: str,
    variants: list[str],
    *,
    since: datetime,
    until: datetime,
) -> Exposed:
    """Return who was answered by a variant, from the decisions kept."""
    places = {arm_name(experiment, name): place for place, name in enumerate(variants)}
    rows = (
        Decision.objects.filter(
            namespace=namespace,
            decision_day__gte=since.date(),
            decision_day__lte=until.date(),
            answered_at__gte=since,
            answered_at__lt=until,
            arm__in=list(places),
        )
        .values_list("arm", "user_hash")
        .annotate(first=Min("answered_at"), answers=Count("decision_id"))
        .order_by("arm", "user_hash")
    )
    found, twice = Exposed(), set()
    for arm, user_hash, first, answers in rows.iterator(chunk_size=_CHUNK):
        place = places[arm]
        found.requests[place] += answers
        if user_hash is None:
            found.without_user += answers
            continue
        key = bytes(user_hash)
        if key in found.variant:
            twice.add(key)
        found.variant[key], found.first_at[key] = place, first
    for key in twice:
        del found.variant[key], found.first_at[key]
    found.crossed = len(twice)
    return found


def samples_of(
    namespace: Namespace,
    exposed: Exposed,
    variants: list[str],
    *,
    metric: str,
    since: datetime,
    until: datetime,
) -> list[Sample]:
    """Return each subject's outcome, and the same before the experiment.

    What counts is done from a subject's first exposure on. Who did nothing, or is not
    known to the catalog, counts with 0.
    """
    after: dict[bytes, float] = defaultdict(float)
    before: dict[bytes, float] = defaultdict(float)
    worth = _worth(namespace, metric)
    subjects = _subjects(namespace, exposed)
    events = Event.objects.filter(
        namespace=namespace, ts__gte=since - BEFORE, ts__lt=until, type__in=list(worth)
    ).values_list("user_id", "type", "value", "ts")
    for user, kind, value, ts in events.iterator(chunk_size=_CHUNK):
        key = subjects.get(user)
        if key is None:
            continue
        weight, by_value = worth[kind]
        earned = weight * value if by_value else weight
        if ts < since:
            before[key] += earned
        elif ts >= exposed.first_at[key]:
            after[key] += earned
    most = 1.0 if metric == "conversion" else math.inf
    members: list[list[bytes]] = [[] for _ in variants]
    for key, place in exposed.variant.items():
        members[place].append(key)
    return [
        Sample(
            name=name,
            outcomes=_column(after, keys, most=most),
            covariates=_column(before, keys, most=most),
        )
        for name, keys in zip(variants, members, strict=True)
    ]


def _column(
    earned: Mapping[bytes, float], keys: Sequence[bytes], *, most: float
) -> NDArray[np.float64]:
    return np.array([min(earned.get(key, 0.0), most) for key in keys], dtype=np.float64)


def _subjects(namespace: Namespace, exposed: Exposed) -> dict[int, bytes]:
    """Return the hash of each exposed user, by the number that events know them by."""
    users = User.objects.filter(namespace=namespace).values_list("user_id", "id")
    numbers = dict(users.iterator(chunk_size=_CHUNK))
    hashed = hashes_of_all(
        namespace.org_id, namespace_id=namespace.pk, user_ids=numbers
    )
    return {numbers[user]: key for key, user in hashed if key in exposed.variant}


def _worth(namespace: Namespace, metric: str) -> Mapping[int, tuple[float, bool]]:
    """Return what an event of a type adds to a metric, and whether by its value."""
    if metric == "engagement":
        return {each.type: (each.weight, True) for each in event_types(namespace)}
    wanted = "click" if metric == "clicks" else "purchase"
    return {
        each.type: (1.0, metric == "purchase_value")
        for each in event_types(namespace)
        if each.feedback == wanted
    }
