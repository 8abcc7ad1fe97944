"""Prepared statements over a connection that stays in pipeline mode.

Django's connections bind parameters in the client, because change tracking prepends a
`set_config` to every write. What a ranking request reads goes over connections of its
own and costs a tenth of that: everything is sent at once, up to one Sync, which ends
the transaction that PostgreSQL opened with the first message, and answered in binary.
"""

from __future__ import annotations

import hashlib
import select
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGresult

from catalog.postgresql import pulse

_BINARY = 1
# The server stops a statement that is late; only a server that does not even do that
# is left alone by us.
_GRACE_SECONDS = 0.05
_LOOK_UP_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with numbered parameters ($1, $2 …), prepared once per connection."""

    text: str
    name: bytes = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(self.text.encode()).hexdigest()[:16]
        object.__setattr__(self, "name", f"s{digest}".encode())


_SCOPE = Statement(
    "SELECT set_config('recsys.org_id', $1, true),"
    " set_config('statement_timeout', $2, true)"
)


class LateError(psycopg.OperationalError):
    """PostgreSQL took longer than it was given."""


class Conversation(psycopg.Connection[Any]):
    """A connection that answers several prepared statements in one round trip."""

    prepared: set[bytes]
    poll: select.poll

    def ask(
        self,
        questions: Sequence[tuple[Statement, Sequence[bytes | None]]],
        *,
        org_id: UUID,
        timeout_seconds: float,
    ) -> list[PGresult]:
        """Return each statement's rows, all read for one org in one transaction."""
        if self.pgconn.pipeline_status == pq.PipelineStatus.OFF:
            self._open()
        limit = b"%d" % max(1, int(timeout_seconds * 1000))
        scope: tuple[bytes | None, ...] = (str(org_id).encode(), limit)
        preparing = [
            name
            for statement, parameters in ((_SCOPE, scope), *questions)
            for name in self._send(statement, parameters)
        ]
        self.pgconn.pipeline_sync()
        self.pgconn.flush()
        deadline = time.monotonic() + timeout_seconds + _GRACE_SECONDS
        return self._receive(deadline, preparing=iter(preparing))[1:]

    def _open(self) -> None:
        self.pgconn.nonblocking = 0
        self.pgconn.enter_pipeline_mode()
        self.prepared = set()
        self.poll = select.poll()
        self.poll.register(self.pgconn.socket, select.POLLIN)

    def _send(
        self, statement: Statement, parameters: Sequence[bytes | None]
    ) -> list[bytes]:
        """Send a statement, and return its name if it has to be prepared first."""
        is_new = statement.name not in self.prepared
        if is_new:
            self.pgconn.send_prepare(statement.name, statement.text.encode())
        self.pgconn.send_query_prepared(
            statement.name, parameters, result_format=_BINARY
        )
        return [statement.name] if is_new else []

    def _receive(
        self, deadline: float, *, preparing: Iterator[bytes]
    ) -> list[PGresult]:
        """Return the results that hold rows, and keep what failed for the Sync.

        What was prepared stays so, also when the statement is cancelled afterwards.
        """
        answers: list[PGresult] = []
        failed: PGresult | None = None
        while True:
            result = self._next(deadline)
            if result is None:
                continue
            if result.status == pq.ExecStatus.TUPLES_OK:
                answers.append(result)
            elif result.status == pq.ExecStatus.COMMAND_OK:
                self.prepared.add(next(preparing))
            elif result.status == pq.ExecStatus.PIPELINE_SYNC:
                break
            elif result.status == pq.ExecStatus.FATAL_ERROR:
                failed = result
        if failed is not None:
            raise psycopg.errors.error_from_result(failed)
        return answers

    def _next(self, deadline: float) -> PGresult | None:
        while self.pgconn.is_busy():
            left = deadline - time.monotonic()
            if left <= 0:
                raise LateError("no answer in time")
            if self.poll.poll(min(left, _LOOK_UP_SECONDS) * 1000):
                self.pgconn.consume_input()
            elif pulse.is_away():
                raise LateError("the database does not answer")
            else:
                pulse.doubt()
        return self.pgconn.get_result()
