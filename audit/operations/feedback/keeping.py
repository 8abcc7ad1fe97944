"""The keeper of feedback: what a worker does again and again, org by org."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from audit.models import FeedbackHour, FeedbackMark, RuleHour
from catalog.models import Namespace
from catalog.tenancy import org_scope

from .answers import count_answers
from .judging import MOST, judge_feedback
from .marks import BATCHES, mark_of, take
from .tying import read_ties, tie_events

KEEP_COUNTS = timedelta(days=400)
_MOST_ROUNDS = 50


def keep_feedback(org_id: UUID, *, at: datetime) -> int:
    """Count an org's answers and what came of them; return how much was new.

    Each round is a transaction of its own: whoever dies in it has changed nothing.
    """
    done = 0
    for _ in range(_MOST_ROUNDS):
        with org_scope(org_id):
            mark = take(org_id, BATCHES)
            if mark is None:
                return done  # Another worker is at it.
            answers = count_answers(mark)
            ties = sum(read_ties(namespace, at=at) for namespace in _with_news(org_id))
            tie_events(org_id, at=at)
            judged = judge_feedback(org_id, at=at)
        done += answers + judged
        if not answers and not ties and judged < MOST:
            break
    return done


def purge_feedback(*, at: datetime) -> None:
    """Drop counts of hours so long ago that nobody compares with them."""
    for model in (FeedbackHour, RuleHour):
        model.unscoped.filter(hour__lt=at - KEEP_COUNTS).delete()


def _with_news(org_id: UUID) -> Iterator[Namespace]:
    """Yield the namespaces whose feed was not read to its end."""
    marks = dict(FeedbackMark.objects.values_list("name", "number"))
    for namespace in Namespace.objects.filter(org_id=org_id).order_by("pk"):
        if namespace.change_number > marks.get(mark_of(namespace), 0):
            yield namespace
