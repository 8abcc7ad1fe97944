"""Webhooks: made, told, tried again, given up."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction
from kombu.exceptions import OperationalError

from catalog.core.faults import refuse
from catalog.models import Namespace
from catalog.tenancy import org_scope
from rules import outgoing
from rules.core.signing import signature, webhook_secret
from rules.models import Delivery, DeliveryState, Webhook

from .actors import Actor

log = structlog.get_logger(__name__)

TASK = "rules.tasks.send_webhooks"
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
"""How long after each failed attempt the next one comes; after the last, none."""

KEEP_DELIVERIES = timedelta(days=30)
_LEASE = timedelta(minutes=5)
_MOST_AT_ONCE = 50
_MOST_WEBHOOKS = 20
_MOST_ERROR = 500


def secret_of(webhook: Webhook) -> str:
    """Return what signs a webhook's messages."""
    return webhook_secret(
        settings.SECRET_KEY.encode(),
        webhook_id=webhook.pk,
        version=webhook.secret_version,
    )


def create_webhook(
    namespace: Namespace, *, name: str, url: str, actor: Actor, at: datetime
) -> Webhook:
    """Make a webhook; its address is looked at now and before each call."""
    actor.require("administer")
    if not name.strip():
        raise refuse("missing_name", "Give it a name.", field="name")
    if Webhook.objects.filter(namespace=namespace).count() >= _MOST_WEBHOOKS:
        words = f"A namespace has at most {_MOST_WEBHOOKS} webhooks."
        raise refuse("too_many_webhooks", words)
    try:
        outgoing.look_at(url.strip())
    except outgoing.RefusedAddressError as error:
        raise refuse("refused_address", str(error), field="url") from error
    try:
        with transaction.atomic():
            return Webhook.objects.create(
                org_id=namespace.org_id,
                namespace=namespace,
                name=name.strip()[:100],
                url=url.strip(),
                created_by=actor.name,
                created_at=at,
            )
    except IntegrityError as error:
        words = f"There is a webhook named {name.strip()} already."
        raise refuse("duplicate_name", words, field="name") from error


def renew_secret(webhook: Webhook, *, actor: Actor) -> str:
    """Make another secret; messages are signed with it from now on."""
    actor.require("administer")
    webhook.secret_version += 1
    webhook.save(update_fields=["secret_version"])
    return secret_of(webhook)


def switch_webhook(webhook: Webhook, *, on: bool, actor: Actor) -> None:
    actor.require("administer")
    Webhook.objects.filter(pk=webhook.pk).update(is_active=on)


def delete_webhook(webhook: Webhook, *, actor: Actor) -> None:
    actor.require("administer")
    webhook.delete()


def queue_messages(
    namespace: Namespace, body: Mapping[str, Any], *, at: datetime
) -> None:
    """Have every active webhook of a namespace told the same."""
    for webhook in Webhook.objects.filter(namespace=namespace, is_active=True):
        _queue(webhook, body, at=at)


def queue_test(webhook: Webhook, *, actor: Actor, at: datetime) -> Delivery:
    """Have a webhook told that this is a test, as soon as a worker takes it up."""
    actor.require("administer")
    body = {
        "type": "test",
        "namespace": webhook.namespace.name,
        "org_id": str(webhook.org_id),
        "at": at.isoformat(),
        "said": f"A test, asked for by {actor.name}.",
    }
    delivery = _queue(webhook, body, at=at, is_test=True)
    transaction.on_commit(_wake_worker)
    return delivery


def send_due(*, at: datetime) -> int:
    """Send what is due, each message apart; return how many were taken."""
    taken = 0
    due = Delivery.unscoped.filter(state=DeliveryState.WAITING, next_at__lte=at)
    for key, org_id in due.order_by("next_at", "pk").values_list("pk", "org_id")[
        :_MOST_AT_ONCE
    ]:
        delivery = _claim(key, org_id, at=at)
        if delivery is not None:
            taken += _send(delivery, at=at)
    return taken


def purge_deliveries(*, at: datetime) -> None:
    """Drop messages that were sent, or given up, long ago."""
    old = Delivery.unscoped.filter(created_at__lt=at - KEEP_DELIVERIES)
    old.exclude(state=DeliveryState.WAITING).delete()


def _queue(
    webhook: Webhook, body: Mapping[str, Any], *, at: datetime, is_test: bool = False
) -> Delivery:
    delivery = Delivery(
        org_id=webhook.org_id,
        namespace_id=webhook.namespace_id,
        webhook=webhook,
        is_test=is_test,
        next_at=at,
        created_at=at,
    )
    delivery.body = json.dumps({"id": str(delivery.pk), **body}, sort_keys=True)
    delivery.save(force_insert=True)
    return delivery


def _claim(key: UUID, org_id: UUID, *, at: datetime) -> Delivery | None:
    """Take a message, so that nobody else sends it; a dead sender's comes up again."""
    with org_scope(org_id):
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(pk=key, state=DeliveryState.WAITING, next_at__lte=at)
            .select_related("webhook")
            .first()
        )
        if delivery is not None:
            delivery.attempts += 1
            delivery.next_at = at + _LEASE
            delivery.save(update_fields=["attempts", "next_at"])
        return delivery


def _send(delivery: Delivery, *, at: datetime) -> bool:
    status, error = _call(delivery, at=at)
    delivery.status, delivery.error = status, error[:_MOST_ERROR]
    if not error:
        delivery.state, delivery.delivered_at = DeliveryState.DELIVERED, at
    elif delivery.attempts > len(WAITS):
        delivery.state = DeliveryState.FAILED
        log.error("webhook_given_up", webhook=str(delivery.webhook_id), error=error)
    else:
        delivery.next_at = at + WAITS[delivery.attempts - 1]
    with org_scope(delivery.org_id):
        delivery.save(
            update_fields=["status", "error", "state", "delivered_at", "next_at"]
        )
    return not error


def _call(delivery: Delivery, *, at: datetime) -> tuple[int | None, str]:
    """Return the status that came back, and what is wrong, if anything is."""
    webhook = delivery.webhook
    seal = signature(
        secret_of(webhook), body=delivery.body, at_seconds=int(at.timestamp())
    )
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "RecSys-Webhook/1",
        "X-RecSys-Delivery": str(delivery.pk),
        "X-RecSys-Signature": seal,
    }
    try:
        status = outgoing.post(webhook.url, delivery.body, headers=headers)
    except (OSError, ValueError, http.client.HTTPException) as error:
        return None, str(error) or type(error).__name__
    return status, "" if 200 <= status < 300 else f"It answered {status}."


def _wake_worker() -> None:
    try:
        current_app.send_task(TASK, queue="bulk")
    except (OperationalError, OSError) as error:
        log.warning("webhook_waits_for_the_broker", error=str(error))
