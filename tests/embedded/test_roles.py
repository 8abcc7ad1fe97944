"""Tests work with the role that production works with, no more powerful one."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, connections

from recsys_site import embedded

ROLES = {"default": "recsys_app", "owner": "recsys_owner", "read": "recsys_read"}
pytestmark = pytest.mark.skipif(
    not embedded.addresses().postgres_embedded, reason="a configured server's own roles"
)


@pytest.mark.django_db(databases=ROLES)
@pytest.mark.parametrize("alias", ROLES)
def test_each_alias_has_its_role_in_the_session_s_database(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        role, database = cursor.fetchone()
    assert role == ROLES[alias]
    assert database.startswith("recsys_test_")


@pytest.mark.django_db
def test_the_app_cannot_change_tables() -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError):
        cursor.execute("CREATE TABLE anything (id int)")


@pytest.mark.django_db
def test_no_role_has_power_over_row_level_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)"
            " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)",
            [list(ROLES.values())],
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_the_app_makes_temporary_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE incoming (id int) ON COMMIT DROP")
        cursor.execute("SELECT count(*) FROM incoming")
        assert cursor.fetchone() == (0,)
