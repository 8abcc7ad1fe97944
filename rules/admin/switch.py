"""The kill switch: all rules of the namespace off, or on again, with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from catalog.admin.page import PageAdmin, namespace_of
from catalog.permissions import can
from rules.models import IN_FORCE, Rule
from rules.operations.switching import switch_rules
from rules.queries.live import rules_are_on

from .attempts import attempt, edit_of


class RuleSwitchPages(PageAdmin[Rule]):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.switch)
        return [path("switch/", view, name="rules_rule_switch"), *super().get_urls()]

    def switch(self, request: HttpRequest) -> HttpResponse:
        self.require_view(request)
        namespace = namespace_of(request)
        here = reverse("admin:rules_rule_switch")
        if request.method == "POST":
            edit = edit_of(request, namespace)
            on = request.POST.get("on") == "yes"

            def turn() -> bool:
                switch_rules(
                    namespace, on=on, reason=edit.reason, actor=edit.actor, at=edit.at
                )
                return True

            if attempt(request, turn):
                words = "on again" if on else "off"
                messages.warning(request, f"All rules of {namespace.name} are {words}.")
            return HttpResponseRedirect(here)
        in_force = Rule.objects.filter(namespace=namespace, state__in=IN_FORCE)
        return self.page(
            request,
            "recsys/rule_switch.html",
            title="Kill switch",
            crumbs=self.lists(),
            are_on=rules_are_on(namespace),
            in_force=in_force.count(),
            may_operate=can(request.user, "operate", namespace),
        )
