"""What the page tells about one item: found, explained, ruled elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from audit.admin.waterfall import explain
from catalog.admin.page import namespace_of
from catalog.models import Item, Namespace
from catalog.permissions import require
from ranking.core.sentences import sentence as in_plain_words
from ranking.queries.page_rules import rules_about
from ranking.serve import Answer
from ranking.serve.traces import trace_of
from rules.admin.words import ACTION_ICONS, RULE_CHIPS
from rules.core.sentences import sentence
from rules.queries.contents import contents_of
from rules.queries.items import titles
from rules.queries.standing import state_at

from .asked import read_asked
from .looking import look
from .refusing import in_words
from .searching import search as search_items
from .searching import standing

_MOST_TEXT = 500


@in_words
def search(request: HttpRequest) -> HttpResponse:
    require(request.user, "view", namespace_of(request))
    asked = read_asked(request)
    text = request.POST.get("q", "").strip()[:_MOST_TEXT]
    found = []
    if len(text) > 1:
        found = search_items(asked.namespace, text, answer=look(asked).draft)
    return render(
        request,
        "recsys/merchandise_found.html",
        {"found": found, "text": text, "may_edit": asked.actor.may("edit")},
    )


@in_words
def why(request: HttpRequest) -> HttpResponse:
    """Explain an item's place by the ranking of the page itself."""
    require(request.user, "view", namespace_of(request))
    asked = read_asked(request)
    item = _item(asked.namespace, request.POST.get("item", ""))
    is_live = request.POST.get("page") == "live"
    pages = look(asked)
    answer = pages.live if is_live else pages.draft
    told = None if item is None else explain(trace_of(answer), item.pk)
    return render(
        request,
        "recsys/merchandise_why.html",
        {
            "item": item,
            "item_id": request.POST.get("item", ""),
            "why": told,
            "standing": None if item is None else standing(answer, item),
            "reasons": _reasons(answer, item),
            "is_live": is_live,
        },
    )


@in_words
def elsewhere(request: HttpRequest) -> HttpResponse:
    """Answer with the rules of every surface that are about an item."""
    namespace = namespace_of(request)
    require(request.user, "view", namespace)
    item_id = request.GET.get("item", "")[:256]
    rules = rules_about(namespace, item_id)
    contents = contents_of(rules)
    named, at = titles(namespace, contents), timezone.now()
    rows = [
        (
            rule,
            RULE_CHIPS[state_at(rule, at)],
            ACTION_ICONS[content.rule.action],
            sentence(content.rule, titles=named),
        )
        for rule, content in zip(rules, contents, strict=True)
    ]
    return render(
        request,
        "recsys/merchandise_elsewhere.html",
        {"item": _item(namespace, item_id), "item_id": item_id, "rows": rows},
    )


def _item(namespace: Namespace, item_id: str) -> Item | None:
    return Item.objects.filter(namespace=namespace, item_id=item_id).first()


def _reasons(answer: Answer, item: Item | None) -> list[str]:
    """Return the reasons that the API would give for an item."""
    told = answer.canonical["items"]
    found = [each for each in told if item and each["item_id"] == item.item_id]
    return [in_plain_words(code) for code in found[0]["reasons"]] if found else []
