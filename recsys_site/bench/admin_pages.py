"""Every page of the admin, found by its address: nobody keeps a list by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse

from audit.models import Decision
from catalog.models import Item, Namespace, User
from ranking.models import Experiment, Profile
from rules.models import ChangeSet, Rule

# What Django's admin brings and ours does not use, and what shows nothing.
_LEFT_OUT = re.compile(
    r"_(delete|history)$|^(login|logout|jsi18n|view_on_site|autocomplete|None)$"
)
# What an address is about, where its name does not begin with its model's.
_ABOUT: dict[str, type[Model]] = {
    "audit_item_exposure": Item,
    "ranking_item_signals": Item,
    "ranking_item_standing": Item,
    "ranking_user_preview": User,
    "ranking_rule_page": Rule,
    "ranking_decision_replay": Decision,
    "ranking_decision_ask": Decision,
    "ranking_decision_compare": Decision,
    "change-set-check": ChangeSet,
    "profile-check": Profile,
    "experiment-report": Experiment,
}
_WORDS = {"name": "min_long_tail_share", "form": "html", "app_label": "rules"}
_NEWEST = ("answered_at", "updated_at", "created_at", "at", "ts")
# They say where somebody came from or looks as whom, and narrow nothing.
_NO_FILTERS = {"ns", "csrfmiddlewaretoken"}


@dataclass(frozen=True, kw_only=True)
class Page:
    """One address of the admin."""

    name: str
    path: str
    query: str = ""
    sent: Mapping[str, str] | None = None
    """What a form says, for parts of pages that are asked for by POST."""

    @property
    def address(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


def pages_of(namespace: Namespace) -> Iterator[Page]:
    """Yield each address that a row can be found for, in the words of the URL table."""
    for pattern in _patterns(admin.site.urls[0]):
        name = str(pattern.name)
        if _LEFT_OUT.search(name):
            continue
        arguments = _arguments(pattern, name, namespace)
        if arguments is None:
            continue
        try:
            path = reverse(f"admin:{name}", kwargs=arguments)
        except NoReverseMatch:
            continue
        yield Page(name=name, path=path)


def branches_of(page: Page, html: str) -> list[Page]:
    """Return the pages that a page's own links and choices narrow it to."""
    if page.sent is not None:
        return []
    reader = _Choices(page.path)
    reader.feed(html)
    return [replace(page, query=query) for query in dict.fromkeys(reader.queries)]


def _patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for each in found:
        if isinstance(each, URLResolver):
            yield from _patterns(each.url_patterns)
        else:
            yield each


def _arguments(
    pattern: URLPattern, name: str, namespace: Namespace
) -> dict[str, object] | None:
    """Return an example for each part of an address; None when there is no row."""
    wanted = list(pattern.pattern.regex.groupindex)
    arguments: dict[str, object] = {
        part: _WORDS[part] for part in wanted if part in _WORDS
    }
    rest = [part for part in wanted if part not in arguments]
    if not rest:
        return arguments
    model = _ABOUT.get(name) or _model_of(name)
    row = None if model is None else newest(model, namespace)
    return None if row is None else arguments | dict.fromkeys(rest[:1], row.pk)


def _model_of(name: str) -> type[Model] | None:
    app, _, rest = name.partition("_")
    for beginning in (rest.split("_")[0], rest.rpartition("_")[0]):
        try:
            return apps.get_model(app, beginning)
        except (LookupError, ValueError):
            continue
    return None


def newest(model: type[Model], namespace: Namespace) -> Model | None:
    """Return the newest row of a namespace, or of a table that all of them share."""
    rows = model._default_manager.all()
    for owner, value in (("namespace", namespace), ("org", namespace.org)):
        if _has(model, owner):
            rows = rows.filter(**{owner: value})
            break
    orders = [name for name in _NEWEST if _has(model, name)][:1]
    return rows.order_by(*(f"-{name}" for name in orders), "-pk").first()


def _has(model: type[Model], field: str) -> bool:
    try:
        model._meta.get_field(field)
    except FieldDoesNotExist:
        return False
    return True


class _Choices(HTMLParser):
    """Reads a page's links to itself, and the choices of its forms that ask."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.queries: list[str] = []
        self._path = path
        self._is_asking = False
        self._chosen = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._add_link(found.get("href", ""))
        elif tag == "form":
            self._is_asking = found.get("method", "get").lower() == "get" and (
                found.get("action", "") in ("", self._path)
            )
        elif tag == "select":
            self._chosen = found.get("name", "") if self._is_asking else ""
        elif tag == "option" and self._chosen and found.get("value"):
            self.queries.append(urlencode({self._chosen: found["value"]}))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_asking = False
        elif tag == "select":
            self._chosen = ""

    def _add_link(self, href: str) -> None:
        path, _, query = href.partition("#")[0].partition("?")
        asked = [pair for pair in parse_qsl(query) if pair[0] not in _NO_FILTERS]
        if path in ("", self._path) and asked:
            self.queries.append(urlencode(asked))
