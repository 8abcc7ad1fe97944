"""Take decisions elsewhere, as many as there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.request import Request

from audit.queries import Piece, pieces_of
from catalog.api.openapi import File, documented, query
from catalog.api.view import TenantView
from catalog.core.faults import refuse

from . import examples
from .export_rows import ndjson, parquet
from .filters import FILTERS, conditions_of, filter_of

FORMATS = {
    "ndjson": ("application/x-ndjson", ndjson),
    "parquet": ("application/vnd.apache.parquet", parquet),
}
# A decision is stored within two seconds; what is younger comes with the next export.
_MARGIN = timedelta(seconds=2)


class DecisionsExportView(TenantView):
    # The stream outlives the request's transaction and opens its own.
    @documented(
        summary="Export decisions",
        answer=File("application/x-ndjson"),
        example_answer=examples.EXPORTED,
        parameters=[
            *FILTERS,
            query("format", "ndjson (default) or parquet.", choices=sorted(FORMATS)),
        ],
    )
    def get(self, request: Request) -> Any:
        """Stream every decision that the filters of the list hold for, oldest first.

        Columns carry the names of the old `rec_decisions`. In Parquet, documents are
        JSON texts. A decision whose trace sampling left out has `has_trace` false, and
        null where only the trace would know.
        """
        name = request.query_params.get("format") or "ndjson"
        if name not in FORMATS:
            raise refuse(
                "invalid_format",
                f"format is one of {', '.join(sorted(FORMATS))}.",
                field="format",
            )
        media_type, write = FORMATS[name]
        sent = conditions_of(request)
        namespace = self.namespace(sent.namespace)
        found: Iterator[Piece] = iter(())
        if namespace is not None:
            if sent.to is None:
                sent.to = self.at - _MARGIN
            chosen = filter_of(sent, namespace=namespace, at=self.at)
            found = pieces_of(namespace, chosen)
        return StreamingHttpResponse(
            write(found, namespace=sent.namespace),
            content_type=media_type,
            headers={"Content-Disposition": f'attachment; filename="decisions.{name}"'},
        )
