"""Which rules a list's address asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import CharField, Count, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from catalog.admin.facets import Facet, facet
from catalog.admin.item_reads import with_title
from catalog.admin.lists import within
from catalog.models import Item, Namespace
from rules.core.rule import Action, TargetType
from rules.models import IN_FORCE, ChangeSetItem, ChangeSetState, Rule, RuleState
from rules.operations.actors import Actor
from rules.queries.dead_rules import dead_rules
from rules.queries.standing import in_state
from rules.queries.waiting import waiting_for_publisher

from .standing import conflicting_rules

SOON = timedelta(days=7)
_MOST_TITLES = 200
_PATIENCE_MS = 150
_SHORTEST_ID = 6
_COUNTED = (RuleState.LIVE, RuleState.SCHEDULED, RuleState.PAUSED)
_UNFINISHED = (RuleState.DRAFT, RuleState.IN_REVIEW, RuleState.APPROVED)


@dataclass(frozen=True, kw_only=True)
class View:
    """A saved view: its name in the address, its title, how many rules it holds."""

    name: str
    title: str
    is_chosen: bool = False
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked, by whom, where and when."""

    namespace: Namespace
    actor: Actor
    at: datetime
    query: Mapping[str, str]

    @property
    def view(self) -> str:
        return self.query.get("view", "")


def narrowed(rules: QuerySet[Rule], asked: Asked) -> QuerySet[Rule]:
    """Return the rules that the address asks for; unknown values narrow nothing."""
    rules = rules.filter(_of_view(asked))
    query = asked.query
    for name in ("action", "target_type", "surface"):
        if value := query.get(name):
            rules = rules.filter(**{name: value})
    if state := query.get("state"):
        rules = rules.filter(in_state(state, asked.at))
    if not query.get("state") and asked.view != "dead":
        rules = rules.exclude(state=RuleState.RETIRED)
    if owner := query.get("owner"):
        rules = rules.filter(owner=owner)
    if words := query.get("q", "").strip():
        rules = _searched(rules, asked.namespace, words)
    return rules


def _of_view(asked: Asked) -> Q:
    known = {
        "mine": _mine(asked.actor),
        "waiting": _waiting(asked.namespace, asked.actor),
        "ending": _ending(asked.at),
    }
    if asked.view == "dead":
        return _dead(asked)
    if asked.view == "conflicts":
        return Q(pk__in=conflicting_rules(asked.namespace, at=asked.at))
    return known.get(asked.view, Q())


def _dead(asked: Asked) -> Q:
    """Return what is over, and what is in force and does nothing."""
    idle = dead_rules(asked.namespace, at=asked.at)
    return in_state(RuleState.EXPIRED, asked.at) | Q(pk__in=idle)


def _mine(actor: Actor) -> Q:
    return Q(owner=actor.name) & ~Q(state=RuleState.RETIRED)


def _waiting(namespace: Namespace, actor: Actor) -> Q:
    """Return what this person can move on: what was submitted, own drafts sent back."""
    wanted = Q(
        change_set__state=ChangeSetState.REJECTED,
        change_set__author_identity=actor.identity,
    )
    if actor.may("publish"):
        submitted = waiting_for_publisher(namespace, identity=actor.identity)
        wanted |= Q(change_set__in=submitted)
    return Q(pk__in=ChangeSetItem.objects.filter(wanted).values("rule"))


def _ending(at: datetime) -> Q:
    return Q(state__in=IN_FORCE, ends_at__gt=at, ends_at__lte=at + SOON)


def _searched(
    rules: QuerySet[Rule], namespace: Namespace, words: str
) -> QuerySet[Rule]:
    found = Q(name__icontains=words) | Q(targets_text__icontains=words)
    if rule_id := _rule_id(words):
        found |= Q(pk=rule_id)
    listed = Item.objects.filter(namespace=namespace, listed=True)
    titled = with_title(listed, words).values_list("item_id", flat=True)[:_MOST_TITLES]
    item_ids = within(_PATIENCE_MS, lambda: list(titled)) or []
    if named := [f"item:{item_id}" for item_id in item_ids]:
        found |= Q(targets__overlap=named)
    rules = rules.alias(key=Cast("pk", CharField()))
    if len(words) >= _SHORTEST_ID:
        found |= Q(key__startswith=words.lower()) | Q(key__endswith=words.lower())
    joined = Func(
        F("targets"),
        Value(" "),
        function="array_to_string",
        output_field=TextField(),
    )
    return rules.alias(targets_text=joined).filter(found)


def _rule_id(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many rules stand where."""

    views: Sequence[View]
    sentence: str


def tally(rules: QuerySet[Rule], asked: Asked) -> Tally:
    """Count the rules of each cheap view and state, in one query."""
    left = ~Q(state=RuleState.RETIRED)
    found = rules.order_by().aggregate(
        all=Count("pk", filter=left),
        mine=Count("pk", filter=_mine(asked.actor)),
        ending=Count("pk", filter=_ending(asked.at)),
        dead=Count("pk", filter=_dead(asked)),
        **{state: Count("pk", filter=in_state(state, asked.at)) for state in _COUNTED},
        drafts=Count("pk", filter=Q(state__in=_UNFINISHED)),
    )
    waiting = rules.filter(_waiting(asked.namespace, asked.actor)).count()
    titles = (
        ("", "All", found["all"]),
        ("mine", "Mine", found["mine"]),
        ("waiting", "Waiting for me", waiting),
        ("ending", "Ending this week", found["ending"]),
        ("conflicts", "Conflicts", None),
        ("dead", "Dead", found["dead"]),
    )
    return Tally(
        views=[
            View(name=name, title=title, count=count, is_chosen=name == asked.view)
            for name, title, count in titles
        ],
        sentence=_sentence(found),
    )


def _sentence(found: Mapping[str, int]) -> str:
    """Say how many rules stand where; of paused ones only when there are any."""
    paused = f" {found['paused']:,} paused," if found["paused"] else ""
    return (
        f"{found['live']:,} live, {found['scheduled']:,} scheduled,{paused}"
        f" {found['drafts']:,} not published yet."
    )


def facets(asked: Asked, *, surfaces: Sequence[str]) -> list[Facet]:
    query = asked.query
    words = {each.value: each.capitalize() for each in Action}
    targets = {each.value: each.capitalize() for each in TargetType}
    places = {each: "Every surface" if each == "*" else each for each in surfaces}
    return [
        facet("state", "State", dict(RuleState.choices), asked=query),
        facet("action", "Kind", words, asked=query),
        facet("target_type", "Target", targets, asked=query),
        facet("surface", "Surface", places, asked=query),
        facet("owner", "Owner", {}, asked=query),
    ]


def known_surfaces(rules: QuerySet[Rule]) -> list[str]:
    found = rules.order_by("surface").values_list("surface", flat=True).distinct()
    return list(found[:100])
