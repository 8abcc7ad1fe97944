"""How long the pages of the admin take, and what they ask, in a namespace of size."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import numpy as np
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client
from django.utils import timezone

from catalog.models import Namespace
from catalog.tenancy import org_scope

from . import many_decisions, many_rules, shops
from .admin_pages import Page, branches_of, pages_of
from .asking import ensure_traces
from .page_parts import parts_of
from .report import Figure
from .servers import backend_seconds
from .shops import Shop

TURNS = 5
RULES = 10_400
DECISIONS = 1_000_000
TRACES = 2_000
MOST_BRANCHES = 40
GOAL_MS = 300.0


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one page took: medians and the worst of some turns, in milliseconds."""

    page: Page
    status: int
    p50: float
    worst: float
    processor: float
    database: float
    queries: int
    slowest: str

    @property
    def told(self) -> float:
        """Return the processor time of both sides: what a quiet machine would take."""
        return self.processor + self.database


class _Asked:
    """Counts the questions to the database, and names the one that took longest."""

    def __init__(self) -> None:
        self.count = 0
        self.slowest = (0.0, "")

    def __call__(self, execute: Any, sql: Any, *rest: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, *rest)
        finally:
            taken = time.perf_counter() - started
            self.count += 1
            self.slowest = max(self.slowest, (taken, str(sql)[:300]))


def visitor() -> Client:
    """Return a browser in which somebody who may do everything is logged in."""
    staff, _ = get_user_model().objects.get_or_create(
        username="bench", defaults={"is_staff": True, "is_superuser": True}
    )
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    client.force_login(staff)
    return client


def measure(shop: Shop) -> Iterator[Figure]:
    """Fill the shop up, open every page, and tell of each what it took at most."""
    namespace = shops.namespace_of(shop)
    many_decisions.fill_up(namespace, DECISIONS)
    many_rules.fill_rules(namespace, RULES, at=timezone.now())
    ensure_traces(namespace, TRACES, users=shops.some_users(shop))
    pages: dict[str, list[Taken]] = {}
    for taken in walk(visitor(), namespace):
        pages.setdefault(taken.page.name, []).append(taken)
    for name, addresses in sorted(pages.items(), key=lambda each: -_most(each[1])):
        yield _figure(shop, name, addresses)


def _most(addresses: Sequence[Taken]) -> float:
    return max(each.told for each in addresses)


def _figure(shop: Shop, name: str, addresses: Sequence[Taken]) -> Figure:
    """Tell of the address of a page that took most, and of its queries."""
    most = max(addresses, key=lambda each: each.told)
    queries = max(each.queries for each in addresses)
    failed = [each.page.address for each in addresses if each.status >= 400]
    told = (
        f"{name}: {len(addresses)} addresses, {queries} queries, p50 {most.p50:.0f} ms,"
        f" worst {most.worst:.0f} ms at {most.page.address}"
        f" ({most.slowest[:60] if most.told > GOAL_MS else 'of which processor time'})"
    )
    failures = f"; failed: {', '.join(failed)}" if failed else ""
    return Figure(
        section=shop.name,
        name=told + failures,
        value=most.told,
        unit="ms",
        goal=f"< {GOAL_MS:.0f}",
    )


def walk(client: Client, namespace: Namespace) -> Iterator[Taken]:
    """Open every page of the admin, and what its own links narrow it to."""
    client.get("/admin/", {"ns": namespace.pk})
    with org_scope(namespace.org_id):
        pages = [*pages_of(namespace), *parts_of(namespace)]
    for page in pages:
        answer = _open(client, page)
        if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            continue
        yield take(client, page)
        for branch in branches_of(page, _text(answer))[:MOST_BRANCHES]:
            yield take(client, branch)


def take(client: Client, page: Page) -> Taken:
    """Open a page some times, once more than is counted."""
    _open(client, page)
    rows = []
    slowest, status = (0.0, ""), 0
    for _ in range(TURNS):
        asked = _Asked()
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(asked))
            started = time.perf_counter(), time.process_time(), backend_seconds()
            status = _open(client, page).status_code
            ended = time.perf_counter(), time.process_time(), backend_seconds()
            spent = [end - start for start, end in zip(started, ended, strict=True)]
            rows.append((*spent, asked.count))
        slowest = max(slowest, asked.slowest)
    return _taken(page, rows, status=status, slowest=slowest)


def _taken(
    page: Page,
    rows: Sequence[tuple[float, ...]],
    *,
    status: int,
    slowest: tuple[float, str],
) -> Taken:
    wall, processor, database, queries = np.array(rows).T
    return Taken(
        page=page,
        status=status,
        p50=float(np.median(wall) * 1000),
        worst=float(wall.max() * 1000),
        processor=float(np.median(processor) * 1000),
        database=float(np.median(database) * 1000),
        queries=int(queries.max()),
        slowest=f"{slowest[0] * 1000:.0f} ms: {slowest[1]}",
    )


def _open(client: Client, page: Page) -> Any:
    if page.sent is None:
        answer = client.get(page.address)
    else:
        answer = client.post(page.address, dict(page.sent))
    _text(answer)
    return answer


def _text(answer: Any) -> str:
    """Return a page's text; a stream is read to its end."""
    if getattr(answer, "streaming", False) and not hasattr(answer, "read_text"):
        answer.read_text = b"".join(answer.streaming_content).decode(errors="replace")
    if getattr(answer, "streaming", False):
        return str(answer.read_text)
    return str(answer.content.decode(errors="replace"))
