"""The page, and the parts of it that come again with every step."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from catalog.admin.page import namespace_of
from catalog.models import Namespace
from catalog.permissions import can, require
from ranking.admin.visitors import surfaces_of
from ranking.models import Segment
from rules.admin.attempts import actor_of
from rules.admin.presence import others_at
from rules.core.rule import EVERY_SURFACE
from rules.models import IN_FORCE, ChangeSet, ChangeSetState, Rule
from rules.operations.actors import Actor
from rules.queries.live import rules_are_on

from .asked import open_draft, read_asked
from .cards import panes_of
from .looking import look
from .refusing import in_words
from .rule_cards import STEPS, rule_side
from .target import COLUMNS, SIZES, VIEWS, Target, read_target

_MOST_DRAFTS = 20
_MOST_SURFACES = 50


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
        title=target.title,
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


def _segments(namespace: Namespace, target: Target) -> list[tuple[str, str]]:
    """Return the segments to look as, each with its name."""
    rows = Segment.objects.filter(namespace=namespace, active=True)
    known = dict(rows.order_by("segment_id").values_list("segment_id", "name")[:500])
    if target.segment:
        known.setdefault(target.segment, target.segment)
    return [(segment_id, name or segment_id) for segment_id, name in known.items()]
