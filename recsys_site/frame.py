"""What surrounds every admin page: the menu, the namespaces to go to, who is here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from catalog.models import Namespace
from catalog.permissions import can, name_of, role_of
from rules.queries.waiting import approvals_waiting

from .navigation import MENU, Place


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A place as the menu of one request shows it."""

    title: str
    icon: str
    url: str
    is_current: bool
    is_exact: bool
    children: tuple[Entry, ...]
    count: int = 0
    """What waits there for this person."""


@dataclass(frozen=True, kw_only=True)
class OrgNamespaces:
    title: str
    namespaces: Sequence[Namespace]


@dataclass(frozen=True, kw_only=True)
class Frame:
    menu: Sequence[Entry]
    orgs: Sequence[OrgNamespaces]
    switch_url: str
    name: str
    role: str


def build_frame(request: HttpRequest) -> Frame:
    namespaces: Sequence[Namespace] = getattr(request, "namespaces", ())
    role = role_of(request.user, getattr(request, "namespace", None))
    waiting = _waiting(request)
    return Frame(
        menu=[
            replace(entry, count=waiting.get(entry.url, 0))
            for entry in _entries(MENU, url_name=_url_name(request), path=request.path)
        ],
        orgs=[
            OrgNamespaces(title=str(org), namespaces=list(group))
            for org, group in groupby(namespaces, key=lambda each: each.org)
        ],
        switch_url=_switch_url(request),
        name=name_of(request.user),
        role=role.label if role else "No role here",
    )


def _waiting(request: HttpRequest) -> Mapping[str, int]:
    """Return how much waits for this person, by the address of its list."""
    namespace = getattr(request, "namespace", None)
    if namespace is None or not can(request.user, "publish", namespace):
        return {}
    identity = f"staff:{request.user.pk}"
    count = approvals_waiting(namespace, identity=identity)
    return {reverse("admin:rules_changeset_changelist"): count}


def _entries(places: Sequence[Place], *, url_name: str, path: str) -> Iterator[Entry]:
    for place in places:
        url = _address(place)
        if url is None:
            continue
        yield Entry(
            title=place.title,
            icon=place.icon,
            url=url,
            is_current=any(_holds(prefix, url_name) for prefix in place.holds),
            is_exact=path == url,
            children=tuple(_entries(place.children, url_name=url_name, path=path)),
        )


def _holds(prefix: str, url_name: str) -> bool:
    return url_name == prefix or url_name.startswith(f"{prefix}_")


def _address(place: Place) -> str | None:
    try:
        return reverse(place.url_name)
    except NoReverseMatch:  # The page comes with an app that this site does not show.
        return None


def _url_name(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.url_name or "") if match else ""


def _switch_url(request: HttpRequest) -> str:
    """Stay on a list, which every namespace has; leave what belongs to one."""
    is_list = _url_name(request).endswith("_changelist")
    return request.path if is_list else reverse("admin:index")
