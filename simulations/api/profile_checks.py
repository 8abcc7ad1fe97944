"""Checking a version of a profile: `/v1/admin/profiles/{name}:check`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.runs import EXAMPLE as EXAMPLE_RUN
from catalog.api.runs import RunAnswer, run_answer
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.models import Scope
from ranking.operations.profiles import (
    NoSuchVersionError,
    find_profile,
    find_version,
)
from simulations.operations.profile_checks import start_profile_check


class ProfileCheckBody(Struct, kw_only=True):
    """Which version to check before it is put in force."""

    namespace: str
    version: Annotated[int, Meta(ge=1)]


class ProfileCheckView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Hold a version of a profile to the guardrails",
        request=ProfileCheckBody,
        answer=RunAnswer,
        example_request={"namespace": "demo", "version": 3},
        example_answer=EXAMPLE_RUN | {"kind": "profile-check", "state": "queued"},
        status=202,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request, name: str) -> Response:
        """Start a Run that replays decisions and evaluates with it in force.

        Within a day of a verdict that it breaks a guardrail nobody but an operator,
        with a reason, can put the same in force.
        """
        body, self.warnings = decode(request, ProfileCheckBody)
        namespace = self.namespace(body.namespace)
        try:
            if namespace is None:
                raise NoSuchVersionError(f"there is no namespace {body.namespace}")
            version = find_version(find_profile(namespace, name), body.version)
        except NoSuchVersionError as error:
            raise ApiError(
                "profile_not_found", f"{str(error).capitalize()}.", status=404
            ) from None
        run = start_profile_check(version, at=self.at, requested_by=self.caller.name)
        return self.answer(run_answer(run), status=202)
