"""What a namespace serves now, seen from inside a transaction too."""

from __future__ import annotations

from dataclasses import replace

from catalog.models import Namespace
from ranking.core.configuration import decode
from ranking.core.layers import Plan
from ranking.models import ServingConfig
from ranking.serve import current
from ranking.serve.served import Served
from rules.operations.checks import configuration_hash


def served_now(namespace: Namespace) -> tuple[Served, bytes]:
    """Return what is served, and what identifies its configuration for a check.

    Called inside the org's scope. Serving reads over connections of its own, and does
    not see a configuration that is published in the transaction that we are in.

    Raises
    ------
    NothingToServeError
        If the namespace was never served and the database is away.
    """
    served = current(namespace)
    digest = configuration_hash(namespace)
    if digest in (b"", served.configuration_hash):
        return served, digest
    found = ServingConfig.objects.filter(namespace=namespace, content_hash=digest)
    document = found.values_list("document", flat=True).first()
    if document is None:
        return served, digest
    plan = Plan.of(decode(bytes(document)))
    return replace(served, plan=plan, configuration_hash=digest), digest
