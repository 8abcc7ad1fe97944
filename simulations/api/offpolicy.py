"""What another policy would have earned: `/v1/admin/off-policy`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.runs import EXAMPLE, RunAnswer, run_answer
from catalog.api.wire import decode
from catalog.models import Scope
from ranking.api.view import SettingsView
from simulations.operations.offpolicy import (
    MOST,
    USUAL,
    NoTargetError,
    OffPolicyRequest,
    start_estimate,
)

type Moment = Annotated[datetime, Meta(tz=True)]


class OffPolicyBody(Struct, kw_only=True):
    """Which decisions made by chance to judge which policy by."""

    source: Annotated[
        Literal["bandit", "exploration"],
        Meta(
            description="bandit: choices of policies by Thompson sampling. exploration:"
            " places of answers that exploration filled."
        ),
    ]
    namespace: str | None = None
    profile: Annotated[
        str | None,
        Meta(description="With exploration: whose choices; absent: the one in force."),
    ] = None
    surface: str | None = None
    since: Annotated[Moment | None, Meta(description="Absent: 90 days ago.")] = None
    until: Annotated[
        Moment | None,
        Meta(description="Decisions that may still earn something are left out."),
    ] = None
    decisions: Annotated[
        int, Meta(ge=1, le=MOST, description="The newest so many.")
    ] = USUAL
    reward: Annotated[
        Literal["click", "cart", "purchase"],
        Meta(description="With exploration: what counts as 1."),
    ] = "click"
    clip: Annotated[
        float,
        Meta(ge=1, le=1e6, description="With bandit: largest weight of a decision."),
    ] = 10.0


class OffPolicyView(SettingsView):
    scopes = {"POST": Scope.READ}

    @documented(
        summary="Estimate what another policy would have earned",
        request=OffPolicyBody,
        answer=RunAnswer,
        status=202,
        example_request={"namespace": "demo", "source": "bandit", "surface": "home"},
        example_answer=EXAMPLE
        | {"kind": "off-policy", "parameters": {"source": "bandit"}},
        errors=(404, 409),
    )
    def post(self, request: Request) -> Response:
        """Start a Run whose result holds IPS, SNIPS and DR, each with its interval.

        Where the decisions cannot carry an estimate the result says why, in words.
        """
        body, self.warnings = decode(request, OffPolicyBody)
        namespace = self.sent_namespace(body.namespace)
        if namespace is None:
            raise ApiError(
                "namespace_not_found", "Nothing was decided there yet.", status=404
            )
        names = OffPolicyRequest.__struct_fields__
        asked = OffPolicyRequest(**{name: getattr(body, name) for name in names})
        try:
            run = start_estimate(namespace, asked, at=self.at, by=self.caller.name)
        except NoTargetError as error:
            raise ApiError("profile_not_found", str(error), status=409) from None
        return self.answer(run_answer(run), status=202)
