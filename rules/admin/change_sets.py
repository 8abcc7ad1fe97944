from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.facets import facet
from catalog.admin.lists import newest_first
from catalog.admin.page import PageAdmin, namespace_of
from catalog.permissions import require
from rules.models import Approval, ChangeSet, ChangeSetItem, ChangeSetState
from rules.operations.change_sets import Purpose, create_change_set, items_of
from rules.operations.checks import newest_check
from rules.operations.drafts import drop_draft
from rules.operations.gates import is_fresh, needed_kind

from .attempts import actor_of, attempt, edit_of
from .change_rows import change_rows
from .change_set_steps import STEPS, allowed
from .links import address, findings_in, with_rules
from .words import CHANGE_SET_CHIPS

FORECAST = "admin:change-set-check"
FULL_CHECK = "admin:simulations_changeset_check"
"""Where a change set is checked with a forecast, on sites that can."""


@admin.register(ChangeSet)
class ChangeSetAdmin(PageAdmin[ChangeSet]):
    list_title = "Change sets"
    add_verb = change_verb = "edit"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<uuid:key>/step/",
                view(require_POST(self.step)),
                name="rules_changeset_step",
            ),
            path(
                "<uuid:key>/drop/",
                view(require_POST(self.drop)),
                name="rules_changeset_drop",
            ),
            *super().get_urls(),
        ]

    def list_page(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.dict()
        actor = actor_of(request, namespace_of(request))
        change_sets = self.get_queryset(request)
        state = asked.get("state", "")
        if state in ChangeSetState.values:
            change_sets = change_sets.filter(state=state)
        if asked.get("single") != "yes":
            change_sets = change_sets.exclude(is_direct=True, state="published")
        if asked.get("mine") == "yes":
            change_sets = change_sets.filter(author_identity=actor.identity)
        if words := asked.get("q", "").strip():
            change_sets = change_sets.filter(title__icontains=words)
        page = newest_first(
            change_sets, moment="created_at", after=asked.get("after", "")
        )
        sizes = _sizes(page.rows)
        return self.page(
            request,
            "recsys/change_sets.html",
            title="Change sets",
            page=page,
            rows=[
                (each, CHANGE_SET_CHIPS[each.state], sizes.get(each.pk, 0))
                for each in page.rows
            ],
            facets=[
                facet("state", "State", dict(ChangeSetState.choices), asked=asked),
                facet("mine", "Author", {"yes": "me"}, asked=asked),
                facet(
                    "single",
                    "Single changes",
                    {"yes": "Single changes too"},
                    asked=asked,
                    otherwise="hidden",
                ),
            ],
            may_edit=actor.may("edit"),
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "edit", namespace)
        if request.method == "POST":
            edit = edit_of(request, namespace)
            title = request.POST.get("title", "")
            purpose = Purpose(title=title, reason=edit.reason)
            made = attempt(
                request,
                lambda: create_change_set(
                    namespace, purpose, actor=edit.actor, at=edit.at
                ),
            )
            if made is not None:
                page = reverse("admin:rules_changeset_change", args=[made.pk])
                return HttpResponseRedirect(page)
        return self.page(
            request,
            "recsys/change_set_new.html",
            title="New change set",
            crumbs=self.lists(),
            values=request.POST,
        )

    def row_page(self, request: HttpRequest, row: ChangeSet) -> HttpResponse:
        namespace = namespace_of(request)
        at = timezone.now()
        items = items_of(row)
        check = newest_check(row)
        needed = newest_check(row, kind=needed_kind(row))
        findings = with_rules(namespace, findings_in(check.findings) if check else [])
        number = request.GET.get("p", "")
        return self.page(
            request,
            "recsys/change_set.html",
            title=row.title,
            crumbs=self.lists(),
            change_set=row,
            state=CHANGE_SET_CHIPS[row.state],
            changes=change_rows(
                namespace, items, page=int(number) if number.isdigit() else 1
            ),
            check=check,
            check_is_fresh=check is not None and is_fresh(check, items, at=at),
            passes=needed is not None and is_fresh(needed, items, at=at),
            needed_kind=needed_kind(row),
            full_check_url=address(FULL_CHECK, row.pk),
            forecast_url=address(FORECAST, row.pk),
            findings=findings,
            approvals=Approval.objects.filter(change_set=row).order_by("-pk")[:20],
            is_mine=actor_of(request, namespace).identity in row.contributors,
            may=allowed(row, actor_of(request, namespace)),
        )

    def step(self, request: HttpRequest, key: str) -> HttpResponse:
        change_set = self.find(request, key)
        namespace = namespace_of(request)
        edit = edit_of(request, namespace)
        known = STEPS.get(request.POST.get("step", ""))
        page = reverse("admin:rules_changeset_change", args=[change_set.pk])
        if known is None:
            messages.error(request, "There is no such step.")
            return HttpResponseRedirect(page)
        act, words = known
        done = attempt(
            request, lambda: act(change_set, edit.actor, edit.at, edit.reason)
        )
        if done is not None:
            messages.success(request, words)
        if isinstance(done, ChangeSet) and done.pk != change_set.pk:
            page = reverse("admin:rules_changeset_change", args=[done.pk])
        return HttpResponseRedirect(page)

    def drop(self, request: HttpRequest, key: str) -> HttpResponse:
        """Take one change out of a draft."""
        change_set = self.find(request, key)
        edit = edit_of(request, namespace_of(request))
        number = request.POST.get("item", "")
        item = (
            ChangeSetItem.objects.filter(
                change_set=change_set, pk=int(number) if number.isdigit() else 0
            )
            .select_related("rule", "change_set")
            .first()
        )

        def dropped() -> bool:
            assert item is not None
            drop_draft(item, actor=edit.actor, at=edit.at)
            return True

        if item is not None and attempt(request, dropped):
            messages.success(request, "The change is taken out.")
        page = reverse("admin:rules_changeset_change", args=[change_set.pk])
        return HttpResponseRedirect(page)


def _sizes(change_sets: Any) -> dict[Any, int]:
    found: dict[Any, int] = {}
    rows = ChangeSetItem.objects.filter(
        change_set__in=[each.pk for each in change_sets]
    )
    for key in rows.values_list("change_set", flat=True):
        found[key] = found.get(key, 0) + 1
    return found
