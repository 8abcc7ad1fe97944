"""Rewards that nobody needs to tell: feedback tied to an answer rewards its policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from audit.models import Feedback, FeedbackKind, FeedbackState
from catalog.models import Namespace
from ranking.models import BanditDecision

from .bandits import reward_decision

WORTH: Mapping[int, float] = {
    FeedbackKind.CLICK: 0.2,
    FeedbackKind.CART: 0.6,
    FeedbackKind.PURCHASE: 1.0,
}
"""What the best that came of an answer earns its policy."""

OVERLAP = timedelta(hours=1)
"""Feedback is counted a while after it came; telling it twice changes nothing."""


def reward_from_feedback(namespace: Namespace, *, at: datetime, since: datetime) -> int:
    """Reward choices by the feedback heard of since a moment; return how many learned.

    Called in a transaction of the org.
    """
    best: dict[UUID, float] = {}
    rows = Feedback.objects.filter(
        namespace=namespace,
        kind__in=list(WORTH),
        state=FeedbackState.COUNTED,
        received_at__gte=since - OVERLAP,
        decision_day__gte=(since - timedelta(days=31)).date(),
    ).values_list("decision_id", "kind")
    for decision_id, kind in rows.iterator():
        best[decision_id] = max(best.get(decision_id, 0.0), WORTH[kind])
    if not best:
        return 0
    decisions = BanditDecision.objects.select_for_update().filter(
        namespace=namespace, decision_id__in=list(best)
    )
    # In one order everywhere: two of these take the arms' locks one after another.
    return sum(
        reward_decision(each, reward=best[each.decision_id], at=at)
        for each in decisions.order_by(
            "surface", "bucket_key", "policy_id", "algorithm", "decision_id"
        )
    )
