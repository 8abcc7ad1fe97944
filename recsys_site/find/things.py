"""Things of a namespace by name or id, a handful of each kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from audit.models import Decision
from audit.queries import get_decision
from catalog.admin.item_reads import with_title
from catalog.admin.lists import within
from catalog.models import Item, Namespace, User
from catalog.permissions import Staff, namespaces_of
from ranking.models import Profile, Segment
from recsys_site.navigation import MENU, Place
from rules.models import Rule, RuleState
from rules.queries.standing import state_at

_EACH = 6
_PATIENCE_MS = 150


@dataclass(frozen=True, kw_only=True)
class Found:
    title: str
    url: str
    note: str = ""
    item: Item | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    title: str
    icon: str
    found: Sequence[Found]


def find(words: str, *, namespace: Namespace | None, staff: Staff) -> Sequence[Group]:
    """Return what matches, grouped by kind; kinds without a match are left out."""
    groups = [
        Group(title="Pages", icon="grid", found=list(_places(words))),
        Group(title="Namespaces", icon="globe", found=_namespaces(words, staff)),
    ]
    if namespace is not None:
        groups = [
            Group(title="Items", icon="catalog", found=_items(words, namespace)),
            Group(title="Rules", icon="rules", found=_rules(words, namespace)),
            Group(title="Users", icon="user", found=_users(words, namespace)),
            Group(title="Traces", icon="trace", found=_traces(words, namespace)),
            Group(title="Profiles", icon="tuning", found=_profiles(words, namespace)),
            Group(title="Segments", icon="segment", found=_segments(words, namespace)),
            *groups,
        ]
    return [group for group in groups if group.found]


def _items(words: str, namespace: Namespace) -> list[Found]:
    rows = Item.objects.filter(namespace=namespace, listed=True)
    by_id = list(rows.filter(item_id__startswith=words).order_by("item_id")[:_EACH])
    others = rows.exclude(pk__in=[item.pk for item in by_id])
    titled = with_title(others, words)[: _EACH - len(by_id)]
    by_title = within(_PATIENCE_MS, lambda: list(titled)) or []
    return [
        Found(
            title=item.title or item.item_id,
            url=reverse("admin:catalog_item_change", args=[item.pk]),
            note=item.item_id,
            item=item,
        )
        for item in [*by_id, *by_title]
    ]


def _rules(words: str, namespace: Namespace) -> list[Found]:
    """Return rules by name, and the one of this id, as traces name it."""
    named = Q(name__icontains=words, is_override=False)
    with suppress(ValueError):
        named |= Q(pk=UUID(words))
    rows = Rule.objects.filter(named, namespace=namespace)
    at = timezone.now()
    return [
        Found(
            title=rule.name,
            url=reverse("admin:rules_rule_change", args=[rule.pk]),
            note=RuleState(state_at(rule, at)).label.lower(),
        )
        for rule in rows.order_by("-updated_at", "pk")[:_EACH]
    ]


def _users(words: str, namespace: Namespace) -> list[Found]:
    rows = User.objects.filter(namespace=namespace, user_id__startswith=words)
    return [
        Found(
            title=user.user_id, url=reverse("admin:catalog_user_change", args=[user.pk])
        )
        for user in rows.order_by("user_id")[:_EACH]
    ]


def _traces(words: str, namespace: Namespace) -> list[Found]:
    """Return the decision of this id, or those of this request id."""
    try:
        decision = get_decision(UUID(words))
    except ValueError:
        decision = None
    rows = Decision.objects.filter(namespace=namespace, request_id=words).defer("trace")
    found = [decision] if decision else list(rows.order_by("-decision_id")[:_EACH])
    return [
        Found(
            title=f"{each.surface or each.route}, {len(each.items)} items",
            url=reverse("admin:audit_decision_change", args=[each.decision_id]),
            note=str(each.decision_id),
        )
        for each in found
        if each.namespace_id == namespace.pk
    ]


def _profiles(words: str, namespace: Namespace) -> list[Found]:
    rows = Profile.objects.filter(namespace=namespace, name__icontains=words)
    return [
        Found(
            title=each.name, url=reverse("admin:ranking_profile_change", args=[each.pk])
        )
        for each in rows.order_by("name")[:_EACH]
    ]


def _segments(words: str, namespace: Namespace) -> list[Found]:
    named = Q(segment_id__icontains=words) | Q(name__icontains=words)
    rows = Segment.objects.filter(named, namespace=namespace)
    return [
        Found(
            title=str(each),
            url=reverse("admin:ranking_segment_change", args=[each.pk]),
            note=each.segment_id,
        )
        for each in rows.order_by("segment_id")[:_EACH]
    ]


def _namespaces(words: str, staff: Staff) -> list[Found]:
    rows = namespaces_of(staff).filter(
        Q(name__icontains=words) | Q(title__icontains=words)
    )
    return [
        Found(
            title=namespace.name,
            url=f"{reverse('admin:index')}?ns={namespace.pk}",
            note=namespace.title,
        )
        for namespace in rows[:_EACH]
    ]


def _places(words: str, places: Sequence[Place] = MENU) -> Iterator[Found]:
    for place in places:
        if not place.children and words.casefold() in place.title.casefold():
            try:
                yield Found(title=place.title, url=reverse(place.url_name))
            except NoReverseMatch:
                continue
        yield from _places(words, place.children)
