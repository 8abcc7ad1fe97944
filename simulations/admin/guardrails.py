from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from audit.models import Decision
from catalog.admin.lists import newest_first
from catalog.admin.newest import watch
from catalog.admin.page import Chip, Crumb, PageAdmin, namespace_of
from catalog.core.faults import BadInputError
from catalog.core.moments import on_the_clock
from catalog.models import Run, RunState
from catalog.permissions import can, namespaces_of, require
from ranking.operations.profiles import profile_in_force
from rules.operations.actors import of_staff
from simulations.core.guardrails import GuardrailsError
from simulations.core.judging import Judged
from simulations.core.limits import GUARDRAILS
from simulations.models import GuardrailCause, GuardrailCheck, GuardrailVerdict
from simulations.operations.acknowledging import acknowledge
from simulations.operations.guard_schedules import rhythms_of
from simulations.operations.guardrails import KIND, start_guardrails
from simulations.queries.guard_board import (
    acknowledgement,
    breach_of,
    is_stale,
    standings,
)
from simulations.queries.guardrails_file import guardrails

from .guardrail_board import board_lines, board_sentence, standing_chip, worst_first
from .words import STATE_CHIPS, figure_words, limit_words

_MOST_NAMESPACES = 12
_OPEN = (RunState.QUEUED, RunState.RUNNING)
VERDICT_CHIPS = {
    GuardrailVerdict.KEPT: Chip(words="Kept", icon="check", kind="good"),
    GuardrailVerdict.WATCH: Chip(words="Watch", icon="warning", kind="warn"),
    GuardrailVerdict.BROKEN: Chip(words="Broken", icon="block", kind="bad"),
    GuardrailVerdict.UNKNOWN: Chip(words="Not computed", icon="help", kind="warn"),
}


