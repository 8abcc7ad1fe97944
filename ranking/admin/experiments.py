from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.views.decorators.http import require_POST

from catalog.admin.newest import NewestAdmin
from catalog.admin.page import Chip, namespace_of
from catalog.core.faults import BadInputError
from catalog.permissions import can, require
from ranking.core.experiments import METRICS
from ranking.core.knobs import KnobError
from ranking.models import Experiment, ExperimentState, Profile
from ranking.operations.experiments import (
    WrongStateError,
    delete_draft,
    start_experiment,
    stop_experiment,
    store_experiment,
)

from .experiment_form import FormError, draft_of, rows_of, rows_sent, values_of
from .profiles import edit_of

STATE_CHIPS = {
    ExperimentState.DRAFT: Chip(words="Draft", icon="edit"),
    ExperimentState.RUNNING: Chip(words="Running", icon="play", kind="good"),
    ExperimentState.STOPPED: Chip(words="Stopped", icon="block"),
}
_LIST = "admin:ranking_experiment_changelist"


@admin.register(Experiment)
class ExperimentAdmin(NewestAdmin[Experiment]):
    """Experiments, how they are planned, started and stopped."""

    list_title = "Experiments"
    list_template = "recsys/experiments.html"
    add_verb = change_verb = delete_verb = "publish"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        turns = {
            "start": start_experiment,
            "stop": stop_experiment,
            "remove": delete_draft,
        }
        return [
            *(
                path(
                    f"<int:key>/{word}/",
                    view(require_POST(self.turn)),
                    {"word": word, "operation": operation},
                    name=f"ranking_experiment_{word}",
                )
                for word, operation in turns.items()
            ),
            *super().get_urls(),
        ]

    def chip_of(self, row: Experiment) -> Chip:
        return STATE_CHIPS[ExperimentState(row.state)]

    def beside(self, request: HttpRequest) -> dict[str, Any]:
        return {"may_publish": can(request.user, "publish", namespace_of(request))}

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        require(request.user, "publish", namespace_of(request))
        return (
            self._save(request, None)
            if request.method == "POST"
            else self._form(request, None)
        )

    def row_page(self, request: HttpRequest, row: Experiment) -> HttpResponse:
        return (
            self._save(request, row)
            if request.method == "POST"
            else self._form(request, row)
        )

    def _save(self, request: HttpRequest, row: Experiment | None) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "publish", namespace)
        sent = request.POST.dict()
        name = row.name if row else sent.get("name", "").strip()
        edit = edit_of(request)
        try:
            stored = store_experiment(
                namespace, draft_of(sent, name=name), at=edit.at, author=edit.author
            )
        except (FormError, WrongStateError, BadInputError, KnobError) as error:
            return self._form(request, row, error=str(error))
        messages.success(request, f"Experiment {name} is stored.")
        return HttpResponseRedirect(
            reverse("admin:ranking_experiment_change", args=[stored.pk])
        )

    def turn(
        self,
        request: HttpRequest,
        key: int,
        word: str,
        operation: Callable[..., Experiment | None],
    ) -> HttpResponse:
        row = self.find(request, str(key))
        require(request.user, "publish", namespace_of(request))
        edit = edit_of(request)
        arguments = {} if word == "remove" else {"at": edit.at, "author": edit.author}
        try:
            operation(row, **arguments)
        except (WrongStateError, BadInputError) as error:
            messages.error(request, str(error))
        else:
            done = {"start": "is running", "stop": "has stopped", "remove": "is gone"}
            messages.success(request, f"Experiment {row.name} {done[word]}.")
            if word == "remove":
                return HttpResponseRedirect(reverse(_LIST))
        return HttpResponseRedirect(
            reverse("admin:ranking_experiment_change", args=[key])
        )

    def _form(
        self, request: HttpRequest, row: Experiment | None, *, error: str = ""
    ) -> HttpResponse:
        is_sent = request.method == "POST"
        sent = request.POST.dict()
        namespace = namespace_of(request)
        profiles = Profile.objects.filter(namespace=namespace, published_number__gt=0)
        return self.page(
            request,
            "recsys/experiment_page.html",
            title=row.name if row else "New experiment",
            crumbs=self.lists(),
            experiment=row,
            state=self.chip_of(row) if row else None,
            values={**values_of(row), **(sent if is_sent else {})},
            variants=rows_sent(sent) if is_sent else rows_of(row),
            metrics=METRICS,
            profiles=list(profiles.order_by("name").values_list("name", flat=True)),
            error=error,
            report_url=_report_url(row),
            may_publish=can(request.user, "publish", namespace),
        )


def _report_url(row: Experiment | None) -> str:
    """Return where what it shows is drawn, by whoever can judge it."""
    if row is None:
        return ""
    try:
        return reverse("admin:experiment-report", args=[row.pk])
    except NoReverseMatch:
        return ""
