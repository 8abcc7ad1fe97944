from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.db import connections
from django.utils import timezone

from catalog.tenancy import org_scope
from ranking.core.configuration import decode
from ranking.operations.publishing import publish_configuration
from ranking.serve.watch import connect
from recsys_site.embedded.processes import wait_until
from tests.ranking.shops import Shop, items

_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def publish(shop: Shop) -> bytes:
    """Publish on a connection of this thread's own, and return the document."""
    try:
        with org_scope(shop.org_id):
            published = publish_configuration(
                shop.namespace, cause="a test", at=timezone.now()
            )
            return bytes(published.config.document)
    finally:
        connections.close_all()


def is_waited_for(connection: psycopg.Connection[tuple[int, int]]) -> bool:
    row = connection.execute(_WAITING).fetchone()
    return row is not None and row[0] > 0


def test_hides_no_change_that_was_committed_before_it(shop: Shop) -> None:
    shop.sell(*items(["a"]))
    namespace = shop.namespace
    with connect() as changing, connect() as looking, ThreadPoolExecutor(1) as pool:
        changing.execute("BEGIN")
        changing.execute(
            "UPDATE catalog_namespace SET switches = '{\"rules_enabled\": false}'"
            " WHERE id = %s",
            [namespace.pk],
        )
        published = pool.submit(publish, shop)
        assert wait_until(lambda: is_waited_for(looking), seconds=10)
        changing.execute("COMMIT")

        document = published.result(timeout=10)

    assert decode(document).switches == {"rules_enabled": False}
