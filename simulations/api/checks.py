"""Checking a change set: `/v1/admin/change-sets/{id}:check`."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.openapi import documented, query
from catalog.api.parameters import whole_number
from catalog.api.runs import RunAnswer, run_answer
from catalog.api.view import TenantView
from catalog.core.faults import refuse
from catalog.models import Run, Scope
from rules.api.change_set_bodies import EXAMPLE_CHANGE_SET, ChangeSetOut
from rules.api.finding import find_change_set
from rules.api.refusals import refusals
from rules.api.showing import show
from rules.models import ChangeSet
from rules.operations.actors import of_caller
from rules.operations.checks import quick_check
from simulations.core.guardrails import GuardrailsError
from simulations.operations.checks import (
    MOST_DECISIONS,
    USUAL_DECISIONS,
    start_check,
)

_YES, _NO = ("true", "1"), ("", "false", "0")


class CheckedOut(ChangeSetOut, kw_only=True):
    """A change set with its newest check, or the Run that makes one."""

    run: Annotated[
        RunAnswer | UnsetType,
        Meta(description="With 202: follow it; the change set shows its verdict then."),
    ] = UNSET


class ChangeSetCheckView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Check a change set: quickly, or fully with a forecast and guardrails",
        answer=CheckedOut,
        example_answer=EXAMPLE_CHANGE_SET,
        parameters=[
            query(
                "full",
                "Whether to replay real decisions without the change and with it, and"
                " to hold what comes of it to the guardrails. Publishing a change set"
                " needs that.",
                choices=("true", "false"),
            ),
            query(
                "decisions",
                f"How many to replay at most, up to {MOST_DECISIONS:,};"
                f" {USUAL_DECISIONS:,} by default.",
                kind=int,
            ),
        ],
        errors=(404, 409),
    )
    def post(self, request: Request, change_set_id: str) -> Response:
        """Tell of conflicts and health in sentences; fully, of what shoppers would get.

        A full check that takes longer than a moment is a Run: 202 with its address.
        """
        change_set = find_change_set(self, change_set_id)
        if not _is_full(request):
            quick_check(change_set, actor=of_caller(self.caller), at=self.at)
            return show(self, change_set)
        most = whole_number(
            request, "decisions", default=USUAL_DECISIONS, low=1, high=MOST_DECISIONS
        )
        run = self._check_fully(change_set, most=most)
        return (
            show(self, change_set) if run is None else self._followed(change_set, run)
        )

    def _check_fully(self, change_set: ChangeSet, *, most: int) -> Run | None:
        actor = of_caller(self.caller)
        try:
            with refusals():
                started = start_check(change_set, actor=actor, at=self.at, most=most)
        except GuardrailsError as error:
            raise ApiError("guardrails_unreadable", str(error), status=503) from error
        return started.run

    def _followed(self, change_set: ChangeSet, run: Run) -> Response:
        shown = show(self, change_set, status=202)
        told: dict[str, Any] = msgspec.to_builtins(shown.data)
        return Response(told | {"run": run_answer(run)}, status=202)


def _is_full(request: Request) -> bool:
    sent = request.query_params.get("full", "").casefold()
    if sent not in (*_YES, *_NO):
        raise refuse("invalid_full", "full is true or false.", field="full")
    return sent in _YES
