"""Searching millions of decisions: seven days of them, made in SQL, and first pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from psycopg import sql

from audit.models import Decision
from audit.operations.partitions import TABLES, drop_partition, make_partition
from audit.queries import DecisionFilter, list_decisions
from catalog.models import Namespace, Org
from catalog.tenancy import org_scope

from .report import Figure
from .shops import ORG

DAYS = 7
GOAL = "< 300"
_REPEATS = 5
_PAGE = 50
# Items are wanted as in a shop: the first stands in a quarter of all answers, the last
# in a few of a million.
ITEMS = 100_000
_RULE = UUID(int=0xB0057)
_RARE_RULE = UUID(int=0xBA5E)
_NO_RULE = UUID(int=0xDEAD)
# Of each kind of search one that meets many, few and none.
_SEARCHES: dict[str, dict[str, Any]] = {
    "everything": {},
    "a surface": {"surface": "cart"},
    "a surface nobody asks": {"surface": "nowhere"},
    "a segment": {"segment": "new_users"},
    "a segment nobody is in": {"segment": "nobody"},
    "a user nobody knows": {"user_hashes": [bytes(32)]},
    "the most wanted item": {"item_number": 1},
    "an item of 1 in 1,000 answers": {"item_number": 9_000},
    "a rarely wanted item": {"item_number": ITEMS - 1},
    "an item never shown": {"item_number": ITEMS + 1},
    "an item dropped": {"dropped_number": 11},
    "an item never dropped": {"dropped_number": ITEMS + 1},
    "a rule of every third answer": {"rule_id": _RULE},
    "a rule of 1 in 100,000 answers": {"rule_id": _RARE_RULE},
    "a rule that never met an item": {"rule_id": _NO_RULE},
    "an override": {"override_id": _RARE_RULE},
    "an override that never met an item": {"override_id": _NO_RULE},
    "degraded": {"degraded": True},
    "not degraded, as nearly all": {"degraded": False},
    "a profile version": {"profile": "default", "profile_version": 2},
    "the profile version of nearly all": {
        "profile": "default",
        "profile_version": 1,
    },
    "a profile version that never was": {
        "profile": "default",
        "profile_version": 9,
    },
    "an experiment": {"experiment": "ranker"},
    "an experiment that never was": {"experiment": "nothing"},
    "a request id unknown": {"request_id": "nobody"},
    "surface, segment, item and degraded": {
        "surface": "cart",
        "segment": "returning",
        "item_number": 77,
        "degraded": True,
    },
    "a rule on a surface in a segment": {
        "rule_id": _RARE_RULE,
        "surface": "email",
        "segment": "new_users",
    },
}
_FILL = """
INSERT INTO {partition} (
    decision_day, decision_id, org_id, namespace_id, answered_at, at, change_number,
    batch_number, latency_us, profile_version, engine_version, key_version, k, rung,
    route, surface, request_id, segment, profile, model_version, arm, user_hash,
    snapshot_hash, configuration_hash, answer_digest, degraded, items, dropped,
    rule_ids, override_ids)
SELECT
    {day}, made.id, {org}, {namespace}, made.at, made.at, 4711, 1,
    2000 + n % 3000, 1 + (n % 1000) / 990, 4, 1, 20, 0, 'recommendations',
    (ARRAY['home', 'home', 'home', 'pdp', 'cart', 'email'])[1 + n % 6],
    made.id::text, (ARRAY['returning', 'new_users', NULL])[1 + n % 3],
    'default', 'ease+ials v1',
    CASE WHEN n % 50 = 0 THEN 'ranker/' || (n % 100) END,
    sha256((n % 200000)::text::bytea), made.hash, made.hash, made.hash,
    CASE WHEN n % 500 = 0 THEN ARRAY['without_history'] ELSE ARRAY[]::text[] END,
    ARRAY[{items}],
    CASE WHEN n % 10 = 0 THEN ARRAY[1 + n % {n_items}] ELSE ARRAY[]::bigint[] END,
    CASE WHEN n % 100000 = 7 THEN ARRAY[{rare}] WHEN n % 3 = 0 THEN ARRAY[{rule}]
        ELSE ARRAY[]::uuid[] END,
    CASE WHEN n % 20000 = 0 THEN ARRAY[{rare}] ELSE ARRAY[]::uuid[] END
