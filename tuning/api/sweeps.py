"""Sweeps and proposals: `/v1/admin/sweeps…` and `/v1/admin/proposals…`."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.examples import PAGE_OF_ONE
from catalog.api.listing import NAMESPACE, PAGE, NewestListing
from catalog.api.named import named, visible
from catalog.api.openapi import documented
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.models import Scope
from ranking.operations.profiles import NoSuchVersionError
from simulations.core.guardrails import GuardrailsError
from tuning.models import Sweep, Trial
from tuning.operations.sweeps import (
    SweepStateError,
    conclude_sweep,
    pause_sweep,
    resume_sweep,
    start_sweep,
)
from tuning.queries.sweeps import counts_of

from .bodies import (
    EXAMPLE_ROW,
    EXAMPLE_SPEC,
    EXAMPLE_SWEEP,
    EXAMPLE_TRIAL,
    SweepAsked,
    SweepList,
    SweepOut,
    SweepRow,
    TrialsOut,
    sweep_out,
    sweep_row,
    trial_out,
)


class SweepsView(NewestListing[Sweep]):
    scopes = {"GET": Scope.READ, "POST": Scope.CONFIGURE}
    kind = "sweeps"
    model = Sweep
    beside = ("run", "namespace")

    def row(self, row: Sweep) -> SweepRow:
        return sweep_row(row)

    @documented(
        summary="List the sweeps of a namespace",
        answer=SweepList,
        example_answer={
            "items": [EXAMPLE_ROW],
            **PAGE_OF_ONE,
        },
        parameters=[NAMESPACE, *PAGE],
    )
    def get(self, request: Request) -> Response:
        """List sweeps, the newest first."""
        return self.page(request, answer=SweepList)

    @documented(
        summary="Start a sweep",
        request=SweepAsked,
        answer=SweepOut,
        example_request={"namespace": "demo", "spec": EXAMPLE_SPEC},
        example_answer=EXAMPLE_SWEEP | {"state": "queued", "outcome": {}},
        status=202,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Search for better knobs on what users did. Follow the Run that it names."""
        body, self.warnings = decode(request, SweepAsked)
        namespace = named(self, body.namespace)
        try:
            sweep = start_sweep(
                namespace, body.spec, at=self.at, requested_by=self.caller.name
            )
        except NoSuchVersionError as error:
            raise ApiError("profile_not_found", f"{error}.", status=404) from None
        except GuardrailsError as error:
            raise ApiError("guardrails_unreadable", str(error), status=503) from error
        return self.answer(sweep_out(sweep, {}), status=202)


class SweepView(TenantView):
    @documented(
        summary="Look at a sweep",
        answer=SweepOut,
        example_answer=EXAMPLE_SWEEP,
        errors=(404,),
    )
    def get(self, request: Request, sweep_id: UUID) -> Response:
        sweep = visible_sweep(self, sweep_id)
        return self.answer(sweep_out(sweep, counts_of(sweep)))


class TrialsView(TenantView):
    @documented(
        summary="The trials of a sweep",
        answer=TrialsOut,
        example_answer={
            "sweep_id": EXAMPLE_ROW["sweep_id"],
            "trials": [EXAMPLE_TRIAL],
        },
        errors=(404,),
    )
    def get(self, request: Request, sweep_id: UUID) -> Response:
        """Tell all trials by number, also those that wait or were ended early."""
        sweep = visible_sweep(self, sweep_id)
        rows = Trial.objects.filter(sweep=sweep).order_by("number")
        return self.answer(
            TrialsOut(sweep_id=sweep.pk, trials=[trial_out(each) for each in rows])
        )


class SweepPauseView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Pause a sweep",
        answer=SweepOut,
        example_answer=EXAMPLE_SWEEP | {"state": "paused"},
        errors=(404, 409),
    )
    def post(self, request: Request, sweep_id: UUID) -> Response:
        """Stop after the trials in hand; what is done stays."""
        return self.answer(_steered(self, sweep_id, pause_sweep))


class SweepResumeView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Go on with a sweep",
        answer=SweepOut,
        example_answer=EXAMPLE_SWEEP | {"state": "queued"},
        status=202,
        errors=(404, 409),
    )
    def post(self, request: Request, sweep_id: UUID) -> Response:
        """Go on where it was paused, cancelled or broke."""
        steer = partial(resume_sweep, requested_by=self.caller.name)
        return self.answer(_steered(self, sweep_id, steer), status=202)


class SweepConcludeView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="End a sweep with what it found",
        answer=SweepOut,
        example_answer=EXAMPLE_SWEEP | {"state": "queued"},
        status=202,
        errors=(404, 409),
    )
    def post(self, request: Request, sweep_id: UUID) -> Response:
        """Verify the best trial so far and try no further one, after a pause."""
        steer = partial(conclude_sweep, requested_by=self.caller.name)
        return self.answer(_steered(self, sweep_id, steer), status=202)


class _Steer(Protocol):
    def __call__(self, sweep: Sweep, *, at: datetime) -> None: ...


def _steered(view: TenantView, sweep_id: UUID, steer: _Steer) -> SweepOut:
    """Steer a sweep and return how it stands, or raise 409 and say how it stands."""
    sweep = visible_sweep(view, sweep_id)
    try:
        steer(sweep, at=view.at)
    except SweepStateError as error:
        raise ApiError("wrong_state", str(error), status=409) from None
    return sweep_out(sweep, counts_of(sweep))


def visible_sweep(view: TenantView, sweep_id: UUID) -> Sweep:
    """Return one that the caller may see; others do not exist for it."""
    found: Sweep = visible(view, Sweep, sweep_id, beside=("namespace", "run"))
    return found


urlpatterns: list[URLPattern] = [
    path("v1/admin/sweeps", SweepsView.as_view(), name="sweeps"),
    path("v1/admin/sweeps/<uuid:sweep_id>", SweepView.as_view(), name="sweep"),
    path(
        "v1/admin/sweeps/<uuid:sweep_id>/trials",
        TrialsView.as_view(),
        name="sweep-trials",
    ),
    path(
        "v1/admin/sweeps/<uuid:sweep_id>:pause",
        SweepPauseView.as_view(),
        name="sweep-pause",
    ),
    path(
        "v1/admin/sweeps/<uuid:sweep_id>:resume",
        SweepResumeView.as_view(),
        name="sweep-resume",
    ),
    path(
        "v1/admin/sweeps/<uuid:sweep_id>:conclude",
        SweepConcludeView.as_view(),
        name="sweep-conclude",
    ),
]
