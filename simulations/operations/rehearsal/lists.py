"""What a proposal shows in place of its base, user by user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.models import Item
from catalog.operations.runs import RunHandle
from ranking.core.request import Blend, Request
from ranking.serve import Answer
from simulations.core.figures import figures_of
from simulations.core.pages import Page, Pair, movement
from simulations.core.simulation import Example, Lists
from simulations.operations.replaying import facts_of
from simulations.operations.shifting import (
    shifting_brands,
    shifting_categories,
    shifting_items,
)

from .filling import Obeyed
from .shop import Rehearsal

MOST_USERS = 200
K = 20
_EXAMPLES = 5
_SHOWN = 8
POPULARITY_ALONE = "popularity alone"
# Nothing but how often an item is wanted: no taste, no variety.
_POPULARITY = Request(
    blend=Blend(pop=1.0, cooc=0.0, als=0.0),
    overrides={"profile_boost": 0.0, "mmr_lambda": 1.0},
)


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The lists of a proposal and of its base."""

    base: str
    lists: Lists
    shown: tuple[tuple[str, tuple[str, ...]], ...]
    """What each user gets, of the proposal."""


def compare_lists(
    rehearsal: Rehearsal, obeyed: Obeyed, *, handle: RunHandle
) -> Compared:
    """Ask for many users, with the proposal and with its base.

    The base is the profile in force where another one is tried, else popularity alone.
    """
    chosen = _users(rehearsal)
    pairs: list[Pair] = []
    answers: list[tuple[str, Answer, Answer]] = []
    for place, user in enumerate(chosen):
        handle.check_cancelled()
        handle.progress(place / max(len(chosen), 1), "Comparing lists")
        request = Request(user_id=user, surface="home", k=K)
        before = rehearsal.ask(_as_base(request, obeyed))
        after = rehearsal.ask(request)
        pairs.append(Pair(_page(before), _page(after)))
        answers.append((user, before, after))
    world = rehearsal.served.world
    facts = facts_of(world, pairs)
    lists = Lists(
        users=len(chosen),
        movement=movement(pairs),
        before=figures_of([pair.before for pair in pairs], facts),
        after=figures_of([pair.after for pair in pairs], facts),
        items=shifting_items(rehearsal.namespace, pairs, world),
        brands=shifting_brands(pairs, facts, world),
        categories=shifting_categories(pairs, facts, world),
        examples=_examples(rehearsal, answers[:_EXAMPLES]),
    )
    return Compared(
        base=obeyed.base or POPULARITY_ALONE,
        lists=lists,
        shown=tuple((user, after.ranking.item_ids) for user, _, after in answers),
    )


def _users(rehearsal: Rehearsal) -> list[str]:
    """Return users of every segment by turns, those who came back first."""
    by_segment: dict[str | None, list[str]] = {}
    for user, segment in rehearsal.users.items():
        by_segment.setdefault(segment, []).append(user)
    ordered = [
        sorted(users, key=lambda user: (not rehearsal.relevance.get(user), user))
        for _, users in sorted(by_segment.items(), key=lambda each: each[0] or "")
    ]
    longest = max(map(len, ordered), default=0)
    turns = [users[n] for n in range(longest) for users in ordered if n < len(users)]
    return turns[:MOST_USERS]


def _as_base(request: Request, obeyed: Obeyed) -> Request:
    if obeyed.base_profile is not None:
        return Request(
            user_id=request.user_id,
            surface=request.surface,
            k=request.k,
            profile=obeyed.base_profile,
        )
    return Request(
        user_id=request.user_id,
        surface=request.surface,
        k=request.k,
        blend=_POPULARITY.blend,
        overrides=_POPULARITY.overrides,
    )


def _page(answer: Answer) -> Page:
    ranking = answer.ranking
    return Page(
        rows=ranking.pool.rows[ranking.places],
        leaks=ranking.counts["constraint_leak_count"],
        duration_ns=answer.durations_ns.get("rank", 0),
    )


def _examples(
    rehearsal: Rehearsal, answers: Sequence[tuple[str, Answer, Answer]]
) -> tuple[Example, ...]:
    ids = {
        item
        for _, before, after in answers
        for answer in (before, after)
        for item in answer.ranking.item_ids[:_SHOWN]
    }
    rows = Item.objects.filter(namespace=rehearsal.namespace, item_id__in=ids)
    titles = {key: title or key for key, title in rows.values_list("item_id", "title")}
    return tuple(
        Example(
            user=user,
            segment=rehearsal.users.get(user) or "",
            base=_titles(before, titles),
            proposed=_titles(after, titles),
            chosen=tuple(
                titles.get(item, item)
                for item in (
                    *before.ranking.item_ids[:_SHOWN],
                    *after.ranking.item_ids[:_SHOWN],
                )
                if item in rehearsal.relevance.get(user, {})
            ),
        )
        for user, before, after in answers
    )


def _titles(answer: Answer, titles: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(titles.get(item, item) for item in answer.ranking.item_ids[:_SHOWN])
