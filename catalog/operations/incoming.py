"""Temporary tables: the first half of the one way in which much is written.

COPY fills them, one INSERT ... SELECT empties them into the real table. (PostgreSQL
refuses COPY into a table with row-level security.) Each connection makes its own once;
they empty themselves when the transaction ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

EVENTS = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming_events (
    user_number bigint, item_number bigint, type smallint, value double precision,
    ts_us bigint, meta jsonb, source_event_id text COLLATE "C"
) ON COMMIT DELETE ROWS
"""
ITEMS = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming_items (
    number bigint, item_id text COLLATE "C", title text, description text, brand text,
    category text, category_path text[], tags text[], price numeric(16, 4),
    available boolean, stock integer, image_url text, props jsonb,
    metadata_version text, appeared_us bigint
) ON COMMIT DELETE ROWS
"""
VECTORS = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming_vectors (
    number bigint, vector halfvec
) ON COMMIT DELETE ROWS
"""
USERS = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming_users (
    user_id text COLLATE "C", traits jsonb
) ON COMMIT DELETE ROWS
"""


def copy_text(table: str, definition: str, text: str | bytes) -> None:
    """Fill a temporary table from lines in PostgreSQL's text format."""
    with _emptied(table, definition) as cursor, cursor.copy(_command(table)) as copy:
        copy.write(text)


def copy_rows(table: str, definition: str, rows: Iterable[Sequence[Any]]) -> None:
    """Fill a temporary table from rows of values."""
    with _emptied(table, definition) as cursor, cursor.copy(_command(table)) as copy:
        for row in rows:
            copy.write_row(row)


def _emptied(table: str, definition: str) -> Any:
    cursor = connection.cursor()
    cursor.execute(definition)
    # Several batches may be written in one transaction.
    cursor.execute(f"DELETE FROM {table}")  # noqa: S608
    return cursor


def _command(table: str) -> str:
    return f"COPY {table} FROM STDIN"
