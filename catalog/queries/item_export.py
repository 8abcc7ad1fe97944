"""Items as Arrow tables, for the signals."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from django.db import connection
from numpy.typing import NDArray
from psycopg import sql
from pyarrow import csv

from catalog.core.feed import MAX_DESCRIPTION
from catalog.models import Namespace, VectorSource

from .copying import copied, copy_columns

LIST_SEPARATOR = "\x1f"

_SCHEMA = {
    "item_number": pa.int64(),
    "item_id": pa.string(),
    "available": pa.bool_(),
    "stock": pa.int32(),
    "price": pa.float64(),
    "margin": pa.float64(),
    "novelty": pa.float64(),
    "created_us": pa.int64(),
    "brand": pa.string(),
    "category_path": pa.string(),
    "tags": pa.string(),
    "title": pa.string(),
    "description": pa.string(),
}
_QUERY = """
SELECT id, item_id, available, stock, price, {margin}, {novelty},
       (extract(epoch FROM created_at) * 1000000)::bigint, brand,
       CASE WHEN cardinality(category_path) > 0
            THEN array_to_string(category_path, {separator}) ELSE category END,
       nullif(array_to_string(tags, {separator}), ''),
       title, left(description, {characters}) {props}
FROM catalog_item
WHERE org_id = {org} AND namespace_id = {namespace} AND listed
ORDER BY id
"""
_NUMBER_IN_PROPS = """
CASE WHEN jsonb_typeof(props->{name}) = 'number' THEN (props->>{name})::float8 END
"""
# One word for each property of a scalar value; what splits words is no part of one.
_PROPS = """
, nullif(concat_ws({separator}, {words}), '')
"""
_PROP = """
CASE WHEN jsonb_typeof(props->{name}) IN ('string', 'number', 'boolean')
     THEN {beginning} || translate(left(props->>{name}, {longest}), {separator}, ' ')
END
"""
MAX_PROP = 128
_VECTORS = """
SELECT item_id, vector FROM catalog_itemvector
WHERE org_id = {org} AND namespace_id = {namespace}
  AND source = {source} AND dimension = {dimension}
"""


def export_items(namespace: Namespace, *, props: Sequence[str] = ()) -> pa.Table:
    """Return the listed items, by ascending number.

    `category_path` and `tags` are joined by the unit separator; a plain category
    stands alone in the path, as in the change feed. With `props` there is a column of
    that name more, which holds `name=value` of each that an item has.
    """
    schema = {**_SCHEMA, "props": pa.string()} if props else _SCHEMA
    query = sql.SQL(_QUERY).format(
        margin=_number_in_props("margin"),
        novelty=_number_in_props("novelty"),
        separator=sql.Literal(LIST_SEPARATOR),
        characters=sql.Literal(MAX_DESCRIPTION),
        props=_words_of_props(props),
        **_tenant(namespace),
    )
    text = b"".join(copied(query, options="(FORMAT CSV)"))
    if not text:
        return pa.table({name: pa.array([], dtype) for name, dtype in schema.items()})
    return csv.read_csv(
        io.BytesIO(text),
        read_options=csv.ReadOptions(column_names=list(schema), block_size=8 << 20),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def export_vectors(
    namespace: Namespace,
) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    """Return the supplied vectors: item numbers (n,) and vectors (n, dimension)."""
    dimension = namespace.embedding_dimension or 0
    query = sql.SQL(_VECTORS).format(
        source=sql.Literal(VectorSource.SUPPLIED.value),
        dimension=sql.Literal(dimension),
        **_tenant(namespace),
    )
    # On the wire a halfvec is two int16 (dimension, unused) and its numbers.
    columns = {"item_number": ">i8", "vector": f"V{4 + 2 * dimension}"}
    blocks = list(copy_columns(query, columns=columns))
    numbers = np.concatenate([block["item_number"] for block in blocks])
    packed = np.concatenate([block["vector"] for block in blocks])
    wide = np.frombuffer(packed.tobytes(), dtype=">f2").astype(np.float16)
    vectors = wide.reshape(len(numbers), dimension + 2)[:, 2:]
    order = np.argsort(numbers)
    return numbers[order].astype(np.int64), np.ascontiguousarray(vectors[order])


def export_named_segments(namespace: Namespace) -> tuple[NDArray[np.int64], list[str]]:
    """Return users whose traits name their segment, by ascending number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, traits->>'segment' FROM catalog_user"
            " WHERE org_id = %s AND namespace_id = %s AND listed"
            " AND jsonb_typeof(traits->'segment') = 'string' ORDER BY id",
            [namespace.org_id, namespace.pk],
        )
        rows = cursor.fetchall()
    numbers = np.array([number for number, _ in rows], dtype=np.int64)
    return numbers, [segment for _, segment in rows]


def _tenant(namespace: Namespace) -> dict[str, sql.Literal]:
    return {
        "org": sql.Literal(str(namespace.org_id)),
        "namespace": sql.Literal(namespace.pk),
    }


def _words_of_props(names: Sequence[str]) -> sql.Composable:
    if not names:
        return sql.SQL("")
    separator = sql.Literal(LIST_SEPARATOR)
    words = [
        sql.SQL(_PROP).format(
            name=sql.Literal(name),
            beginning=sql.Literal(f"{name}="),
            longest=sql.Literal(MAX_PROP),
            separator=separator,
        )
        for name in names
    ]
    return sql.SQL(_PROPS).format(separator=separator, words=sql.SQL(", ").join(words))


def _number_in_props(name: str) -> sql.Composable:
    return sql.SQL(_NUMBER_IN_PROPS).format(name=sql.Literal(name))
