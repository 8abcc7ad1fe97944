"""Links from rules to pages of other apps, where this site shows those."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec
from django.urls import NoReverseMatch, reverse

from catalog.admin.page import Chip
from catalog.models import Namespace
from rules.core.findings import CONFLICTS, Finding
from rules.core.rule import EVERY_SURFACE
from rules.models import ManualOverride, Rule

from .rule_rows import keys
from .words import health_chip

_MERCHANDISE = "admin:merchandise"


def address(name: str, *arguments: object) -> str:
    """Return a page's address, or nothing where no app brings it."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def merchandise_url(rule: Rule, **query: str) -> str:
    """Return the visual page of a rule's surface and segment."""
    page = address(_MERCHANDISE)
    if not page:
        return ""
    asked = dict(query)
    if rule.surface != EVERY_SURFACE:
        asked["surface"] = rule.surface
    if rule.segment_id:
        asked["who"] = f"segment:{rule.segment_id}"
    return f"{page}?{urlencode(asked)}"


def override_page(namespace: Namespace, *, rule_id: object) -> str:
    """Return where the override stands whose rule this is; "" for any other rule."""
    rows = ManualOverride.objects.filter(
        namespace=namespace, rule_id__in=keys([str(rule_id)])
    )
    item_id = rows.values_list("item_id", flat=True).first()
    if item_id is None:
        return ""
    page = reverse("admin:rules_manualoverride_changelist")
    return f"{page}?{urlencode({'q': item_id})}"


@dataclass(frozen=True, kw_only=True)
class Told:
    """A finding with the rules that it names, to go to."""

    finding: Finding
    chip: Chip
    rules: list[Rule]

    @property
    def is_conflict(self) -> bool:
        return self.finding.kind in CONFLICTS


def with_rules(namespace: Namespace, findings: Iterable[Finding]) -> list[Told]:
    """Return findings with their rules, in one query; what warns goes first."""
    found = sorted(findings, key=lambda each: each.weight == "note")
    wanted = {rule_id for each in found for rule_id in each.rule_ids}
    rules = {
        str(rule.pk): rule
        for rule in Rule.objects.filter(
            namespace=namespace, pk__in=keys(sorted(wanted))
        )
    }
    return [
        Told(
            finding=each,
            chip=health_chip(each),
            rules=[rules[key] for key in each.rule_ids if key in rules],
        )
        for each in found
    ]


def findings_in(stored: object) -> list[Finding]:
    """Return the findings of a stored check."""
    return msgspec.convert(stored, list[Finding])
