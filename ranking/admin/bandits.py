from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.admin.page import PageAdmin, namespace_of
from catalog.core.text import is_id
from catalog.permissions import can, require
from ranking.models import BanditPolicy
from ranking.operations.bandits import PolicyDraft, upsert_policies
from ranking.queries.bandit_stats import arms_shown, earned_by_policy, newest_choices

from .differences import differences
from .knob_form import groups_of, groups_sent, read
from .profiles import edit_of


@admin.register(BanditPolicy)
class BanditPolicyAdmin(PageAdmin[BanditPolicy]):
    list_title = "Bandits"
    add_verb = change_verb = "publish"

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        earned = earned_by_policy(namespace)
        policies = self.get_queryset(request).order_by("policy_id")[:200]
        return self.page(
            request,
            "recsys/bandits.html",
            title=self.list_title,
            rows=[
                (each, differences({}, each.knobs), earned.get(each.policy_id))
                for each in policies
            ],
            arms=arms_shown(namespace),
            choices=newest_choices(namespace),
            may_publish=can(request.user, "publish", namespace),
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        require(request.user, "publish", namespace_of(request))
        if request.method == "POST":
            return self._save(request, None)
        return self._form(request, None, groups=groups_of({}))

    def row_page(self, request: HttpRequest, row: BanditPolicy) -> HttpResponse:
        if request.method == "POST":
            return self._save(request, row)
        return self._form(request, row, groups=groups_of(row.knobs))

    def _save(self, request: HttpRequest, row: BanditPolicy | None) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "publish", namespace)
        sent = request.POST.dict()
        policy_id = row.policy_id if row else sent.get("policy_id", "").strip()
        found = read(sent)
        fault = "" if is_id(policy_id) else "A policy needs an id of at most 256 bytes."
        if row is None and self.get_queryset(request).filter(policy_id=policy_id):
            fault = f"There is a policy {policy_id} already."
        if found.errors or fault:
            groups = groups_sent(sent, errors=found.errors)
            return self._form(request, row, groups=groups, id_error=fault)
        edit = edit_of(request)
        draft = PolicyDraft(
            policy_id=policy_id,
            knobs=found.bundle,
            name=sent.get("name", "")[:200],
            active="active" in sent,
            notes=sent.get("notes", ""),
        )
        warnings = upsert_policies(namespace, [draft], at=edit.at, author=edit.author)
        for warning in warnings:
            messages.warning(request, warning)
        messages.success(request, f"Policy {policy_id} is in force.")
        return HttpResponseRedirect(reverse("admin:ranking_banditpolicy_changelist"))

    def _form(
        self, request: HttpRequest, row: BanditPolicy | None, **shown: Any
    ) -> HttpResponse:
        sent = request.POST.dict()
        is_sent = request.method == "POST"
        stored = {
            name: getattr(row, name) if row else ""
            for name in ("policy_id", "name", "notes")
        }
        return self.page(
            request,
            "recsys/bandit_form.html",
            title=f"Policy {row.policy_id}" if row else "New policy",
            crumbs=self.lists(),
            policy=row,
            values={name: sent.get(name, value) for name, value in stored.items()},
            is_active="active" in sent if is_sent else row is None or row.active,
            error_count=sum(bool(f.error) for g in shown["groups"] for f in g.fields),
            may_publish=can(request.user, "publish", namespace_of(request)),
            **shown,
        )
