"""The rules in force that a change may be at odds with."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import Q

from catalog.models import Namespace
from rules.core.content import Content
from rules.core.reach import KnownItems, words_of_reach
from rules.core.rule import EVERY_SURFACE, Action
from rules.models import IN_FORCE, Rule

from .contents import read

_MOST = 2_000


def live_near(
    namespace: Namespace,
    changed: Sequence[Content],
    *,
    items: KnownItems,
    without: Collection[str],
) -> list[Content]:
    """Return rules in force that share a word, a page's pins or a filter with others.

    Of very many those that go first: pins and filters of a page are read up to a
    bound, so that a check stays quick in a shop of ten thousand rules.
    """
    words = {
        word for each in changed for word in words_of_reach(each.rule.target, items)
    }
    near = Q(targets__overlap=sorted(words)) | Q(action__in=_touching(changed))
    surfaces = {each.rule.surface for each in changed}
    if EVERY_SURFACE not in surfaces:
        near &= Q(surface__in=[*surfaces, EVERY_SURFACE])
    rows = (
        Rule.objects.filter(near, namespace=namespace, state__in=IN_FORCE)
        .exclude(pk__in=list(without))
        .order_by("-priority", "created_at", "pk")
        .values_list("version__content", flat=True)[:_MOST]
    )
    return [read(document) for document in rows]


def _touching(changed: Sequence[Content]) -> set[str]:
    """Return the actions that matter whatever their target is."""
    ours = {each.rule.action for each in changed}
    touching: set[str] = set()
    if ours & {Action.PIN, Action.BOOST}:
        touching.add(Action.FILTER)
    if ours & {Action.PIN, Action.FILTER, Action.BLOCK}:
        touching.add(Action.PIN)
    return touching
