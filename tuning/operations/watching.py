"""Proposals whose live figures part from their forecast, as alarms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from catalog.models import Namespace
from rules.models import AlertKind
from rules.operations.alarms import Alarm
from tuning.core.watching import PARTED
from tuning.models import Proposal, ProposalState
from tuning.queries.watches import watch_of

LOOK_BACK = timedelta(days=30)
"""What was published longer ago is nobody's alarm any more."""


def parted_proposals(namespace: Namespace, *, at: datetime) -> Iterator[Alarm]:
    """Yield the proposals in force that are not what was forecast of them.

    Called inside the org's scope.
    """
    rows = Proposal.objects.filter(
        namespace=namespace,
        state=ProposalState.PUBLISHED,
        published_at__gt=at - LOOK_BACK,
    ).select_related("sweep", "version__profile", "namespace")
    for proposal in rows.order_by("published_at", "pk"):
        version = proposal.version
        if version.number != version.profile.published_number:
            continue  # Another version ranks by now.
        watch = watch_of(proposal, at=at)
        if watch is not None and watch.standing in PARTED:
            yield Alarm(
                kind=AlertKind.FORECAST,
                subject=str(proposal.pk),
                sentence=f"Version {version.number} of {version.profile.name} is not"
                f" as forecast. {watch.sentence}",
                proposal_id=proposal.pk,
            )
