"""Saving, checking and submitting what was done on the page."""

from __future__ import annotations

import json

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from catalog.admin.page import namespace_of
from catalog.core.faults import refuse
from catalog.permissions import require
from ranking.operations.page_drafts import OvertakenDraftError, save_page, stamp_of
from rules.core.content import Content
from rules.core.findings import CONFLICTS
from rules.core.sentences import sentence
from rules.models import ChangeSet
from rules.operations.change_sets import Purpose, items_of
from rules.operations.checks import quick_findings
from rules.operations.gates import needs_review
from rules.operations.review import submit as submit_change_set
from rules.queries.contents import read
from rules.queries.items import titles

from .asked import Asked, read_asked
from .refusing import in_words

_OVERTAKEN = 409
_NO_CONTENT = 204


@in_words
def save(request: HttpRequest) -> HttpResponse:
    """Put the edits into the draft, or into a new one."""
    require(request.user, "edit", namespace_of(request))
    asked = read_asked(request)
    try:
        with transaction.atomic():
            draft = _saved(request, asked)
    except OvertakenDraftError:
        return _overtaken(request, asked)
    return _told("merchandise:saved", draft, words=f"Saved in “{draft.title}”.")


@in_words
def check(request: HttpRequest) -> HttpResponse:
    """Say what is to be said of the draft with the edits, before it is submitted."""
    namespace = namespace_of(request)
    require(request.user, "view", namespace)
    asked = read_asked(request)
    changes = asked.changes
    findings = quick_findings(namespace, changes, at=asked.now)
    return render(
        request,
        "recsys/merchandise_check.html",
        {
            "asked": asked,
            "count": len(changes),
            "conflicts": [each for each in findings if each.kind in CONFLICTS],
            "others": [each for each in findings if each.kind not in CONFLICTS],
            "needs_review": needs_review(namespace),
            "full_check_url": _full_check(asked),
            "title": _title(asked),
            "may_edit": asked.actor.may("edit"),
            "may_publish": asked.actor.may("publish"),
        },
    )


@in_words
def submit(request: HttpRequest) -> HttpResponse:
    """Save what is not saved yet, and ask for approval: both or nothing."""
    require(request.user, "edit", namespace_of(request))
    asked = read_asked(request)
    try:
        with transaction.atomic():
            draft = _saved(request, asked) if asked.edited else asked.draft
            if draft is None:
                raise refuse("empty_change_set", "Nothing was changed yet.")
            submit_change_set(draft, actor=asked.actor, at=asked.now)
    except OvertakenDraftError:
        return _overtaken(request, asked)
    return _told(
        "merchandise:submitted",
        draft,
        words=f"“{draft.title}” waits for approval.",
        url=_change_set_url(draft),
    )


def _saved(request: HttpRequest, asked: Asked) -> ChangeSet:
    is_apart = request.POST.get("keep") == "apart"
    purpose = Purpose(
        title=request.POST.get("title", "").strip() or _title(asked),
        reason=request.POST.get("reason", ""),
    )
    into = purpose if asked.draft is None or is_apart else asked.draft
    return save_page(
        asked.namespace,
        asked.edited,
        into=into,
        seen=asked.seen,
        actor=asked.actor,
        at=asked.now,
    )


def _overtaken(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show what was saved meanwhile beside what would be saved now."""
    assert asked.draft is not None
    theirs = [read(item.content) for item in items_of(asked.draft)]
    mine = [line.content for line in asked.edited]
    return render(
        request,
        "recsys/merchandise_overtaken.html",
        {
            "draft": asked.draft,
            "theirs": _sentences(asked, theirs),
            "mine": _sentences(asked, mine),
            "seen": stamp_of(asked.draft),
            "title": f"{asked.draft.title}, mine",
        },
        status=_OVERTAKEN,
    )


def _sentences(asked: Asked, contents: list[Content]) -> list[str]:
    named = titles(asked.namespace, contents)
    return [sentence(each.rule, titles=named) for each in contents]


def _title(asked: Asked) -> str:
    what = asked.edits_in_words or "changes"
    return f"{asked.target.surface.capitalize()}: {what}"[:200]


def _full_check(asked: Asked) -> str:
    """Return where the check with a forecast is, once there is one of this draft."""
    if asked.draft is None or asked.edited:
        return ""
    try:
        url = reverse("admin:change-set-check", args=[asked.draft.pk])
    except NoReverseMatch:  # It comes with an app that this site does not show.
        return ""
    return f"{url}?without=findings"


def _change_set_url(draft: ChangeSet) -> str:
    try:
        return reverse("admin:rules_changeset_change", args=[draft.pk])
    except NoReverseMatch:
        return ""


def _told(event: str, draft: ChangeSet, *, words: str, url: str = "") -> HttpResponse:
    answer = HttpResponse(status=_NO_CONTENT)
    said = {
        "draft": str(draft.pk),
        "title": draft.title,
        "seen": stamp_of(draft),
        "words": words,
        "url": url,
    }
    answer["HX-Trigger"] = json.dumps({event: said})
    return answer
