"""Fragments with a rule's page: of one that is being written, and of a stored one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import uuid_utils
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from catalog.admin.page import namespace_of
from catalog.core.preview_as import PreviewAs, read_preview
from catalog.permissions import require
from ranking.core.knobs import KnobError
from ranking.serve import NothingToServeError
from rules.admin.rule_form import fields_sent, read
from rules.models import Rule
from rules.queries.contents import content_of
from rules.queries.live import rules_are_on

from .ruled_pages import RuledPage, ruled_page

_UNNAMED = "New rule"


def written_rule(request: HttpRequest) -> HttpResponse:
    """Answer with the page's first positions as the form's rule would have them."""
    namespace = namespace_of(request)
    require(request.user, "view", namespace)
    sent = request.POST.copy()
    # What it is called does nothing to the page.
    sent["name"] = sent.get("name", "").strip() or _UNNAMED
    content = read(fields_sent(sent)).content
    shown: dict[str, Any] = {"content": content}
    if content is not None:
        shown |= _ranked(
            lambda: ruled_page(
                namespace,
                content,
                rule_id=_rule_id(request.POST.get("rule_id", "")),
                asked=PreviewAs(),
                now=timezone.now(),
                is_stored=False,
            )
        )
    return render(request, "recsys/rule_written.html", shown)


def stored_rule(request: HttpRequest, key: UUID) -> HttpResponse:
    """Answer with the first positions of a page with a rule, beside those without."""
    namespace = namespace_of(request)
    require(request.user, "view", namespace)
    rules = Rule.objects.filter(namespace=namespace, pk=key)
    rule = rules.select_related("version").first()
    if rule is None:
        raise Http404
    content = msgspec.structs.replace(content_of(rule), enabled=True)
    shown = _ranked(
        lambda: ruled_page(
            namespace,
            content,
            rule_id=rule.pk,
            asked=read_preview(request.GET.dict()),
            now=timezone.now(),
            is_stored=True,
        )
    )
    shown |= {
        "content": content,
        "is_stored": True,
        "rules_are_off": not rules_are_on(namespace),
    }
    return render(request, "recsys/rule_written.html", shown)


def _ranked(look: Callable[[], RuledPage]) -> dict[str, Any]:
    try:
        return {"page": look()}
    except (NothingToServeError, KnobError) as error:
        return {"fault": str(error)}


def _rule_id(sent: str) -> UUID:
    """Return the rule that is rewritten, or an id for one that is not there yet."""
    try:
        return UUID(sent)
    except ValueError:
        return UUID(bytes=uuid_utils.uuid7().bytes)
