"""Taking feedback, and telling the figures it gives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

import msgspec
from django.urls import URLPattern, path
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from audit.core.feedback import FeedbackIn
from audit.core.proportions import Share
from audit.metrics import count_received
from audit.operations.feedback import faults_of, store_feedback
from audit.queries.feedback import COUNTS, Dimension, Figure, Figures, figures
from catalog.api.bodies import BatchAccepted
from catalog.api.ingestion import PARTIAL, Ingestion
from catalog.api.openapi import documented, query
from catalog.api.parameters import moment, required_namespace
from catalog.api.view import TenantView
from catalog.core.faults import Fault, refuse
from catalog.core.validity import Rows
from catalog.core.wire import DEFAULT_NAMESPACE
from catalog.models import Namespace

from . import feedback_examples as examples

_WEEK = timedelta(days=7)


class FeedbackBody(msgspec.Struct, kw_only=True):
    feedback: list[FeedbackIn]
    namespace: str = DEFAULT_NAMESPACE


class FeedbackAccepted(BatchAccepted, kw_only=True):
    duplicates: Annotated[int, Meta(description="Rows that were known already.")]


class FeedbackBatch(Ingestion[FeedbackIn]):
    body, row = FeedbackBody, FeedbackIn
    field: ClassVar[str] = "feedback"
    limit: ClassVar[str] = "MAX_FEEDBACK_A_BATCH"

    def faults(self, rows: Rows[FeedbackIn]) -> list[Fault]:
        return []

    def faults_in(self, namespace: Namespace, rows: Rows[FeedbackIn]) -> list[Fault]:
        return faults_of(namespace, rows, at=self.at)

    def store(self, namespace: Namespace, rows: Sequence[FeedbackIn]) -> dict[str, Any]:
        stored = store_feedback(namespace, rows, at=self.at)
        count_received(rows)
        return stored._asdict()

    @documented(
        summary="Send feedback",
        request=FeedbackBody,
        example_request=examples.FEEDBACK,
        answer=FeedbackAccepted,
        example_answer=examples.ACCEPTED,
        parameters=[PARTIAL],
        status=202,
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Say what became of items of an answer: seen, clicked, bought, dismissed.

        Rows are tied to their answer and counted within half a minute. What comes
        before its answer is stored waits for it; what comes after its attribution
        window is kept and not counted.
        """
        return self.take(request, answer=FeedbackAccepted)


class FigureOut(msgspec.Struct, kw_only=True):
    """Counts of one surface, segment, profile version, slot or rule, and their shares.

    A rule's are of the answers in which it met items; `value` is its id.
    """

    value: str
    answers: int
    served: int
    impressions: int
    clicks: int
    carts: int
    purchases: int
    dismissals: int
    skips: int
    of: Annotated[str, Meta(description="What the shares are shares of.")]
    ctr: Annotated[float | None, Meta(description="Null: not enough data.")]
    ctr_low: float | None
    ctr_high: float | None
    conversion: float | None
    conversion_low: float | None
    conversion_high: float | None


class FiguresOut(msgspec.Struct, kw_only=True, rename={"since": "from", "until": "to"}):
    namespace: str
    by: str
    since: datetime
    until: datetime
    items: list[FigureOut]
    more: Annotated[int, Meta(description="Smaller rows that are left out.")]


class FeedbackFigures(TenantView):
    @documented(
        summary="Read what came of answers",
        answer=FiguresOut,
        example_answer=examples.FIGURES,
        parameters=[
            query("namespace", "Whose answers.", required=True),
            query("by", "all (the default), surface, segment, profile, slot or rule."),
            query("from", "Answered in this hour or later; 7 days ago by default."),
            query("to", "Answered before this hour; now by default."),
        ],
    )
    def get(self, request: Request) -> Response:
        """Shares carry an interval that holds the true one in 95 % of all cases."""
        name = required_namespace(request)
        by = _dimension(request)
        until = moment(request, "to") or self.at
        since = moment(request, "from") or until - _WEEK
        namespace = self.namespace(name)
        found = Figures(rows=[], more=0)
        if namespace is not None:
            found = figures(namespace, by, since=since, until=until)
        return self.answer(
            FiguresOut(
                namespace=name,
                by=by,
                since=since,
                until=until,
                items=[_out(each) for each in found.rows],
                more=found.more,
            )
        )


def _dimension(request: Request) -> Dimension:
    asked = request.query_params.get("by", Dimension.ALL)
    try:
        return Dimension(asked)
    except ValueError:
        words = ", ".join(Dimension)
        raise refuse(
            "invalid_by", f"by is one of {words}, not {asked[:50]!r}.", field="by"
        ) from None


def _out(figure: Figure) -> FigureOut:
    counts = figure.counts
    ctr, conversion = counts.ctr, counts.conversion
    columns: dict[str, Any] = {name: getattr(counts, name) for name in COUNTS}
    columns |= _interval("ctr", ctr) | _interval("conversion", conversion)
    of = "impressions" if counts.is_of_impressions else "served"
    return FigureOut(value=figure.value, of=of, **columns)


def _interval(name: str, share: Share | None) -> dict[str, float | None]:
    if share is None:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"))
    return {name: share.value, f"{name}_low": share.low, f"{name}_high": share.high}


urlpatterns: list[URLPattern] = [
    path("v1/audit/feedback", FeedbackFigures.as_view(), name="feedback-figures"),
]
