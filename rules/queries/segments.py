"""The segments that anybody is in, of those that rules are for."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils.module_loading import import_string

from audit.models import Decision
from catalog.models import Namespace
from rules.core.content import Content

_NEWEST_ANSWERS = 500


def known_segments(namespace: Namespace, contents: Iterable[Content]) -> frozenset[str]:
    """Return the case-folded names of segments in use; none when no rule asks for any.

    A segment may be a user's trait alone, which only answers tell of.
    """
    if not any(each.rule.segment for each in contents):
        return frozenset()
    # Segments are ranking's, which rules may not import.
    named: Iterable[str] = import_string(settings.SEGMENTS_IN_USE)(namespace)
    newest = Decision.objects.filter(namespace=namespace).order_by("-decision_id")
    answered = newest.values_list("segment", flat=True)[:_NEWEST_ANSWERS]
    return frozenset(name.casefold() for name in (*named, *answered) if name)
