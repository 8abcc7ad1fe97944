"""A namespace with stored answers, and what shoppers say of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from audit.core.codec import encode, open_envelope
from audit.models import FeedbackHour, RuleHour
from audit.operations import store_decisions
from audit.operations.feedback import keep_feedback
from audit.queries.feedback import Counts, Dimension, total
from catalog.models import Item, Namespace
from catalog.tenancy import org_scope
from tests.clock import NOON
from tests.factories.audit import make_record, new_decision_id
from tests.factories.tenants import make_namespace

SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class Shop:
    """Items `i1` … `i9`, and a way to have them answered."""

    namespace: Namespace
    numbers: Mapping[str, int]

    def answer(
        self,
        items: Sequence[str] = ("i1", "i2", "i3"),
        *,
        at: datetime = NOON,
        rules: Sequence[Mapping[str, Any]] = (),
        reasons: Mapping[str, str] | None = None,
        decision_id: bytes = b"",
        **header: Any,
    ) -> UUID:
        """Store an answer with these items, best first; return its decision."""
        numbers = [self.numbers[item] for item in items]
        milliseconds = int(at.timestamp() * 1000)
        record = make_record(
            k=len(items),
            decision_id=decision_id or new_decision_id(at_ms=milliseconds),
            org_id=self.namespace.org_id.bytes,
            namespace_id=self.namespace.pk,
            rule_ids=tuple(UUID(rule["id"]).bytes for rule in rules),
            **header,
        )
        record.trace.items.columns["number"][:] = numbers
        record.trace.candidates["number"][: len(numbers)] = numbers
        told = [
            [*each, *([reasons[item]] if reasons and item in reasons else [])]
            for item, each in zip(items, record.trace.items.reasons, strict=True)
        ]
        traced = msgspec.structs.replace(record.trace.items, reasons=told)
        trace = msgspec.structs.replace(record.trace, items=traced, rules=tuple(rules))
        stored = msgspec.structs.replace(record, trace=trace)
        store_decisions([open_envelope(encode(stored))], at=at)
        return UUID(bytes=record.header.decision_id)

    def keep(self, at: datetime = NOON + SOON) -> int:
        return keep_feedback(self.namespace.org_id, at=at)

    def counts(self, dimension: str = "all", value: str = "") -> Counts:
        with self.scope():
            return total(
                self.namespace,
                since=NOON - timedelta(days=400),
                until=NOON + timedelta(days=400),
                dimension=Dimension(dimension),
                value=value,
            )

    def rule_hours(self, rule_id: str) -> list[RuleHour]:
        with self.scope():
            return list(RuleHour.objects.filter(rule_id=rule_id).order_by("held"))

    def hours(self) -> int:
        with self.scope():
            return FeedbackHour.objects.count()

    @contextmanager
    def scope(self) -> Iterator[None]:
        with org_scope(self.namespace.org_id):
            yield


def open_shop(name: str = "shop", *, org_id: UUID | None = None) -> Shop:
    namespace = make_namespace(name, org_id=org_id or uuid.uuid4())
    with org_scope(namespace.org_id):
        items = [
            Item.objects.create(
                org_id=namespace.org_id,
                namespace=namespace,
                item_id=f"i{place}",
                title=f"Item {place}",
                created_at=NOON,
                updated_at=NOON,
            )
            for place in range(1, 10)
        ]
    return Shop(namespace, {item.item_id: item.pk for item in items})
