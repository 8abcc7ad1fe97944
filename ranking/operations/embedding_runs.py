"""The refresh of computed vectors as long work that somebody can follow."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from catalog.models import Namespace, Run
from catalog.operations.runs import LeasedHandle, Outcome, start_run_once

from .embeddings import refresh_embeddings

EMBEDDING_KIND = "embeddings"


def start_refresh(namespace: Namespace, *, at: datetime, requested_by: str) -> Run:
    """Queue a refresh, inside the org's scope; one that waits already is shared."""
    return start_run_once(
        namespace, kind=EMBEDDING_KIND, at=at, queue="builds", requested_by=requested_by
    )


def execute_refresh(handle: LeasedHandle) -> Outcome:
    """Do a Run of kind "embeddings": compute what words have changed."""
    handle.progress(0.0, "reading items")
    done = refresh_embeddings(handle.namespace, at=timezone.now())
    return Outcome(result={"seen": done.seen, "changed": done.changed})
