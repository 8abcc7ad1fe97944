"""The form of a rule: made, changed, kept when somebody else was quicker."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.page import Crumb, namespace_of
from catalog.permissions import can, require
from rules.models import ChangeSetItem, ChangeSetState, Rule, RuleVersion
from rules.operations.drafts import restore_as_draft
from rules.operations.gates import needs_review
from rules.queries.contents import content_of
from rules.queries.contents import read as read_content

from .attempts import actor_of, attempt, edit_of
from .form_choices import choices
from .history import clashes
from .links import address, override_page
from .rule_form import Fields, Read, fields_of, fields_sent, read
from .rule_form_fragments import RuleFormFragments, chosen_targets
from .rule_rows import keys
from .saving import (
    Kept,
    begin,
    chosen_change_set,
    keep_as_draft,
    save_draft,
    save_live,
)
from .starters import STARTERS
from .window_form import WindowRow

_REVIEW_AFTER = timedelta(days=90)
_PREVIEW = "admin:ranking_rule_written"
_PREFILLED = ("action", "target_type", "surface", "segment", "name")


class RuleFormPages(RuleFormFragments):
    add_verb = change_verb = "edit"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:key>/edit/", view(self.edit), name="rules_rule_edit"),
            path(
                "<uuid:key>/restore/",
                view(require_POST(self.restore)),
                name="rules_rule_restore",
            ),
            *super().get_urls(),
        ]

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        require(request.user, "edit", namespace_of(request))
        if request.method == "POST":
            return self._save(request, None)
        return self._form(request, None, read=Read(fields=self._begun(request)))

    def _begun(self, request: HttpRequest) -> Fields:
        """Return the fields of a new rule: a starter's, and what the address says."""
        namespace = namespace_of(request)
        starter = STARTERS.get(request.GET.get("starter", ""))
        text = {
            "action": "BOOST",
            "target_type": "ITEM",
            "surface": "*",
            "priority": "0",
            "include_subcategories": "on",
            "owner": actor_of(request, namespace).name,
            "review_by": (timezone.now() + _REVIEW_AFTER).date().isoformat(),
            "change_set": request.GET.get("change_set", ""),
            **(starter.fields if starter else {}),
        }
        text |= {name: request.GET[name] for name in _PREFILLED if name in request.GET}
        return Fields(
            text=text,
            targets=request.GET.getlist("target"),
            windows=[WindowRow(zone=namespace.time_zone)],
        )

    def shown_elsewhere(self, request: HttpRequest, key: object) -> str:
        """Return the page of the override that a rule was made for, if it was."""
        self.require_view(request)
        return override_page(namespace_of(request), rule_id=key)

    def edit(self, request: HttpRequest, key: str) -> HttpResponse:
        if shown := self.shown_elsewhere(request, key):
            return HttpResponseRedirect(shown)
        rule = self.find(request, key)
        require(request.user, "edit", namespace_of(request))
        if request.method == "POST":
            return self._save(request, rule)
        draft = self._draft(request, rule)
        content = read_content(draft.content) if draft else content_of(rule)
        fields = fields_of(content, zone=rule.namespace.time_zone)
        if draft:
            text = {**fields.text, "change_set": str(draft.change_set_id)}
            fields = replace(fields, text=text)
        return self._form(request, rule, read=Read(fields=fields), draft=draft)

    def _draft(self, request: HttpRequest, rule: Rule) -> ChangeSetItem | None:
        """Return the draft that is asked for; of an unpublished rule its only one."""
        drafts = ChangeSetItem.objects.filter(
            rule=rule, change_set__state=ChangeSetState.DRAFT
        ).select_related("change_set")
        if asked := keys([request.GET.get("change_set", "")]):
            return drafts.filter(change_set=asked[0]).first()
        return drafts.order_by("-pk").first() if rule.version is None else None

    def _save(self, request: HttpRequest, rule: Rule | None) -> HttpResponse:
        namespace = namespace_of(request)
        found = read(fields_sent(request.POST))
        edit = edit_of(request, namespace)
        errors = dict(found.errors)
        chosen = chosen_change_set(request, namespace)
        if not edit.reason and chosen is None:
            errors["reason"] = "Say why: a reason is kept with the version."
        if errors or found.content is None:
            return self._form(request, rule, read=replace(found, errors=errors))
        base = request.POST.get("base", "0")
        content, base_number = found.content, int(base) if base.isdigit() else 0
        if rule is not None and rule.version_number != base_number:
            kept = attempt(
                request,
                lambda: keep_as_draft(rule, content, base=base_number, edit=edit),
            )
            return self._after_keeping(request, rule, found, kept)
        if request.POST.get("do") == "publish":
            return self._publish(request, rule, found, base_number)
        item = attempt(
            request,
            lambda: save_draft(namespace, rule, content, change_set=chosen, edit=edit),
        )
        if item is None:
            return self._form(request, rule, read=found)
        messages.success(request, f"“{item.rule.name}” is kept as a draft.")
        page = reverse("admin:rules_changeset_change", args=[item.change_set_id])
        return HttpResponseRedirect(page)

    def _publish(
        self, request: HttpRequest, rule: Rule | None, found: Read, base: int
    ) -> HttpResponse:
        namespace = namespace_of(request)
        edit = edit_of(request, namespace)
        content = found.content
        assert content is not None
        done = attempt(
            request,
            lambda: save_live(namespace, rule, content, expected=base, edit=edit),
        )
        if done is None:
            return self._form(request, rule, read=found)
        for finding in done.findings:
            messages.warning(request, finding.sentence)
        if done.is_waiting:
            messages.success(request, "It is submitted. Somebody else approves it.")
            page = "admin:rules_changeset_change"
            return HttpResponseRedirect(reverse(page, args=[done.change_set.pk]))
        messages.success(request, f"“{done.rule.name}” is in force.")
        page = "admin:rules_rule_change"
        return HttpResponseRedirect(reverse(page, args=[done.rule.pk]))

    def _after_keeping(
        self, request: HttpRequest, rule: Rule, found: Read, kept: Kept | None
    ) -> HttpResponse:
        if kept is None:
            return self._form(request, rule, read=found)
        messages.warning(
            request,
            f"Version {rule.version_number} was published while you wrote. Nothing of"
            " yours is lost: it is kept as a draft. Look at both, then save again.",
        )
        page = reverse("admin:rules_rule_edit", args=[rule.pk])
        return HttpResponseRedirect(f"{page}?change_set={kept.change_set.pk}")

    def _form(
        self,
        request: HttpRequest,
        rule: Rule | None,
        *,
        read: Read,
        draft: ChangeSetItem | None = None,
    ) -> HttpResponse:
        namespace = namespace_of(request)
        crumbs = list(self.lists())
        if rule is not None:
            page = reverse("admin:rules_rule_change", args=[rule.pk])
            crumbs.append(Crumb(title=rule.name, url=page))
        return self.page(
            request,
            "recsys/rule_form.html",
            title=f"Change {rule.name}" if rule else "New rule",
            crumbs=crumbs,
            rule=rule,
            base=rule.version_number if rule else 0,
            fields=read.fields,
            text=read.fields.text,
            errors=read.errors,
            reason=request.POST.get("reason", draft.change_set.reason if draft else ""),
            draft=draft,
            clashes=self._clashes(rule, draft),
            chosen=chosen_targets(namespace, read.fields),
            preview_url=address(_PREVIEW),
            can_publish=can(request.user, "publish", namespace)
            and (rule is None or rule.version is not None),
            is_reviewed=needs_review(namespace),
            **choices(namespace, actor=actor_of(request, namespace)),
        )

    def _clashes(self, rule: Rule | None, draft: ChangeSetItem | None) -> list[Any]:
        """Return what others changed since a draft was begun, beside its changes."""
        if rule is None or draft is None or rule.version is None:
            return []
        if draft.base_number == rule.version_number:
            return []
        before = RuleVersion.objects.filter(rule=rule, number=draft.base_number).first()
        theirs = read_content(rule.version.content)
        return clashes(
            rule.namespace,
            read_content(before.content) if before else theirs,
            theirs,
            read_content(draft.content),
        )

    def restore(self, request: HttpRequest, key: str) -> HttpResponse:
        """Make a draft of what an earlier version said; never straight to live."""
        rule = self.find(request, key)
        namespace = namespace_of(request)
        number = request.POST.get("number", "")
        version = RuleVersion.objects.filter(
            rule=rule, number=int(number) if number.isdigit() else 0
        ).first()
        page = reverse("admin:rules_rule_change", args=[rule.pk])
        if version is None:
            messages.error(request, "There is no such version.")
            return HttpResponseRedirect(f"{page}?tab=history")
        edit = edit_of(request, namespace)

        def restored() -> ChangeSetItem:
            words = f"{rule.name}: back to version {version.number}"
            change_set = begin(namespace, words, edit=edit)
            return restore_as_draft(change_set, version, actor=edit.actor, at=edit.at)

        item = attempt(request, restored)
        if item is None:
            return HttpResponseRedirect(f"{page}?tab=history")
        messages.success(request, f"Version {version.number} is a draft again.")
        return HttpResponseRedirect(
            reverse("admin:rules_changeset_change", args=[item.change_set_id])
        )
