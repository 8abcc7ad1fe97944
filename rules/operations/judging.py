"""All rules in force, judged together: who is at odds with whom, and who ails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from catalog.models import Namespace
from rules.core.findings import Finding
from rules.models import IN_FORCE, Rule
from rules.queries.contents import read

from .checks import findings_of


def judged_rules(namespace: Namespace, *, at: datetime) -> Sequence[Finding]:
    """Return what is to be said of all rules and overrides in force.

    Of ten thousand rules this takes seconds: for a worker, not for a page.
    """
    rows = Rule.objects.filter(namespace=namespace, state__in=IN_FORCE).order_by(
        "-priority", "created_at", "pk"
    )
    documents = dict(rows.values_list("pk", "version__content"))
    contents = [read(document) for document in documents.values() if document]
    keys = [str(key) for key in documents]
    return findings_of(namespace, contents, without=keys, at=at)
