"""What a full check takes: a change of several rules over 1,000 decisions."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import get_args

import msgspec
from django.db import transaction
from django.utils import timezone

from audit.models import Decision
from catalog.models import Item, Namespace
from catalog.permissions import Verb
from catalog.tenancy import org_scope
from rules.core.content import Content
from rules.core.rule import Action, Rule, Target, TargetType, Window
from rules.models import ChangeSet
from rules.operations.actors import Actor
from rules.operations.change_sets import Purpose, create_change_set
from rules.operations.drafts import draft_new_rule
from simulations.core.forecast import Report
from simulations.operations.checks import USUAL_DECISIONS, check_change_set

from .asking import ensure_traces
from .report import Figure
from .servers import backend_seconds
from .shops import Shop, namespace_of, some_users

ROUNDS = 3
_BENCH = Actor(
    identity="job:bench",
    name="bench",
    source="job",
    verbs=frozenset(get_args(Verb.__value__)),
)


def measure(shop: Shop) -> Iterator[Figure]:
    """Check the same change some times over, and leave nothing of it."""
    namespace = namespace_of(shop)
    ensure_traces(namespace, USUAL_DECISIONS, users=some_users(shop))
    taken = [_check(namespace) for _ in range(ROUNDS)]
    wall, processor, database = (
        sorted(each)[ROUNDS // 2] for each in zip(*taken, strict=True)
    )
    rows = (
        ("waited for", wall, "< 5 on 2 cores"),
        ("processor time", processor, ""),
        ("processor time of PostgreSQL", database, ""),
    )
    for name, value, goal in rows:
        yield Figure(
            section=shop.name,
            name=f"full check of 6 rules over {USUAL_DECISIONS:,} decisions, {name}",
            value=value,
            unit="s",
            goal=goal,
        )


def _check(namespace: Namespace) -> tuple[float, float, float]:
    at = timezone.now()
    with org_scope(namespace.org_id), transaction.atomic():
        change_set = _draft(namespace, at=at)
        wall, processor = time.perf_counter(), _processor()
        database = backend_seconds()
        check = check_change_set(change_set, actor=_BENCH, at=at)
        taken = (
            time.perf_counter() - wall,
            _processor() - processor,
            backend_seconds() - database,
        )
        transaction.set_rollback(True)
    report = msgspec.convert(check.report, Report)
    if report.sample.replayed < USUAL_DECISIONS or report.forecast is None:
        raise RuntimeError(f"Not what was to be measured: {report.headline}")
    return taken


def _processor() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _draft(namespace: Namespace, *, at: datetime) -> ChangeSet:
    purpose = Purpose(title="Six rules", reason="To see how long the check takes.")
    change_set = create_change_set(namespace, purpose, actor=_BENCH, at=at)
    for rule in _rules(namespace, at=at):
        content = Content(rule=rule, owner="bench", review_by=at.date())
        draft_new_rule(change_set, content, actor=_BENCH, at=at)
    return change_set


def _rules(namespace: Namespace, *, at: datetime) -> Iterator[Rule]:
    """Return one rule of each kind, about what the newest answers show."""
    newest = Decision.objects.filter(namespace=namespace).order_by("-decision_id")
    shown = newest.values_list("items", flat=True)[0]
    items = Item.objects.filter(namespace=namespace, pk__in=shown[:4])
    ids = list(items.order_by("pk").values_list("item_id", flat=True))
    cheap = Target(type=TargetType.CONDITION, condition={"lt": ["price", 3]})
    priced = Target(type=TargetType.CONDITION, condition={"gt": ["price", 0]})
    later = (at + timedelta(days=2)).replace(microsecond=0, tzinfo=None)

    def item(item_id: str) -> Target:
        return Target(type=TargetType.ITEM, values=(item_id,))

    yield _rule(Action.PIN, item(ids[0]), positions=(2,))
    yield _rule(Action.BOOST, item(ids[1]), value=1.0)
    yield _rule(Action.BOOST, cheap, value=0.3)
    yield _rule(Action.BURY, item(ids[2]), value=0.5)
    yield _rule(Action.BLOCK, item(ids[3]))
    yield _rule(Action.FILTER, priced, windows=(Window(start=later),))


def _rule(action: Action, target: Target, **further: object) -> Rule:
    rule = Rule(id="", action=action, target=target, name=f"{action} to measure")
    return msgspec.structs.replace(rule, **further)
