from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.lists import count, newest_first
from catalog.admin.page import namespace_of
from catalog.permissions import can
from rules.models import ChangeSet, Rule, RuleVersion
from rules.operations.bulk import BulkChange, BulkDone, BulkKind, change_many
from rules.operations.direct import retire_rule, switch_rule
from rules.operations.rollbacks import roll_back
from rules.queries.effects import busiest_rules, effects_of
from rules.queries.live import rules_are_on

from .attempts import actor_of, attempt, edit_of
from .copying import RuleCopyPages, targets
from .finding_rules import Asked, facets, known_surfaces, narrowed, tally
from .history import lines_of
from .imports import RuleImportPages
from .rule_form_pages import RuleFormPages
from .rule_pages import detail
from .rule_rows import items_named, keys, rows_of
from .starters import STARTERS
from .switch import RuleSwitchPages
from .timeline import timeline

PAGE_SIZE = 25
_LAST_CHANGES = 3
_SHOWN = ("list", "timeline", "both")


@admin.register(Rule)
class RuleAdmin(RuleFormPages, RuleSwitchPages, RuleImportPages, RuleCopyPages):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("bulk/", view(require_POST(self.bulk)), name="rules_rule_bulk"),
            path("undo/", view(require_POST(self.undo)), name="rules_rule_undo"),
            path("health/", view(self.health), name="rules_rule_health"),
            path("effects/", view(self.effects), name="rules_rule_effects"),
            path("<uuid:key>/more/", view(self.more), name="rules_rule_more"),
            path(
                "<uuid:key>/act/",
                view(require_POST(self.act)),
                name="rules_rule_act",
            ),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a rule; what an override is made of is shown as the override."""
        if shown := self.shown_elsewhere(request, object_id):
            return HttpResponseRedirect(shown)
        return super().change_view(request, object_id, form_url, extra_context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        rows = super().get_queryset(request).filter(is_override=False)
        return rows.select_related("version", "namespace")

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace, asked = namespace_of(request), _asked(request)
        at = asked.at
        rules = self.get_queryset(request)
        wanted = self.wanted(request)
        page = newest_first(
            wanted,
            moment="updated_at",
            after=request.GET.get("after", ""),
            size=PAGE_SIZE,
        )
        rows = rows_of(namespace, page.rows, at=at, judged=False)
        show = request.GET.get("show", "")
        show = show if show in _SHOWN else "list"
        return self.page(
            request,
            "recsys/rules.html",
            title="Rules",
            page=page,
            rows=rows,
            count=count(wanted),
            tally=tally(rules, asked),
            facets=facets(asked, surfaces=known_surfaces(rules)),
            show=show,
            timeline=(
                timeline(rows, at=at, zone=namespace.time_zone)
                if show != "list" and rows
                else None
            ),
            undoable=self._undoable(request),
            starters=STARTERS,
            targets=targets(request.user, namespace),
            are_on=rules_are_on(namespace),
            is_empty=not rows and not request.GET.get("after"),
            **self._allowed(request),
        )

    def wanted(self, request: HttpRequest) -> QuerySet[Rule]:
        """Return the rules that the list's address asks for."""
        return narrowed(self.get_queryset(request), _asked(request))

    def _allowed(self, request: HttpRequest) -> dict[str, bool]:
        namespace = namespace_of(request)
        return {
            f"may_{verb}": can(request.user, verb, namespace)
            for verb in ("edit", "publish", "operate")
        }

    def _undoable(self, request: HttpRequest) -> ChangeSet | None:
        """Return the change set that was just published from here, if it still is."""
        found = keys([request.GET.get("done", "")])
        if not found:
            return None
        return ChangeSet.objects.filter(
            namespace=namespace_of(request), pk=found[0], state="published"
        ).first()

    def health(self, request: HttpRequest) -> HttpResponse:
        """Say how the rules of a page stand, which takes longer than to list them."""
        self.require_view(request)
        wanted = keys(request.GET.getlist("rule"))[:PAGE_SIZE]
        rules = list(self.get_queryset(request).filter(pk__in=wanted).order_by("pk"))
        rows = rows_of(namespace_of(request), rules, at=timezone.now())
        effects = effects_of(namespace_of(request), rules, at=timezone.now())
        pairs = [(row, effects[row.rule.pk]) for row in rows]
        context = {"rows": rows, "with_effects": pairs}
        return render(request, "recsys/rules_health.html", context)

    def effects(self, request: HttpRequest) -> HttpResponse:
        """Show what the rules did that met most: a part of the page of feedback."""
        self.require_view(request)
        at = timezone.now()
        days = request.GET.get("days", "")
        span = timedelta(days=int(days) if days in ("1", "7", "28") else 7)
        busiest = busiest_rules(namespace_of(request), since=at - span)
        rules = {
            rule.pk: rule
            for rule in Rule.objects.filter(pk__in=busiest).select_related("version")
        }
        found = effects_of(namespace_of(request), list(rules.values()), at=at)
        rows = [(rules[key], found[key]) for key in busiest if key in rules]
        return render(request, "recsys/rule_effects.html", {"rows": rows})

    def more(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show what a row does not: its items, its last changes, what ails it."""
        rule = self.find(request, key)
        [row] = rows_of(namespace_of(request), [rule], at=timezone.now())
        target = row.content.rule.target
        versions = RuleVersion.objects.filter(rule=rule).order_by("-number")
        found = list(versions[: _LAST_CHANGES + 1])
        context = {
            "row": row,
            "items": (
                items_named(rule.namespace, target.values[:6])
                if target.type == "ITEM"
                else []
            ),
            "lines": lines_of(rule.namespace, found)[:_LAST_CHANGES],
        }
        return render(request, "recsys/rule_more.html", context)

    def row_page(self, request: HttpRequest, row: Rule) -> HttpResponse:
        context = detail(request, row, at=timezone.now())
        return self.page(
            request,
            "recsys/rule_page.html",
            title=row.name,
            crumbs=self.lists(),
            **self._allowed(request),
            **context,
        )

    def act(self, request: HttpRequest, key: str) -> HttpResponse:
        """Pause, resume or retire one rule, at once."""
        rule = self.find(request, key)
        edit = edit_of(request, namespace_of(request))
        what = request.POST.get("act", "")
        if what == "retire":
            done = attempt(request, lambda: retire_rule(rule, edit=edit))
        else:
            done = attempt(
                request, lambda: switch_rule(rule, enabled=what == "resume", edit=edit)
            )
        if done is not None and done.is_waiting:
            messages.warning(request, "Somebody else must approve it first.")
        elif done is not None:
            messages.success(request, f"{done.change_set.title}. It is in force now.")
        return HttpResponseRedirect(reverse("admin:rules_rule_change", args=[rule.pk]))

    def bulk(self, request: HttpRequest) -> HttpResponse:
        self.require_view(request)
        namespace = namespace_of(request)
        chosen = keys(request.POST.getlist("rule"))
        rules = list(
            self.get_queryset(request)
            .filter(pk__in=chosen)
            .order_by("created_at", "pk")
        )
        days = request.POST.get("days", "")
        kind = request.POST.get("act", "")
        change = BulkChange(
            kind=BulkKind(kind if kind in list(BulkKind) else BulkKind.PAUSE),
            days=int(days) if days.isdigit() and len(days) < 5 else 0,
            owner=request.POST.get("owner", ""),
        )
        edit = edit_of(request, namespace)
        done = attempt(
            request, lambda: change_many(namespace, rules, change, edit=edit)
        )
        return HttpResponseRedirect(_after_bulk(request, change, done))

    def undo(self, request: HttpRequest) -> HttpResponse:
        self.require_view(request)
        namespace = namespace_of(request)
        found = keys([request.POST.get("change_set", "")])
        change_set = ChangeSet.objects.filter(namespace=namespace, pk__in=found).first()
        edit = edit_of(request, namespace)
        if change_set is not None:
            back = attempt(
                request,
                lambda: roll_back(change_set, actor=edit.actor, at=edit.at),
            )
            if back is not None:
                messages.success(request, f"Undone: {change_set.title}.")
        return HttpResponseRedirect(reverse("admin:rules_rule_changelist"))


def _asked(request: HttpRequest) -> Asked:
    namespace = namespace_of(request)
    return Asked(
        namespace=namespace,
        actor=actor_of(request, namespace),
        at=timezone.now(),
        query=request.GET.dict(),
    )


def _after_bulk(request: HttpRequest, change: BulkChange, done: BulkDone | None) -> str:
    """Say what came of a bulk change, and return where to go."""
    rules = reverse("admin:rules_rule_changelist")
    if done is None:
        return rules
    for words in done.skipped[:5]:
        messages.warning(request, words)
    if done.change_set is None:
        return rules
    if done.is_waiting:
        messages.success(request, "The changes stand in a change set.")
        return reverse("admin:rules_changeset_change", args=[done.change_set.pk])
    s = "s" if done.changed > 1 else ""
    messages.success(request, f"{done.changed} rule{s} {change.words}.")
    return f"{rules}?done={done.change_set.pk}"
