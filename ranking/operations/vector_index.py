"""An HNSW index over one namespace's vectors, for searches by SQL."""

from __future__ import annotations

from django.db import connections
from psycopg import sql

from catalog.models import Namespace, VectorSource

_CREATE = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON catalog_itemvector
USING hnsw ((vector::halfvec({dimension})) halfvec_cosine_ops)
WHERE namespace_id = {namespace} AND source = {source} AND dimension = {dimension}
"""


def create_vector_index(
    namespace: Namespace, *, source: VectorSource, dimension: int
) -> str:
    """Build the index as owner, without blocking writes. Return its name.

    A query uses it when it inlines namespace, source and dimension as literals. An
    index that a broken build left invalid is dropped first.
    """
    name = index_name(namespace, source=source)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s)"
            " AND NOT indisvalid",
            [name],
        )
        if cursor.fetchone():
            drop_vector_index(namespace, source=source)
        cursor.execute(
            sql.SQL(_CREATE)
            .format(
                name=sql.Identifier(name),
                dimension=sql.Literal(dimension),
                namespace=sql.Literal(namespace.pk),
                source=sql.Literal(source.value),
            )
            .as_string()
        )
    return name


def drop_vector_index(namespace: Namespace, *, source: VectorSource) -> None:
    name = sql.Identifier(index_name(namespace, source=source))
    statement = sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(name)
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement.as_string())


def index_name(namespace: Namespace, *, source: VectorSource) -> str:
    return f"itemvector_hnsw_{namespace.pk}_{source.value}"
