"""The search of a window for an item that was dropped, started and read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from audit.core.identity import answered_at
from audit.operations.drop_search import KIND, start_drop_search
from catalog.admin.page import namespace_of
from catalog.models import Item, Run
from catalog.permissions import require

from . import words
from .decision_filter import filter_of

_MOST_SHOWN = 100


def start(request: HttpRequest) -> HttpResponse:
    """Start the search that the list's conditions describe, and go to its page."""
    namespace, now = namespace_of(request), timezone.now()
    require(request.user, "edit", namespace)
    asked = request.POST.dict()
    item_id = asked.get("dropped", "").strip()
    item = Item.objects.filter(namespace=namespace, item_id=item_id).first()
    if item is None:
        messages.warning(request, f"The catalog has no item {item_id}.")
        return HttpResponseRedirect(reverse("admin:audit_decision_changelist"))
    window = filter_of(namespace, asked, at=now)
    assert window.since is not None
    assert window.until is not None
    run = start_drop_search(
        item,
        since=window.since,
        until=window.until,
        at=now,
        requested_by=request.user.get_username(),
    )
    return HttpResponseRedirect(reverse("admin:audit_drops", args=[run.pk]))


def find_run(request: HttpRequest, key: UUID) -> Run:
    """Return a search of this namespace, or 404."""
    rows = Run.objects.filter(namespace=namespace_of(request), kind=KIND)
    run = rows.filter(pk=key).first()
    if run is None:
        raise Http404(f"No search {key} in this namespace.")
    return run


def told(run: Run) -> dict[str, object]:
    """Return what the page of a search shows."""
    result = run.result
    return {
        "run": run,
        "is_done": "looked_at" in result,
        "reasons": [
            (words.drop_in_short(code).capitalize(), count, words.drop(code))
            for code, count in result.get("reasons", {}).items()
        ],
        "newest": [
            (each["id"], answered_at(UUID(each["id"])), words.drop(each["reason"]))
            for each in result.get("newest", [])[:_MOST_SHOWN]
        ],
        "since": datetime.fromisoformat(run.parameters["since"]),
        "until": datetime.fromisoformat(run.parameters["until"]),
    }
