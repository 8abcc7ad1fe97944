"""What somebody with the database's password may do to stored decisions."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from tests.factories.audit import new_decision_id

# Of the person, and so vouched for by nothing.
PERSONAL = {"user_hash"}
TABLES = {"audit_decision": ("org_id", "decision_id"), "audit_auditbatch": ("id",)}


@dataclass(frozen=True)
class Named:
    """What must be named after an alteration."""

    what: str
    decisions: frozenset[UUID] = frozenset()
    batches: frozenset[tuple[UUID, int]] = frozenset()


@dataclass
class Intruder:
    """Alters one thing at a time, at random."""

    rng: random.Random
    kinds: tuple[str, ...] = ("flip", "delete", "swap", "insert", "cut")
    done: list[str] = field(default_factory=list)

    def strike(self) -> Named:
        kind = self.rng.choice(self.kinds)
        ways: dict[str, Callable[[], Named]] = {
            "flip": self.flip,
            "delete": self.delete,
            "swap": self.swap,
            "insert": self.insert,
            "cut": self.cut,
        }
        while True:
            try:
                with transaction.atomic():
                    return ways[kind]()
            except IntegrityError:
                pass  # The database itself refuses a number that is taken.

    def flip(self) -> Named:
        table, row = self._row()
        column = self.rng.choice(_columns(table))
        value = other_value(row[column], column, self.rng)
        self._set(table, row, {column: value})
        return self._named(f"flip {table}.{column}", table, row)

    def delete(self) -> Named:
        table, row = self._row()
        _execute(f"DELETE FROM {table} WHERE {_is(table)}", _key(table, row))
        return self._named(f"delete from {table}", table, row)

    def swap(self) -> Named:
        while True:
            table, one = self._row()
            other = self.rng.choice(rows_of(table))
            column = self.rng.choice(_columns(table))
            if one[column] != other[column] and one["org_id"] == other["org_id"]:
                break
        free = other_value(one[column], column, self.rng)
        if table == "audit_auditbatch" and column == "number":
            free = -1
        if column in ("org_id",):
            return self.swap()
        # Unique columns cannot hold a value twice, not even for a moment.
        self._set(table, one, {column: free})
        one_now = {**one, column: free}
        self._set(table, other, {column: one[column]})
        self._set(table, one_now, {column: other[column]})
        first = self._named("", table, one)
        second = self._named("", table, other)
        return Named(
            f"swap {table}.{column}",
            first.decisions | second.decisions,
            first.batches | second.batches,
        )

    def insert(self) -> Named:
        table, row = self._row()
        if table == "audit_decision":
            at_ms = int(row["answered_at"].timestamp() * 1000) + 1
            decision_id = UUID(bytes=new_decision_id(at_ms=at_ms))
            moment = row["answered_at"] + timedelta(milliseconds=1)
            fresh = {
                **row,
                "decision_id": decision_id,
                "answered_at": moment,
                "decision_day": moment.date(),
                "batch_number": row["batch_number"] + self.rng.choice([0, 0, 1, 1_000]),
            }
        else:
            fresh = {**row, "id": row["id"] + 1_000_000}
            numbers = [
                each["number"]
                for each in rows_of(table)
                if each["org_id"] == row["org_id"]
            ]
            fresh["number"] = max(numbers) + self.rng.choice([1, 1, 2])
            fresh["previous_digest"] = self.rng.choice(
                [row["previous_digest"], row["digest"]]
            )
        names = list(fresh)
        marks = ", ".join(["%s"] * len(names))
        _execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",
            [fresh[name] for name in names],
        )
        return self._named(f"insert into {table}", table, fresh)

    def cut(self) -> Named:
        """The newest batches go, with all that they vouch for."""
        _, row = self._row("audit_auditbatch")
        org_id, first = row["org_id"], row["number"]
        gone = [
            (org_id, each["number"])
            for each in rows_of("audit_auditbatch")
            if each["org_id"] == org_id and each["number"] >= first
        ]
        for table, column in (
            ("audit_decision", "batch_number"),
            ("audit_auditbatch", "number"),
        ):
            _execute(
                f"DELETE FROM {table} WHERE org_id = %s AND {column} >= %s",
                [org_id, first],
                at_least=0,
            )
        return Named("cut", batches=frozenset(gone))

    def _row(self, table: str = "") -> tuple[str, dict[str, Any]]:
        # Batches are fewer than decisions and as worth an attack.
        table = table or self.rng.choice([*TABLES])
        return table, self.rng.choice(rows_of(table))

    def _set(self, table: str, row: dict[str, Any], values: dict[str, Any]) -> None:
        setting = ", ".join(f"{name} = %s" for name in values)
        _execute(
            f"UPDATE {table} SET {setting} WHERE {_is(table)}",
            [*values.values(), *_key(table, row)],
        )

    def _named(self, what: str, table: str, row: dict[str, Any]) -> Named:
        if table == "audit_decision":
            return Named(what, decisions=frozenset({row["decision_id"]}))
        return Named(what, batches=frozenset({(row["org_id"], row["number"])}))


def rows_of(table: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        order = ", ".join(TABLES[table])
        cursor.execute(f"SELECT * FROM {table} ORDER BY {order}")
        names = [column.name for column in cursor.description]
        return [dict(zip(names, map(_plain, row), strict=True)) for row in cursor]


def other_value(value: Any, column: str, rng: random.Random) -> Any:
    """A value that fits the column and is not the one that is there."""
    ways: dict[type, Callable[[Any], Any]] = {
        type(None): lambda _: _instead_of_nothing(column),
        int: lambda number: number ^ (1 << rng.randrange(8)),
        bytes: lambda data: _flipped(data, rng),
        UUID: lambda found: UUID(int=found.int ^ (1 << rng.randrange(60))),
        datetime: lambda at: at + timedelta(microseconds=rng.choice([1, 10**6, 10**9])),
        date: lambda day: day + timedelta(days=rng.choice([-1, 1])),
        str: lambda text: text + "x",
        list: lambda values: _other_list(values, column, rng),
    }
    return ways[type(value)](value)


def _instead_of_nothing(column: str) -> Any:
    if column == "trace":
        return b"made up"
    if column in ("first_day", "last_day"):
        return date(2026, 11, 1)
    return b"made up" if column in ("rows", "seal") else "made up"


def _flipped(value: bytes, rng: random.Random) -> bytes:
    if not value:
        return b"\1"
    place = rng.randrange(len(value))
    changed = bytearray(value)
    changed[place] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _other_list(value: list[Any], column: str, rng: random.Random) -> list[Any]:
    if len(value) > 1 and value[::-1] != value:
        return rng.choice([value[:-1], value[1:], value[::-1]])
    if value:
        return []
    if column in ("rule_ids", "override_ids"):
        return [UUID(int=rng.getrandbits(128))]
    return ["made up"] if column == "degraded" else [rng.randrange(1, 10**6)]


def _columns(table: str) -> list[str]:
    names = rows_of(table)[0].keys() - PERSONAL
    # The surrogate key of a batch is nobody's evidence.
    return sorted(names - {"id"} if table == "audit_auditbatch" else names)


def _is(table: str) -> str:
    return " AND ".join(f"{name} = %s" for name in TABLES[table])


def _key(table: str, row: dict[str, Any]) -> list[Any]:
    return [row[name] for name in TABLES[table]]


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _execute(statement: str, values: list[Any], *, at_least: int = 1) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount >= at_least, statement
