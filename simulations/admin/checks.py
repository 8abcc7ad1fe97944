from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.newest import NewestAdmin
from catalog.admin.page import Chip, namespace_of
from catalog.permissions import can
from rules.models import ChangeCheck, ChangeSet, CheckKind, CheckVerdict
from rules.operations.actors import of_staff
from rules.operations.change_sets import WrongStateError
from rules.operations.checks import newest_check
from simulations.core.guardrails import GuardrailsError
from simulations.operations.checks import open_run, start_check

from .shown import shown_check
from .words import verdict_chip


@admin.register(ChangeCheck)
class ChangeCheckAdmin(NewestAdmin[ChangeCheck]):
    """The verdicts on change sets, each with a permanent page."""

    list_title = "Checks"
    list_template = "recsys/change_checks.html"
    joined = ("change_set",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("of/<uuid:key>/", view(self.newest), name="change-set-check"),
            path(
                "of/<uuid:key>/check/",
                view(require_POST(self.check_fully)),
                name="simulations_changeset_check",
            ),
            *super().get_urls(),
        ]

    def chip_of(self, row: ChangeCheck) -> Chip:
        return verdict_chip(row, is_fresh=True)

    def row_page(self, request: HttpRequest, row: ChangeCheck) -> HttpResponse:
        return self.page(
            request,
            "recsys/change_check_page.html",
            title=f"Check of {row.change_set.title}",
            crumbs=self.lists(),
            shown=shown_check(row, at=timezone.now()),
            is_permanent=True,
        )

    def newest(self, request: HttpRequest, key: str) -> HttpResponse:
        """Answer with the newest full check of a change set, as a part of a page."""
        self.require_view(request)
        return self._newest(request, _change_set(request, key))

    def _newest(self, request: HttpRequest, change_set: ChangeSet) -> HttpResponse:
        check = newest_check(change_set, kind=CheckKind.FULL)
        run = open_run(change_set)
        context = {
            "change_set": change_set,
            "run": run,
            "shown": None if check is None else shown_check(check, at=timezone.now()),
            "without_findings": request.GET.get("without") == "findings",
            "may_check": change_set.state in ("draft", "in_review", "approved")
            and can(request.user, "edit", namespace_of(request)),
        }
        answer = render(request, "recsys/change_check.html", context)
        if run is None and request.GET.get("followed"):
            # What may be done next hangs on what a worker has found meanwhile.
            answer["HX-Trigger"] = "checked"
        return answer

    def check_fully(self, request: HttpRequest, key: str) -> HttpResponse:
        """Check a change set fully, now or by a Run."""
        change_set = _change_set(request, key)
        actor = of_staff(request.user, namespace_of(request))
        try:
            started = start_check(change_set, actor=actor, at=timezone.now())
        except (WrongStateError, GuardrailsError) as error:
            messages.error(request, str(error))
        else:
            if started.check is not None:
                passed = started.check.verdict == CheckVerdict.PASSED
                level = messages.SUCCESS if passed else messages.WARNING
                messages.add_message(request, level, started.check.report["headline"])
        if request.headers.get("HX-Request"):
            return self._newest(request, change_set)
        page = reverse("admin:rules_changeset_change", args=[change_set.pk])
        return HttpResponseRedirect(page)


def _change_set(request: HttpRequest, key: str) -> ChangeSet:
    rows = ChangeSet.objects.select_related("namespace")
    try:
        return rows.get(pk=key, namespace=namespace_of(request))
    except (ChangeSet.DoesNotExist, ValidationError):
        raise Http404(f"No change set {key} in this namespace.") from None
