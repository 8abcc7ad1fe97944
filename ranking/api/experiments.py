"""Experiments: `/v1/admin/experiments…`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.wire import decode
from catalog.core.text import is_id
from catalog.models import Namespace, Scope
from ranking.core.knobs import KnobError
from ranking.models import Experiment
from ranking.operations.experiments import (
    WrongStateError,
    delete_draft,
    start_experiment,
    stop_experiment,
    store_experiment,
)

from . import experiment_bodies as bodies
from .configuration_bodies import wrong_knob
from .view import NAMESPACE, Deleted, SettingsView


class ExperimentsView(SettingsView):
    scopes = {"GET": Scope.READ, "POST": Scope.CONFIGURE}

    @documented(
        summary="List experiments",
        answer=bodies.ExperimentList,
        example_answer={"namespace": "demo", "experiments": [bodies.EXAMPLE_OUT]},
        parameters=[NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        return self.listed(request, bodies.ExperimentList, _all)

    @documented(
        summary="Write an experiment, or give a running one more traffic",
        request=bodies.ExperimentBody,
        answer=bodies.ExperimentOut,
        example_request=bodies.EXAMPLE,
        example_answer=bodies.EXAMPLE_OUT,
        errors=(404, 409),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Replace the draft of that name. It answers nobody before it is started.

        Of a running one share, end, hypothesis and smallest effect may change.
        """
        body, self.warnings = decode(request, bodies.ExperimentBody)
        namespace = self.stored_in(body.namespace)
        try:
            row = store_experiment(
                namespace, bodies.draft_of(body), at=self.at, author=self.caller.name
            )
        except KnobError as error:
            raise wrong_knob("invalid_variants", error) from None
        except WrongStateError as error:
            raise wrong_state(error) from None
        return self.answer(bodies.shown(row))


class ExperimentView(SettingsView):
    scopes = {"GET": Scope.READ, "DELETE": Scope.CONFIGURE}

    @documented(
        summary="Read an experiment",
        answer=bodies.ExperimentOut,
        example_answer=bodies.EXAMPLE_OUT,
        parameters=[NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request, name: str) -> Response:
        """Tell also what decides who gets what, which stands still once it runs."""
        _, namespace = self.asked_namespace(request)
        return self.answer(bodies.shown(find_experiment(namespace, name)))

    @documented(
        summary="Delete the draft of an experiment",
        answer=Deleted,
        example_answer={"status": "ok", "deleted_count": 1, "message": "1 deleted"},
        parameters=[NAMESPACE],
        errors=(404, 409),
    )
    def delete(self, request: Request, name: str) -> Response:
        """Leave what ran as it is: decisions name it."""
        _, namespace = self.asked_namespace(request)
        try:
            delete_draft(find_experiment(namespace, name))
        except WrongStateError as error:
            raise wrong_state(error) from None
        return self.answer(Deleted(deleted_count=1, message="1 deleted"))


class _Turn(SettingsView):
    scopes = {"POST": Scope.CONFIGURE}

    def turn(
        self, request: Request, name: str, operation: Callable[..., Experiment]
    ) -> Response:
        body, self.warnings = decode(request, bodies.NamespaceBody)
        row = find_experiment(self.sent_namespace(body.namespace), name)
        at: datetime = self.at
        try:
            row = operation(row, at=at, author=self.caller.name)
        except WrongStateError as error:
            raise wrong_state(error) from None
        return self.answer(bodies.shown(row))


class ExperimentStartView(_Turn):
    @documented(
        summary="Start an experiment",
        request=bodies.NamespaceBody,
        answer=bodies.ExperimentOut,
        example_request={"namespace": "demo"},
        example_answer=bodies.EXAMPLE_OUT | {"state": "running"},
        errors=(404, 409),
        idempotent=True,
    )
    def post(self, request: Request, name: str) -> Response:
        """Have the next request of a subject meet its variant."""
        return self.turn(request, name, start_experiment)


class ExperimentStopView(_Turn):
    @documented(
        summary="Stop an experiment",
        request=bodies.NamespaceBody,
        answer=bodies.ExperimentOut,
        example_request={"namespace": "demo"},
        example_answer=bodies.EXAMPLE_OUT | {"state": "stopped"},
        errors=(404, 409),
        idempotent=True,
    )
    def post(self, request: Request, name: str) -> Response:
        """Answer everybody by the profile in force again, for good."""
        return self.turn(request, name, stop_experiment)


def find_experiment(namespace: Namespace | None, name: str) -> Experiment:
    rows = Experiment.objects.select_related("namespace")
    row = rows.filter(namespace=namespace, name=name).first() if is_id(name) else None
    if row is None:
        raise ApiError(
            "experiment_not_found", f"There is no experiment {name}.", status=404
        )
    return row


def wrong_state(error: WrongStateError) -> ApiError:
    return ApiError("wrong_state", str(error), status=409)


def _all(namespace: Namespace) -> list[bodies.ExperimentOut]:
    rows = Experiment.objects.filter(namespace=namespace).order_by("-created_at", "-pk")
    return [bodies.shown(row) for row in rows[:1_000]]