FROM generate_series(1, {rows}) AS n
CROSS JOIN LATERAL (
    SELECT
        {day}::timestamptz + n * interval '1 day' / ({rows} + 1) AS at,
        sha256(n::text::bytea) AS hash,
        (
            lpad(to_hex(({first_ms} + n::bigint * 86400000 / ({rows} + 1))), 12, '0')
            || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15)
        )::uuid AS id
) AS made
"""


def measure(rows: int) -> Iterator[Figure]:
    """Make so many decisions, search them, and take them away again."""
    namespace = _namespace()
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=age) for age in range(DAYS, 0, -1)]
    started = time.perf_counter()
    try:
        for day in days:
            fill(day, namespace=namespace, rows=rows // DAYS)
        elapsed = time.perf_counter() - started
        yield _figure(f"making {rows:,} decisions with indexes", elapsed, "s", "")
        yield from first_pages(namespace, days=days)
    finally:
        for day in days:
            drop_partition(day)
            make_partition(day)


def fill(day: date, *, namespace: Namespace, rows: int) -> None:
    """Replace a day's decisions by made-up ones, indexed as partitions are."""
    owner = connections["owner"]
    drop_partition(day)
    first = datetime(day.year, day.month, day.day, tzinfo=UTC)
    name = sql.Identifier(f"{TABLES[0]}_p{day:%Y%m%d}")
    draw = f"1 + (power(random(), 3) * {ITEMS - 1})::bigint"
    values = {
        "partition": name,
        "day": sql.Literal(day),
        "day_after": sql.Literal(day + timedelta(days=1)),
        "org": sql.Literal(namespace.org_id),
        "namespace": sql.Literal(namespace.pk),
        "rows": sql.Literal(rows),
        "first_ms": sql.Literal(int(first.timestamp() * 1000)),
        "items": sql.SQL(", ").join([sql.SQL(draw)] * 20),
        "n_items": sql.Literal(ITEMS),
        "rule": sql.Literal(_RULE),
        "rare": sql.Literal(_RARE_RULE),
    }
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        for statement in (
            "SET LOCAL TIME ZONE 'UTC'",
            "CREATE TABLE {partition} (LIKE audit_decision INCLUDING DEFAULTS)",
            _FILL,
            # Builds every index of the parent, in bulk.
            "ALTER TABLE audit_decision ATTACH PARTITION {partition}"
            " FOR VALUES FROM ({day}) TO ({day_after})",
        ):
            cursor.execute(sql.SQL(statement).format(**values))
    with owner.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(name))
    make_partition(day)


def first_pages(namespace: Namespace, *, days: list[date]) -> Iterator[Figure]:
    """Tell how long the first page of each kind of search takes, at its slowest."""
    since = datetime(days[0].year, days[0].month, days[0].day, tzinfo=UTC)
    with org_scope(namespace.org_id):
        user = Decision.objects.filter(namespace=namespace).values_list("user_hash")
        hashes = [bytes(user[0][0] or b"")]
    searches = _SEARCHES | {"a user": {"user_hashes": hashes}}
    for name, conditions in searches.items():
        chosen = DecisionFilter(since=since, **conditions)
        show = partial(_page, namespace, chosen)
        slowest = max(_timed(show) for _ in range(_REPEATS))
        yield _figure(f"first page: {name}", slowest * 1000, "ms", GOAL)


def _page(namespace: Namespace, chosen: DecisionFilter) -> None:
    with org_scope(namespace.org_id):
        list_decisions(namespace, chosen, limit=_PAGE)


def _timed(act: Callable[[], None]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _namespace() -> Namespace:
    org, _ = Org.objects.get_or_create(id=ORG)
    with org_scope(ORG):
        return Namespace.objects.get_or_create(org=org, name="decisions")[0]


def _figure(name: str, value: float, unit: str, goal: str) -> Figure:
    return Figure(section="decisions", name=name, value=value, unit=unit, goal=goal)
