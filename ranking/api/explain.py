"""Explanations in words, of an item or of a surface."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from msgspec import Meta, Struct, field, to_builtins
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.openapi import documented
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.core.text import is_id
from catalog.models import Scope
from catalog.tenancy import org_scope
from ranking.core.explaining import Facts, TargetKind
from ranking.queries.explained import Asked, facts
from ranking.serve.explaining import Explanation, explain

from . import explain_examples as examples
from .bodies import DEFAULT_NAMESPACE

LONGEST = timedelta(days=31)
_USUAL = timedelta(days=7)
_MOST_CHARACTERS = 500

type Moment = Annotated[datetime, Meta(tz=True)]


class ExplainBody(Struct, kw_only=True):
    """What to explain."""

    target_type: str | None = None
    """`item`, or `surface` for all that was answered there."""
    target_id: str | None = None
    """The item's id, or the surface's name."""
    namespace: str | None = None
    surface: str | None = None
    segment_id: str | None = None
    from_: Moment | None = field(default=None, name="from")
    """A week before `to` when absent."""
    to: Moment | None = None
    """Now when absent; at most 31 days after `from`."""
    question: str | None = None
    """For a model, when one is configured: what the reader wants to know."""


class ToldEvidence(Struct, kw_only=True):
    id: str
    words: str


class ToldFacts(Struct, kw_only=True):
    target_type: str
    target_id: str
    namespace: str
    surface: str | None
    segment_id: str | None
    since: datetime
    until: datetime
    status: str
    decisions: int
    impressions: int
    clicks: int | None
    ctr: float | None
    evidence: list[ToldEvidence]
    links: list[str]


class ExplainAnswer(Struct, kw_only=True):
    markdown: str
    """Each statement is followed by the id of its evidence, in brackets."""
    facts: ToldFacts
    cache: str
    """`hit` or `miss`."""
    model: str
    """Who wrote the text: `template`, or the name of the model."""
    warnings: list[str]
    """Why it is not the model's text: `llm_disabled`, `llm_circuit_open` …"""


class ExplainView(TenantView):
    scopes = {"POST": Scope.READ}
    # A model takes seconds, and a transaction would last as long.
    in_transaction = False

    @documented(
        summary="Explain in words",
        request=ExplainBody,
        example_request=examples.EXPLAIN,
        answer=ExplainAnswer,
        example_answer=examples.EXPLAINED,
        errors=(404,),
    )
    def post(self, request: Request) -> Response:
        """Why an item, or a surface, did what it did: text that cites its evidence.

        From a template, or from a language model where one is configured.
        `X-Explain-Cache` says whether the text was written for this call.
        """
        body, ignored = decode(request, ExplainBody)
        asked = self._asked(body)
        name = body.namespace or DEFAULT_NAMESPACE
        with org_scope(self.caller.org_id):
            known = facts(self.namespace(name), asked, name=name)
        found = explain(known, question=_question(body), org_id=self.caller.org_id)
        answer = Response(to_builtins(_answer(known, found, ignored)))
        answer["X-Explain-Cache"] = "hit" if found.is_cached else "miss"
        return answer

    def _asked(self, body: ExplainBody) -> Asked:
        if body.target_type is None or body.target_type not in TargetKind:
            raise refuse(
                "invalid_request",
                "target_type is item or surface.",
                field="target_type",
            )
        if not body.target_id or not is_id(body.target_id):
            raise refuse("invalid_request", "Send target_id.", field="target_id")
        until = body.to or self.at
        since = body.from_ or until - _USUAL
        if not timedelta(0) < until - since <= LONGEST:
            raise refuse(
                "invalid_range",
                f"from lies before to, by {LONGEST.days} days at most.",
                field="from",
            )
        kind = TargetKind(body.target_type)
        surface = body.target_id if kind is TargetKind.SURFACE else body.surface
        return Asked(
            target_type=kind,
            target_id=body.target_id,
            surface=surface or None,
            segment_id=body.segment_id or None,
            since=since,
            until=until,
        )


def _question(body: ExplainBody) -> str | None:
    question = (body.question or "").strip()
    if len(question) > _MOST_CHARACTERS:
        raise refuse(
            "invalid_request",
            f"question has {_MOST_CHARACTERS} characters at most.",
            field="question",
        )
    return question or None


def _answer(known: Facts, found: Explanation, ignored: list[str]) -> ExplainAnswer:
    told: dict[str, Any] = {
        name: getattr(known, name)
        for name in ToldFacts.__struct_fields__
        if name != "evidence"
    }
    evidence = [ToldEvidence(id=each.id, words=each.words) for each in known.evidence]
    return ExplainAnswer(
        markdown=found.markdown,
        facts=ToldFacts(**told, evidence=evidence),
        cache="hit" if found.is_cached else "miss",
        model=found.model,
        warnings=[*found.warnings, *ignored],
    )
