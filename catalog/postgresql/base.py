"""The backend itself, by the name under which Django looks for it."""

from __future__ import annotations

from typing import Any

import psycopg
from django_prometheus.db.backends.postgresql import base

from .connection import PatientConnection


class _Psycopg:
    """psycopg as Django uses it, but for the connections that it makes."""

    connect = PatientConnection.connect

    def __getattr__(self, name: str) -> Any:
        return getattr(psycopg, name)


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]
    Database = _Psycopg()
