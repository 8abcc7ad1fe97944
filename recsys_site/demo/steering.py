"""What the demo shop's merchandisers are at, on a page of its own.

The other pages stay as the engine ranks them, for whoever tries the API.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from django.contrib.auth import get_user_model

from catalog.models import Item, Namespace, Role
from catalog.tenancy import org_scope
from rules.core.content import Content
from rules.core.rule import Action, Rule, Target, TargetType, Window
from rules.models import ChangeSet
from rules.operations.actors import Actor, of_staff
from rules.operations.change_sets import Purpose, create_change_set
from rules.operations.direct import Edit, create_rule
from rules.operations.drafts import draft_new_rule
from rules.operations.review import submit

PAGE = "gifts"


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where and when everybody works."""

    namespace: Namespace
    at: datetime


def steer(namespace: Namespace, *, at: datetime) -> int:
    """Make rules for the gift page: in force, to come, to approve, unfinished.

    Return how many. The staff logins are there.
    """
    desk = _Desk(namespace, at)
    with org_scope(namespace.org_id):
        return _publish(desk) + _propose(desk) + _begin(desk)


def _publish(desk: _Desk) -> int:
    edit = Edit(
        actor=_person(desk, Role.PUBLISHER), at=desk.at, reason="The season of gifts"
    )
    first_row = _best(desk, "Gourmet") + _sold_out(desk)
    contents = [
        _content(desk, "First row of the gift page", _pin(first_row)),
        _content(desk, "New arrivals are gifts too", _boost("new_arrival", 0.4)),
        _content(desk, "Book week", _boost("books", 0.3), days=(-1, 2)),
        _content(desk, "Book week goes on", _boost("books", 0.5), days=(3, 10)),
    ]
    for content in contents:
        create_rule(desk.namespace, content, edit=edit)
    return len(contents)


def _propose(desk: _Desk) -> int:
    """Leave something that waits for a publisher."""
    change_set = _draft(
        desk,
        Purpose(
            title="Gifting, week 2",
            reason="Monday's newsletter shows these two, so the page should too",
        ),
        _content(
            desk, "Two from the newsletter", _pin(_best(desk, "Beauty")), days=(2, 9)
        ),
        _content(desk, "What earns more", _boost("high_margin", 0.3), days=(2, 9)),
    )
    submit(change_set, actor=_person(desk, Role.MERCHANDISER), at=desk.at)
    return 2


def _begin(desk: _Desk) -> int:
    """Leave something unfinished."""
    _draft(
        desk,
        Purpose(title="Sold out comes last", reason="Customers complain of such gifts"),
        _content(desk, "Bury what is sold out", _bury("backorder", 0.6)),
    )
    return 1


def _draft(desk: _Desk, purpose: Purpose, *contents: Content) -> ChangeSet:
    actor = _person(desk, Role.MERCHANDISER)
    change_set = create_change_set(desk.namespace, purpose, actor=actor, at=desk.at)
    for content in contents:
        draft_new_rule(change_set, content, actor=actor, at=desk.at)
    return change_set


def _person(desk: _Desk, role: Role) -> Actor:
    staff = get_user_model().objects.get(username=role.value)
    return of_staff(staff, desk.namespace)


def _pin(item_ids: tuple[str, ...]) -> Rule:
    target = Target(type=TargetType.ITEM, values=item_ids)
    positions = tuple(range(1, len(item_ids) + 1))
    return Rule(id="", action=Action.PIN, target=target, positions=positions)


def _boost(tag: str, value: float) -> Rule:
    return Rule(id="", action=Action.BOOST, target=_tagged(tag), value=value)


def _bury(tag: str, value: float) -> Rule:
    return Rule(id="", action=Action.BURY, target=_tagged(tag), value=value)


def _tagged(tag: str) -> Target:
    return Target(type=TargetType.TAG, values=(tag,))


def _best(desk: _Desk, category: str) -> tuple[str, ...]:
    """Return the two items of a category that there are most of."""
    items = Item.objects.filter(namespace=desk.namespace, category=category)
    return tuple(items.order_by("-stock", "item_id").values_list("item_id", flat=True))[
        :2
    ]


def _sold_out(desk: _Desk) -> tuple[str, ...]:
    """Return an item that a rule should not have named."""
    items = Item.objects.filter(namespace=desk.namespace, stock=0).order_by("item_id")
    return tuple(items.values_list("item_id", flat=True)[:1])


def _content(
    desk: _Desk, name: str, rule: Rule, *, days: tuple[int, int] | None = None
) -> Content:
    """Return a rule of the gift page, for days from and until, counted from today."""
    zone = desk.namespace.time_zone
    today = desk.at.astimezone(ZoneInfo(zone)).date()
    windows: tuple[Window, ...] = ()
    if days is not None:
        start, end = (
            datetime.combine(today + timedelta(days=day), time(9)) for day in days
        )
        windows = (Window(start=start, end=end, zone=zone),)
    rule = msgspec.structs.replace(rule, name=name, surface=PAGE, windows=windows)
    return Content(rule=rule, owner=Role.MERCHANDISER.value)
