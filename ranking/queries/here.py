"""What ranking reads, read within the transaction that is open.

Requests ask over connections of their own, which see nothing that is not committed. A
namespace that only ever exists inside one transaction is read over that one.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from django.db import connection
from psycopg import pq
from psycopg.pq.abc import PGresult

from .round_trip import Question

_BINARY = 1


def ask_here(questions: Sequence[Question]) -> list[PGresult]:
    """Return the rows of each question, asked in the org's scope that is open."""
    connection.ensure_connection()
    pgconn = connection.connection.pgconn
    found = []
    for statement, parameters in questions:
        result = pgconn.exec_params(
            statement.text.encode(), parameters, result_format=_BINARY
        )
        if result.status != pq.ExecStatus.TUPLES_OK:
            raise psycopg.errors.lookup(
                (result.error_field(pq.DiagnosticField.SQLSTATE) or b"XX000").decode()
            )(result.error_message.decode(errors="replace").strip())
        found.append(result)
    return found
