from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from catalog.core.pages import Page
from catalog.models import Namespace, Run

from .lists import Listed
from .newest import newest


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """What is None is no condition."""

    kind: str | None = None
    state: str | None = None


def find_run(run_id: UUID) -> Run | None:
    """Return a Run of the org in scope, with its namespace."""
    return Run.objects.select_related("namespace").filter(pk=run_id).first()


def list_runs(namespace: Namespace, chosen: RunFilter, page: Page) -> Listed:
    """Return a page of a namespace's Runs, the newest first."""
    runs = Run.objects.select_related("namespace").filter(namespace=namespace)
    if chosen.kind is not None:
        runs = runs.filter(kind=chosen.kind)
    if chosen.state is not None:
        runs = runs.filter(state=chosen.state)
    return newest(runs, page)
