"""Incidents: opened and told once, and told once more when they are over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.db import connection, transaction

from catalog.models import Namespace
from catalog.tenancy import org_scope
from rules import alert_tally
from rules.models import AlertKind, Incident

from .alarms import Alarm, alarms
from .webhooks import queue_messages

log = structlog.get_logger(__name__)

KEEP_INCIDENTS = timedelta(days=90)
_MOST_LISTED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What changed since rules were looked at last."""

    opened: Sequence[Incident]
    recovered: Sequence[Incident]


def keep_incidents(namespace: Namespace, *, at: datetime) -> News:
    """Open what is new, close what is over, and tell both once, grouped by kind."""
    with org_scope(namespace.org_id):
        if not _is_alone(namespace):
            return News(opened=(), recovered=())
        wanted = {(each.kind, each.subject): each for each in alarms(namespace, at=at)}
        known = {
            (each.kind, each.subject): each
            for each in Incident.objects.filter(namespace=namespace, recovered_at=None)
        }
        news = News(
            opened=_open(
                namespace, [wanted[key] for key in wanted if key not in known], at=at
            ),
            recovered=_close([known[key] for key in known if key not in wanted], at=at),
        )
        _reword(known, wanted)
        if news.opened or news.recovered:
            queue_messages(namespace, body_of(namespace, news, at=at), at=at)
            transaction.on_commit(partial(_tell, namespace, news))
    return news


def _is_alone(namespace: Namespace) -> bool:
    """Keep others from looking meanwhile: two would tell of the same twice.

    Not by the namespace's row, which whoever publishes or sends events waits for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"alerts {namespace.pk}"],
        )
        (is_alone,) = cursor.fetchone()
    return bool(is_alone)


def purge_incidents(*, at: datetime) -> None:
    """Drop incidents that were over long ago."""
    Incident.unscoped.filter(recovered_at__lt=at - KEEP_INCIDENTS).delete()


def body_of(namespace: Namespace, news: News, *, at: datetime) -> dict[str, Any]:
    """Return what a webhook is told."""
    return {
        "type": "alerts",
        "namespace": namespace.name,
        "org_id": str(namespace.org_id),
        "at": at.isoformat(),
        "opened": _grouped(news.opened),
        "recovered": _grouped(news.recovered),
    }


def _open(
    namespace: Namespace, found: Iterable[Alarm], *, at: datetime
) -> list[Incident]:
    return Incident.objects.bulk_create(
        [
            Incident(
                org_id=namespace.org_id,
                namespace=namespace,
                kind=alarm.kind,
                subject=alarm.subject,
                sentence=alarm.sentence,
                rule_ids=list(alarm.rule_ids),
                override_id=alarm.override_id,
                change_set_id=alarm.change_set_id,
                proposal_id=alarm.proposal_id,
                opened_at=at,
            )
            for alarm in found
        ]
    )


def _close(over: Sequence[Incident], *, at: datetime) -> Sequence[Incident]:
    if over:
        keys = [each.pk for each in over]
        Incident.objects.filter(pk__in=keys).update(recovered_at=at)
    return over


def _reword(known: dict[Any, Incident], wanted: dict[Any, Alarm]) -> None:
    """Have open incidents say what is so now: an end may move, a name change."""
    changed = []
    for key in known.keys() & wanted.keys():
        if known[key].sentence != wanted[key].sentence:
            known[key].sentence = wanted[key].sentence
            changed.append(known[key])
    Incident.objects.bulk_update(changed, ["sentence"], batch_size=500)


def _grouped(incidents: Sequence[Incident]) -> list[dict[str, Any]]:
    by_kind: dict[str, list[Incident]] = {}
    for incident in incidents:
        by_kind.setdefault(incident.kind, []).append(incident)
    return [
        {
            "kind": kind,
            "title": AlertKind(kind).label,
            "count": len(by_kind[kind]),
            "incidents": [_listed(each) for each in by_kind[kind][:_MOST_LISTED]],
        }
        for kind in AlertKind.values
        if kind in by_kind
    ]


def _listed(incident: Incident) -> dict[str, Any]:
    return {
        "id": str(incident.pk),
        "sentence": incident.sentence,
        "rule_ids": [str(each) for each in incident.rule_ids],
        **{
            name: str(key) if (key := getattr(incident, name)) else None
            for name in ("override_id", "change_set_id", "proposal_id")
        },
        "opened_at": incident.opened_at.isoformat(),
    }


def _tell(namespace: Namespace, news: News) -> None:
    """Log what changed, a line for each kind, and count it."""
    for change, incidents in (("opened", news.opened), ("recovered", news.recovered)):
        for kind, number in Counter(each.kind for each in incidents).items():
            log.warning(
                f"policy_alert_{change}",
                namespace=namespace.name,
                kind=kind,
                count=number,
                sentences=[each.sentence for each in incidents if each.kind == kind][
                    :3
                ],
            )
            alert_tally.add(change, kind, number)
