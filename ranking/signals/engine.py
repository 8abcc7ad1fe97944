"""The engine that runs the expressions: DuckDB in this process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.duckdb import Backend

MEMORY_LIMIT = "2GB"


@dataclass(frozen=True, slots=True)
class Engine:
    """Runs ibis expressions; what does not fit into its memory goes to files."""

    backend: Backend

    def table(self, name: str, table: pa.Table) -> ir.Table:
        """Make a table in memory known under a name."""
        self.backend.con.register(name, table)
        return self.backend.table(name)

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """Compute an expression once, for several others to build on."""
        return self.backend.create_table(name, expression)

    def drop(self, name: str) -> None:
        # ibis 12 writes a DROP that DuckDB 2.0 does not parse.
        self.backend.con.execute(f'DROP TABLE "{name}"')

    def files(self, files: list[str], *, schema: pa.Schema) -> ir.Table:
        """Read Parquet files, or an empty table of that schema if there are none."""
        if files:
            return self.backend.read_parquet(files)
        return self.table("no_files", schema.empty_table())

    def run(self, expression: ir.Table) -> pa.Table:
        return self.backend.to_pyarrow(expression)


@contextmanager
def start_engine(directory: Path, *, threads: int) -> Iterator[Engine]:
    """Start DuckDB without any extension, spilling into the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix="spill-") as spill:
        backend = ibis.duckdb.connect(
            threads=threads,
            memory_limit=MEMORY_LIMIT,
            temp_directory=spill,
            autoinstall_known_extensions=False,
            autoload_known_extensions=False,
        )
        try:
            yield Engine(backend)
        finally:
            backend.disconnect()
