"""Fragments of a trace's page: the answer given again, an item asked about, another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_GET

from audit.admin.trace_page import told_by_trace
from audit.models import Decision
from audit.queries import get_decision, open_trace_of
from catalog.admin.page import namespace_of
from catalog.core.moments import microseconds
from catalog.models import Item, Namespace
from catalog.permissions import require
from ranking.core.knobs import KnobError
from ranking.core.layers import UnknownProfileError
from ranking.queries.decided import GoneError
from ranking.serve import NothingToServeError, Replay, Variation, replay

from .replay_asked import Asked, read_asked, versions_of
from .replay_asking import answered
from .replay_compare import compared
from .replay_sides import side_by_side, stored
from .replay_words import tell

_MOST_TEXT = 256

type View = Callable[..., HttpResponse]


def replay_urls(site: admin.AdminSite) -> list[URLPattern]:
    return [
        path(
            f"decision/<uuid:key>/{route}/",
            site.admin_view(require_GET(view)),
            name=f"ranking_decision_{route}",
        )
        for route, view in (("replay", again), ("ask", ask), ("compare", compare))
    ]


def again(request: HttpRequest, key: UUID) -> HttpResponse:
    """Answer with the ways to replay, and with the replay that is asked for."""
    namespace, decision = _decision(request, key)
    asked = read_asked(request.GET, namespace)
    trace = open_trace_of(decision)
    shown: dict[str, Any] = {
        "decision": decision,
        "asked": asked,
        "rules": trace.rules if trace else (),
        "versions": versions_of(namespace),
        "chosen_rules": asked.rules if asked else (),
        "chosen_profile": request.GET.get("profile", ""),
    }
    if asked is not None:
        shown |= _again(decision, asked)
    return render(request, "recsys/replay.html", shown)


def _again(decision: Decision, asked: Asked) -> dict[str, Any]:
    if asked.fault:
        return {"fault": asked.fault}
    found, fault = _replayed(decision, asked.variation)
    if found is None:
        return {"fault": fault, "is_gone": asked.way != "now"}
    changes = found.differences
    return {
        "told": tell(found, asked),
        "both": side_by_side(
            stored(found.then.trace),
            found.canonical["items"],
            changes=changes,
            namespace_id=decision.namespace_id,
        ),
    }


def ask(request: HttpRequest, key: UUID) -> HttpResponse:
    """Answer why an item is, or is not, in the answer as it is replayed."""
    namespace, decision = _decision(request, key)
    item_id = request.GET.get("ask", "").strip()[:_MOST_TEXT]
    asked = read_asked(request.GET, namespace)
    item = Item.objects.filter(namespace=namespace, item_id=item_id).first()
    variation = asked.variation if asked and not asked.fault else Variation()
    found, fault = _replayed(decision, variation)
    shown: dict[str, Any] = {"item": item, "item_id": item_id, "fault": fault}
    if found is not None:
        shown["told"] = answered(found, found.fate_of(item_id), item=item)
        shown["is_exact"] = found.is_identical
    elif item is not None:
        shown["kept"] = told_by_trace(open_trace_of(decision), item.pk)
    return render(request, "recsys/replay_ask.html", shown)


def compare(request: HttpRequest, key: UUID) -> HttpResponse:
    """Answer with what another decision of the namespace has otherwise."""
    _, decision = _decision(request, key)
    text = request.GET.get("with", "").strip()[:_MOST_TEXT]
    shown: dict[str, Any] = {"decision": decision, "text": text}
    try:
        _, other = _decision(request, UUID(text))
    except (Http404, ValueError):
        shown["fault"] = f"This namespace has no decision {text}."
        return render(request, "recsys/replay_compare.html", shown)
    shown["found"] = compared(decision, other)
    if shown["found"] is None:
        shown["fault"] = "Of one of the two only ids and digest were kept."
    return render(request, "recsys/replay_compare.html", shown)


def _decision(request: HttpRequest, key: UUID) -> tuple[Namespace, Decision]:
    namespace = namespace_of(request)
    require(request.user, "view", namespace)
    decision = get_decision(key)
    if decision is None or decision.namespace_id != namespace.pk:
        raise Http404(f"No decision {key} in this namespace.")
    return namespace, decision


def _replayed(decision: Decision, variation: Variation) -> tuple[Replay | None, str]:
    wall_us = microseconds(timezone.now())
    try:
        return replay(decision, variation=variation, wall_us=wall_us), ""
    except (GoneError, NothingToServeError) as error:
        return None, str(error)
    except (KnobError, UnknownProfileError) as error:
        return None, f"This cannot be ranked so: {error}."
