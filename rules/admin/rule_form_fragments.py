"""What the form of a rule asks for while somebody writes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.admin.page import PageAdmin, namespace_of
from catalog.models import Namespace
from rules.core.rule import TargetType
from rules.core.sentences import sentence
from rules.models import Rule
from rules.operations.checks import findings_of
from rules.queries.items import titles

from .attempts import actor_of
from .form_choices import choices
from .links import with_rules
from .presence import others_at
from .rule_form import Fields, fields_sent, read
from .rule_rows import items_named, keys
from .targets import offers, picked
from .window_form import WindowRow


def chosen_targets(namespace: Namespace, fields: Fields) -> list[Any]:
    """Return the chosen targets with their items and places."""
    kind = fields.text.get("target_type", TargetType.ITEM)
    if kind != TargetType.ITEM:
        return [(value, None, "") for value in fields.targets]
    known = dict(items_named(namespace, fields.targets))
    return [(value, known.get(value), place) for value, place in fields.with_places]


class RuleFormFragments(PageAdmin[Rule]):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        fragments = {
            "said": self.said,
            "offers": self.offered,
            "chosen": self.chosen,
            "windows": self.windows,
        }
        return [
            *(
                path(
                    f"form/{name}/",
                    view(require_POST(fragment)),
                    name=f"rules_rule_{name}",
                )
                for name, fragment in fragments.items()
            ),
            path(
                "<uuid:key>/presence/",
                view(require_POST(self.presence)),
                name="rules_rule_presence",
            ),
            *super().get_urls(),
        ]

    def said(self, request: HttpRequest) -> HttpResponse:
        """Say what the form says: its sentence, what is wrong, what it would meet."""
        self.require_view(request)
        namespace = namespace_of(request)
        found = read(fields_sent(request.POST))
        context: dict[str, Any] = {"errors": found.errors}
        if found.content is not None:
            rule_id = request.POST.get("rule_id", "")
            named = titles(namespace, [found.content])
            findings = findings_of(
                namespace,
                [found.content],
                without=[rule_id] if keys([rule_id]) else [],
                at=timezone.now(),
            )
            context["sentence"] = sentence(found.content.rule, titles=named)
            context["findings"] = with_rules(namespace, findings)
        return render(request, "recsys/rule_said.html", context)

    def offered(self, request: HttpRequest) -> HttpResponse:
        self.require_view(request)
        sent = fields_sent(request.POST)
        kind = sent.text.get("target_type", "")
        words = sent.text.get("find", "")
        found = offers(
            namespace_of(request), kind=kind, words=words, chosen=sent.targets
        )
        context = {"offers": found, "words": words, "kind": kind}
        return render(request, "recsys/rule_offers.html", context)

    def chosen(self, request: HttpRequest) -> HttpResponse:
        """Answer with the chosen targets after one more, or one less."""
        self.require_view(request)
        sent = fields_sent(request.POST)
        targets = list(sent.targets)
        places = dict(sent.with_places)
        if drop := sent.text.get("drop", ""):
            targets = [each for each in targets if each != drop]
        elif pick := sent.text.get("pick", ""):
            targets = picked(targets, pick, kind=sent.text.get("target_type", ""))
        fields = replace(
            sent, targets=targets, places=[places.get(each, "") for each in targets]
        )
        context = {
            "chosen": chosen_targets(namespace_of(request), fields),
            "text": fields.text,
        }
        return render(request, "recsys/rule_chosen.html", context)

    def windows(self, request: HttpRequest) -> HttpResponse:
        """Answer with the windows after one more, or one less."""
        self.require_view(request)
        namespace = namespace_of(request)
        rows = list(fields_sent(request.POST).windows)
        drop = request.POST.get("drop_window", "")
        if drop.isdigit() and int(drop) < len(rows):
            rows.pop(int(drop))
        elif not drop:
            zone = rows[-1].zone if rows else namespace.time_zone
            rows.append(WindowRow(zone=zone))
        rows = rows or [WindowRow(zone=namespace.time_zone)]
        context = {"windows": rows, **choices(namespace, actor=None)}
        return render(request, "recsys/rule_windows.html", context)

    def presence(self, request: HttpRequest, key: str) -> HttpResponse:
        rule = self.find(request, key)
        actor = actor_of(request, namespace_of(request))
        others = others_at(f"rule:{rule.pk}", actor=actor, at=timezone.now())
        return render(request, "recsys/rule_presence.html", {"others": others})
