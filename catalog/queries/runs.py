from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from catalog.models import Namespace, Run


def find_run(run_id: UUID) -> Run | None:
    """Return a Run of the org in scope, with its namespace."""
    return Run.objects.select_related("namespace").filter(pk=run_id).first()


def list_runs(
    namespace: Namespace | None,
    filters: Mapping[str, str | None],
    *,
    start: int,
    stop: int,
) -> tuple[int, Sequence[Run]]:
    """Return how many Runs match and a stretch of them, the newest first."""
    if namespace is None:
        return 0, []
    wanted = {name: value for name, value in filters.items() if value is not None}
    found = Run.objects.select_related("namespace").filter(
        namespace=namespace, **wanted
    )
    # Ids are in order of time, and no two are the same.
    return found.count(), list(found.order_by("-created_at", "-id")[start:stop])
