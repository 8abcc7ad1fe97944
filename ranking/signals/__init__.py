"""Signals: what events say about items, computed in bulk as of a moment.

The way of the data: event chunks (`catalog.queries.export`) → `expressions` (ibis, run
by DuckDB or Spark) and `ranking.training` → `columns` (content-addressed Parquet, keyed
by item and user numbers) → `assembly` (rows of one snapshot) → `pack` (one file) →
`open` (memory-mapped for serving). `build` names these steps in their order.
"""
