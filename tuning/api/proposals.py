"""Proposals: `/v1/admin/sweeps/{id}:propose` and `/v1/admin/proposals…`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.examples import PAGE_OF_ONE
from catalog.api.listing import NAMESPACE, PAGE, Listing
from catalog.api.named import visible
from catalog.api.openapi import documented
from catalog.api.runs import EXAMPLE as EXAMPLE_RUN
from catalog.api.runs import RunAnswer, run_answer
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.pages import Page
from catalog.models import Namespace, Run, Scope
from catalog.queries.lists import Listed
from catalog.queries.newest import newest
from rules.operations.actors import of_caller
from tuning.models import Proposal, Trial
from tuning.operations.proposals import (
    ProposalError,
    approve,
    propose,
    publish,
    reject,
    take_back,
)

from .proposal_bodies import (
    EXAMPLE_PROPOSAL,
    EXAMPLE_PROPOSAL_ROW,
    EXAMPLE_WATCH,
    Noted,
    ProposalList,
    ProposalOut,
    ProposalRow,
    Proposed,
    proposal_out,
    proposal_row,
)
from .sweeps import visible_sweep


class ProposalsView(Listing[None]):
    kind = "proposals"

    def chosen(self, request: Request, namespace: Namespace | None) -> None:
        return None

    def read(self, namespace: Namespace, chosen: None, page: Page) -> Listed:
        rows = Proposal.objects.filter(namespace=namespace).defer("evidence")
        return newest(rows.select_related("sweep", "trial", "version"), page)

    def shown(
        self, request: Request, namespace: Namespace, listed: Listed
    ) -> list[ProposalRow]:
        return [proposal_row(each) for each in listed.rows]

    @documented(
        summary="List the proposals of a namespace",
        answer=ProposalList,
        example_answer={"items": [EXAMPLE_PROPOSAL_ROW], **PAGE_OF_ONE},
        parameters=[NAMESPACE, *PAGE],
    )
    def get(self, request: Request) -> Response:
        """List what sweeps proposed, the newest first."""
        return self.page(request, answer=ProposalList)


class ProposeView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Propose a trial of a sweep as a version of its profile",
        request=Proposed,
        answer=RunAnswer,
        example_request={"trial": 41},
        example_answer=EXAMPLE_RUN | {"kind": "proposal", "state": "queued"},
        status=202,
        errors=(404, 409),
        idempotent=True,
    )
    def post(self, request: Request, sweep_id: UUID) -> Response:
        """Start the Run that verifies a trial, on events that no trial saw.

        Without a trial the best is meant: it is verified already, and the answer is
        201 with the proposal. So it is for a trial that was proposed and waits.
        """
        body, self.warnings = decode(request, Proposed)
        sweep = visible_sweep(self, sweep_id)
        number = sweep.outcome.get("best") if body.trial is None else body.trial
        trial = Trial.objects.filter(sweep=sweep, number=number).first()
        if number is None or trial is None:
            raise ApiError(
                "trial_not_found", f"The sweep has no trial {number}.", status=404
            )
        with _refusals():
            made = propose(sweep, trial, actor=of_caller(self.caller), at=self.at)
        if isinstance(made, Run):
            return self.answer(run_answer(made), status=202)
        return self.answer(proposal_out(made, at=self.at), status=201)


class ProposalView(TenantView):
    @documented(
        summary="Look at a proposal",
        answer=ProposalOut,
        example_answer=EXAMPLE_PROPOSAL
        | {
            "state": "published",
            "published_by": "ben",
            "published_at": "2026-03-02T09:00:00+00:00",
            "watch": EXAMPLE_WATCH,
        },
        errors=(404,),
    )
    def get(self, request: Request, proposal_id: UUID) -> Response:
        """Tell what speaks for it and, once it is published, what came of it.

        For a week after publication live figures are held to the forecast of the
        evidence: answers ranked by this version, beside those of the version before it
        on the same weekdays. An alert tells when they part.
        """
        return self.answer(proposal_out(_visible(self, proposal_id), at=self.at))


class ApproveView(TenantView):
    scopes = {"POST": Scope.PUBLISHER}

    @documented(
        summary="Approve a proposal",
        answer=ProposalOut,
        example_answer=EXAMPLE_PROPOSAL | {"state": "approved", "approved_by": "ben"},
        errors=(403, 404, 409),
    )
    def post(self, request: Request, proposal_id: UUID) -> Response:
        """Approve it: where four eyes are wanted, somebody else than its author."""
        proposal = _visible(self, proposal_id)
        with _refusals():
            approved = approve(proposal, actor=of_caller(self.caller))
        return self.answer(proposal_out(approved, at=self.at))


class RejectView(TenantView):
    scopes = {"POST": Scope.PUBLISHER}

    @documented(
        summary="Reject a proposal",
        request=Noted,
        answer=ProposalOut,
        example_request={"note": "Coverage of small brands."},
        example_answer=EXAMPLE_PROPOSAL | {"state": "rejected"},
        errors=(403, 404, 409),
    )
    def post(self, request: Request, proposal_id: UUID) -> Response:
        body, self.warnings = decode(request, Noted)
        proposal = _visible(self, proposal_id)
        with _refusals():
            gone = reject(proposal, actor=of_caller(self.caller), note=body.note)
        return self.answer(proposal_out(gone, at=self.at))


class PublishView(TenantView):
    scopes = {"POST": Scope.PUBLISHER}

    @documented(
        summary="Publish an approved proposal",
        answer=ProposalOut,
        example_answer=EXAMPLE_PROPOSAL | {"state": "published"},
        errors=(403, 404, 409),
    )
    def post(self, request: Request, proposal_id: UUID) -> Response:
        """Put it in force, unless a guardrail is broken or the profile moved on."""
        proposal = _visible(self, proposal_id)
        with _refusals():
            live = publish(proposal, actor=of_caller(self.caller), at=self.at)
        return self.answer(proposal_out(live, at=self.at))


class TakeBackView(TenantView):
    scopes = {"POST": Scope.PUBLISHER}

    @documented(
        summary="Take a published proposal back",
        answer=ProposalOut,
        example_answer=EXAMPLE_PROPOSAL | {"state": "rolled_back"},
        errors=(403, 404, 409),
    )
    def post(self, request: Request, proposal_id: UUID) -> Response:
        """Publish again what was in force before it."""
        proposal = _visible(self, proposal_id)
        with _refusals():
            back = take_back(proposal, actor=of_caller(self.caller), at=self.at)
        return self.answer(proposal_out(back, at=self.at))


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ProposalError as error:
        raise ApiError("wrong_state", str(error), status=409) from None


def _visible(view: TenantView, proposal_id: UUID) -> Proposal:
    beside = ("sweep", "trial", "version", "namespace")
    found: Proposal = visible(view, Proposal, proposal_id, beside=beside)
    return found


_ALL = "v1/admin/proposals"
_ONE = "v1/admin/proposals/<uuid:proposal_id>"

urlpatterns: list[URLPattern] = [
    path(
        "v1/admin/sweeps/<uuid:sweep_id>:propose",
        ProposeView.as_view(),
        name="sweep-propose",
    ),
    path(_ALL, ProposalsView.as_view(), name="proposals"),
    path(_ONE, ProposalView.as_view(), name="proposal"),
    path(f"{_ONE}:approve", ApproveView.as_view(), name="proposal-approve"),
    path(f"{_ONE}:reject", RejectView.as_view(), name="proposal-reject"),
    path(f"{_ONE}:publish", PublishView.as_view(), name="proposal-publish"),
    path(f"{_ONE}:rollback", TakeBackView.as_view(), name="proposal-rollback"),
]