@admin.register(GuardrailCheck)
class GuardrailCheckAdmin(PageAdmin[GuardrailCheck]):
    """How the guardrails of the org's namespaces stand, and each verdict."""

    list_title = "Guardrails"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "now/", view(require_POST(self.now)), name="simulations_guardrails_now"
            ),
            path("checks/", view(self.checks), name="simulations_guardrails_checks"),
            path("breach/<slug:name>/", view(self.breach), name="simulations_breach"),
            path(
                "breach/<slug:name>/acknowledge/",
                view(require_POST(self.acknowledge)),
                name="simulations_breach_acknowledge",
            ),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        here = namespace_of(request)
        known = namespaces_of(request.user).filter(org_id=here.org_id)
        namespaces = list(known)
        try:
            file, fault = guardrails(), ""
        except GuardrailsError as error:
            return self.page(
                request,
                "recsys/guardrails.html",
                title=self.list_title,
                fault=str(error),
            )
        limits = {each.pk: list(file.of(each.name)) for each in namespaces}
        rhythms = rhythms_of(namespaces)
        found = standings(namespaces, limits=limits, rhythms=rhythms, at=timezone.now())
        shown = worst_first(namespaces, found)[:_MOST_NAMESPACES]
        running = Run.objects.filter(namespace=here, kind=KIND, state__in=_OPEN)
        return self.page(
            request,
            "recsys/guardrails.html",
            title=self.list_title,
            sentence=board_sentence(found),
            fault=fault,
            namespaces=shown,
            more=len(namespaces) - len(shown),
            lines=board_lines(shown, found),
            here=here,
            rhythm=rhythms.get(here.pk),
            running=running.order_by("-created_at", "pk").first(),
            may_check=can(request.user, "edit", here),
        )

    def row_page(self, request: HttpRequest, row: GuardrailCheck) -> HttpResponse:
        checked = on_the_clock(row.created_at, row.namespace.time_zone)
        return self.page(
            request,
            "recsys/guardrail_check.html",
            title=f"Guardrails, {checked}",
            sentence=row.headline,
            crumbs=self.lists(),
            check=row,
            chip_of=VERDICT_CHIPS[GuardrailVerdict(row.verdict)],
            rows=_rows_of(row),
            samples=_decisions(row),
        )

    def checks(self, request: HttpRequest) -> HttpResponse:
        self.require_view(request)
        rows = self.get_queryset(request).defer("judged", "samples")
        page = newest_first(
            rows, moment="created_at", after=request.GET.get("after", "")
        )
        return self.page(
            request,
            "recsys/guardrail_checks.html",
            title="Verdicts",
            crumbs=self.lists(),
            page=page,
            rows=[
                (each, VERDICT_CHIPS[GuardrailVerdict(each.verdict)])
                for each in page.rows
            ],
        )

    def breach(self, request: HttpRequest, name: str) -> HttpResponse:
        self.require_view(request)
        namespace = namespace_of(request)
        if name not in GUARDRAILS:
            raise Http404(f"There is no guardrail {name}.")
        guardrail, at = GUARDRAILS[name], timezone.now()
        found = breach_of(namespace, name)
        newest = found.history[0] if found.history else None
        judged = newest[1] if newest else None
        return self.page(
            request,
            "recsys/breach.html",
            title=guardrail.title,
            crumbs=[
                *self.lists(),
                Crumb(
                    title=namespace.name,
                    url=reverse("admin:simulations_guardrailcheck_changelist"),
                ),
            ],
            guardrail=guardrail,
            breach=found,
            judged=judged,
            chip_of=standing_chip(
                judged,
                is_stale=is_stale(
                    newest[0] if newest else None,
                    rhythms_of([namespace])[namespace.pk],
                    at=at,
                ),
            ),
            limit=limit_words(judged) if judged else "",
            history=[
                (
                    check,
                    each and STATE_CHIPS[each.state],
                    each and figure_words(each, each.after),
                )
                for check, each in found.history
            ],
            samples=_decisions(found.since or (newest[0] if newest else None)),
            profile=profile_in_force(namespace),
            acknowledged=acknowledgement(namespace, name, at=at),
            latest=(at + timedelta(days=7)).date().isoformat(),
            may_operate=can(request.user, "operate", namespace),
        )

    def acknowledge(self, request: HttpRequest, name: str) -> HttpResponse:
        namespace = namespace_of(request)
        page = HttpResponseRedirect(reverse("admin:simulations_breach", args=[name]))
        day = _day(request.POST.get("until", ""))
        if day is None:
            messages.error(request, "Say until which day.")
            return page
        until = datetime.combine(
            day, time(23, 59), tzinfo=ZoneInfo(namespace.time_zone)
        )
        try:
            acknowledge(
                namespace,
                name,
                reason=request.POST.get("reason", ""),
                until=until,
                actor=of_staff(request.user, namespace),
                at=timezone.now(),
            )
        except BadInputError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request, "It is known. It stays broken until it is mended."
            )
        return page

    def now(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "edit", namespace)
        run = start_guardrails(
            namespace,
            cause=GuardrailCause.MANUAL,
            at=timezone.now(),
            requested_by=str(request.user),
        )
        return watch(run)


def _day(sent: str) -> date | None:
    try:
        return parse_date(sent)
    except ValueError:  # Such as the 31st of June.
        return None


def _rows_of(check: GuardrailCheck) -> list[tuple[Judged, Chip, str, str]]:
    found = msgspec.convert(check.judged, list[Judged])
    return [
        (
            each,
            STATE_CHIPS[each.state],
            figure_words(each, each.after),
            limit_words(each),
        )
        for each in found
    ]


def _decisions(check: GuardrailCheck | None) -> list[Decision]:
    if check is None or not check.samples:
        return []
    rows = Decision.objects.filter(
        namespace=check.namespace_id, decision_id__in=check.samples
    ).order_by("-decision_id")
    return list(
        rows.only(
            "decision_id",
            "decision_day",
            "org_id",
            "namespace_id",
            "surface",
            "segment",
            "k",
        )
    )
