"""The page, and the parts of it that come again with every step."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from audit.admin.waterfall import explain
from catalog.admin.page import namespace_of
from catalog.models import Item, Namespace
from catalog.permissions import can, require
from ranking.admin.would_see import surfaces_of
from ranking.core.editing.edits import UnreadableEditsError
from ranking.core.knobs import KnobError
from ranking.core.layers import UnknownProfileError
from ranking.core.sentences import sentence as in_plain_words
from ranking.models import Segment
from ranking.queries.page_rules import rules_about
from ranking.serve import NothingToServeError
from ranking.serve.traces import trace_of
from rules.admin.attempts import REFUSALS, actor_of
from rules.admin.presence import others_at
from rules.admin.words import ACTION_ICONS, RULE_CHIPS
from rules.core.rule import EVERY_SURFACE
from rules.core.sentences import sentence
from rules.models import IN_FORCE, ChangeSet, ChangeSetState, Rule
from rules.operations.actors import Actor
from rules.queries.contents import contents_of
from rules.queries.items import titles
from rules.queries.live import rules_are_on

from .asked import open_draft, read_asked
from .cards import panes_of
from .looking import look
from .rule_cards import STEPS, rule_side
from .searching import search as search_items
from .searching import standing
from .target import COLUMNS, SIZES, VIEWS, Target, read_target

_MOST_DRAFTS = 20
_MOST_SURFACES = 50
_REFUSED = 422
_UNAVAILABLE = 503
_FAULTS = (UnreadableEditsError, KnobError, UnknownProfileError, *REFUSALS)

type View = Callable[..., HttpResponse]


def in_words(view: View) -> View:
    """Have what is refused answered in words that the page shows as they are."""

    @wraps(view)
    def answer(request: HttpRequest, **named: Any) -> HttpResponse:
        try:
            return view(request, **named)
        except _FAULTS as error:
            return _words(str(error), status=_REFUSED)
        except PermissionDenied as error:
            return _words(str(error), status=403)
        except NothingToServeError:
            told = "Nothing can be ranked just now: the database is away. Try again."
            return _words(told, status=_UNAVAILABLE)

    return answer


def page(request: HttpRequest) -> HttpResponse:
    """Answer with everything but the grid, which the page asks for at once."""
    if getattr(request, "namespace", None) is None:
        return _page(request, "recsys/no_namespace.html", title="No namespace")
    namespace = namespace_of(request)
    require(request.user, "view", namespace)
    target = read_target(request.GET.dict())
    actor = actor_of(request, namespace)
    draft = open_draft(namespace, target)
    return _page(
        request,
        "recsys/merchandise.html",
        title=f"{target.surface.capitalize()}, as the shop shows it",
        target=target,
        draft=draft,
        drafts=_drafts(namespace, actor),
        surfaces=_surfaces(namespace, target),
        segments=_segments(namespace, target),
        views=VIEWS,
        columns=COLUMNS,
        sizes=SIZES,
        strengths=STEPS,
        may_edit=can(request.user, "edit", namespace),
    )


@in_words
def panes(request: HttpRequest) -> HttpResponse:
    """Answer with both grids, the rules beside them, and what changes."""
    require(request.user, "view", namespace_of(request))
    asked = read_asked(request)
    pages = look(asked)
    both = panes_of(asked.namespace, pages)
    answer = render(
        request,
        "recsys/merchandise_panes.html",
        {
            "asked": asked,
            "target": asked.target,
            "pages": pages,
            "both": both,
            "side": rule_side(asked, both),
            "may_edit": asked.actor.may("edit"),
            "rules_are_on": rules_are_on(asked.namespace),
            "total": max(both.draft.total, both.live.total),
            "changed_slots": pages.changed_slots,
            "has_draft": bool(asked.changes),
        },
    )
    answer["HX-Replace-Url"] = reverse("admin:merchandise") + asked.target.address
    return answer


@in_words
def search(request: HttpRequest) -> HttpResponse:
    require(request.user, "view", namespace_of(request))
    asked = read_asked(request)
    text = request.POST.get("q", "").strip()[:500]
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
    named = titles(namespace, contents)
    rows = [
        (
            rule,
            RULE_CHIPS[rule.state],
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


def presence(request: HttpRequest) -> HttpResponse:
    """Say who else has this page open, and whether the draft was saved since."""
    namespace = namespace_of(request)
    require(request.user, "view", namespace)
    target = read_target(request.GET.dict())
    draft = open_draft(namespace, target)
    place = f"merchandise:{namespace.pk}:{target.surface}:{target.segment or ''}"
    others = others_at(place, actor=actor_of(request, namespace), at=timezone.now())
    return render(
        request,
        "recsys/merchandise_presence.html",
        {"others": others, "target": target, "draft": draft},
    )


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    common = {**admin.site.each_context(request), "opts": None}
    return TemplateResponse(request, template, {**common, **context})


def _words(text: str, *, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def _item(namespace: Namespace, item_id: str) -> Item | None:
    return Item.objects.filter(namespace=namespace, item_id=item_id).first()


def _reasons(answer: Any, item: Item | None) -> list[str]:
    """Return the reasons that the API would give for an item."""
    told = answer.canonical["items"]
    found = [each for each in told if item and each["item_id"] == item.item_id]
    return [in_plain_words(code) for code in found[0]["reasons"]] if found else []


def _drafts(namespace: Namespace, actor: Actor) -> list[ChangeSet]:
    mine = ChangeSet.objects.filter(
        namespace=namespace,
        state=ChangeSetState.DRAFT,
        contributors__contains=[actor.identity],
    )
    return list(mine.order_by("-updated_at", "-pk")[:_MOST_DRAFTS])


def _surfaces(namespace: Namespace, target: Target) -> list[str]:
    ruled = (
        Rule.objects.filter(namespace=namespace, state__in=IN_FORCE)
        .exclude(surface=EVERY_SURFACE)
        .order_by("surface")
        .values_list("surface", flat=True)
        .distinct()[:_MOST_SURFACES]
    )
    return list(dict.fromkeys([*surfaces_of(namespace), *ruled, target.surface]))


def _segments(namespace: Namespace, target: Target) -> list[str]:
    rows = Segment.objects.filter(namespace=namespace, active=True)
    known = rows.order_by("segment_id").values_list("segment_id", flat=True)
    more = [target.segment] if target.segment else []
    return list(dict.fromkeys([*known[:500], *more]))
