"""Parts of pages that are asked for with what stands in a form, and change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from django.urls import reverse

from audit.models import Decision
from catalog.models import Item, Namespace
from ranking.core.editing.edits import Do
from rules.core.rule import Action, TargetType

from .admin_pages import Page

_EDITED = 8


def parts_of(namespace: Namespace) -> Iterator[Page]:
    """Yield them as a merchandiser's day asks for them."""
    items = _items(namespace)
    word = (items[0].title or items[0].item_id).split()[0]
    edits = json.dumps(
        [
            {
                "do": Do.PIN,
                "item": item.item_id,
                "scope": {"surface": "home"},
                "position": place,
            }
            for place, item in enumerate(items[:_EDITED], start=1)
        ]
    )
    rule = {"name": "New", "action": Action.BOOST, "value": "0.5", "surface": "home"}
    item = {"target_type": TargetType.ITEM, "target": items[0].item_id}
    for name, sent in (
        ("merchandise_panes", {}),
        ("merchandise_panes", {"size": "96"}),
        ("merchandise_panes", {"edits": edits}),
        ("merchandise_search", {"q": word}),
        ("merchandise_search", {"q": items[0].item_id, "edits": edits}),
        ("merchandise_why", {"item": items[0].item_id, "page": "live"}),
        ("merchandise_why", {"item": items[-1].item_id, "edits": edits}),
        ("rules_rule_said", {**rule, **item}),
        ("rules_rule_said", {**rule, "target_type": TargetType.TAG, "target": word}),
        ("rules_rule_offers", {"target_type": TargetType.ITEM, "find": word}),
        ("rules_rule_offers", {"target_type": TargetType.BRAND, "find": word[:3]}),
        ("rules_rule_offers", {"target_type": TargetType.CATEGORY, "find": ""}),
        ("rules_rule_chosen", {**item, "pick": items[1].item_id}),
        ("rules_rule_windows", {}),
        ("ranking_rule_written", {**rule, **item}),
    ):
        yield _part(name, sent)
    for name, query in (
        ("merchandise_elsewhere", {"item": items[0].item_id}),
        ("search", {"s": items[0].item_id}),
        ("search", {"s": word}),
        ("rules_rule_changelist", {"q": word}),
        ("rules_rule_changelist", {"q": items[0].item_id}),
        ("catalog_item_changelist", {"q": word}),
        ("audit_decision_changelist", {"item": items[0].item_id}),
        ("rules_manualoverride_items", {"item_id": word}),
    ):
        yield Page(
            name=name,
            path=reverse(f"admin:{name}"),
            query="&".join(f"{key}={value}" for key, value in query.items()),
        )


def _part(name: str, sent: Mapping[str, str]) -> Page:
    return Page(name=name, path=reverse(f"admin:{name}"), sent=sent)


def _items(namespace: Namespace) -> list[Item]:
    """Return the items of the newest answer: those that many look for."""
    newest = Decision.objects.filter(namespace=namespace).order_by("-decision_id")
    shown = newest.values_list("items", flat=True)[0]
    return list(Item.objects.filter(namespace=namespace, pk__in=shown).order_by("pk"))
