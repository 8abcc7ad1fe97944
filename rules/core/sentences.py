"""A rule as one sentence, as a merchandiser would say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .condition_words import in_words
from .rule import EVERY_SURFACE, Action, Rule, Target, TargetType
from .window_words import windows_in_words

_MOST_NAMED = 3

type Titles = Mapping[str, str]
"""Item id to title, of the items that have one."""

_NO_TITLES: Titles = {}


def sentence(rule: Rule, *, titles: Titles = _NO_TITLES) -> str:
    """Return the whole rule in one sentence.

    Parameters
    ----------
    rule : Rule
    titles : mapping
        Titles of the items that the rule names.

    Examples
    --------
    >>> sale = Target(type=TargetType.TAG, values=("sale",))
    >>> sentence(Rule(id="a", action=Action.BOOST, target=sale, value=0.5))
    'Everywhere, boost what is tagged sale by 50 %.'
    >>> lamp = Target(type=TargetType.ITEM, values=("lamp",))
    >>> rule = Rule(id="b", action=Action.PIN, target=lamp, surface="home",
    ...             segment="new_users", positions=(1,))
    >>> sentence(rule, titles={"lamp": "Oak lamp"})
    'On home, for new_users, pin Oak lamp (lamp) at position 1.'
    """
    parts = [scope_in_words(rule), action_in_words(rule, titles=titles)]
    parts += windows_in_words(rule.windows)
    if rule.holdout:
        parts.append(f"except for {percent(rule.holdout)} of the users to compare with")
    return ", ".join(parts) + "."


def scope_in_words(rule: Rule) -> str:
    """Return for which requests a rule is meant.

    >>> sale = Target(type=TargetType.TAG, values=("sale",))
    >>> rule = Rule(id="a", action=Action.BLOCK, target=sale, surface="home",
    ...             context={"eq": ["ctx.country", "DE"]})
    >>> scope_in_words(rule)
    'On home, when country is DE'
    """
    parts = ["Everywhere" if rule.surface == EVERY_SURFACE else f"On {rule.surface}"]
    if rule.segment is not None:
        parts.append(f"for {rule.segment}")
    if rule.context is not None:
        parts.append(f"when {in_words(rule.context)}")
    return ", ".join(parts)


def action_in_words(rule: Rule, *, titles: Titles = _NO_TITLES) -> str:
    """Return what a rule does, without scope and time.

    >>> shoes = Target(type=TargetType.CATEGORY, values=("Women > Shoes",))
    >>> action_in_words(Rule(id="a", action=Action.FILTER, target=shoes))
    'show nothing but category Women > Shoes with all below it'
    """
    what = target_in_words(rule.target, titles=titles)
    match rule.action:
        case Action.BLOCK:
            return f"block {what}"
        case Action.FILTER:
            return f"show nothing but {what}"
        case Action.PIN:
            return _pin(rule, titles=titles)
        case Action.BURY:
            return f"bury {what} by {percent(rule.value or 0)}"
        case Action.BOOST if (rule.value or 0) < 0:
            return f"weaken {what} by {percent(-(rule.value or 0))}"
        case Action.BOOST:
            return f"boost {what} by {percent(rule.value or 0)}"


def target_in_words(target: Target, *, titles: Titles = _NO_TITLES) -> str:
    """Return which items a target names; of many the first few.

    >>> target_in_words(Target(type=TargetType.ITEM, values=("a", "b", "c", "d", "e")))
    'items a, b, c and 2 more'
    """
    if target.type == TargetType.CONDITION:
        return f"items whose {in_words(target.condition or {'all': []})}"
    if target.type == TargetType.ITEM:
        named = [item_in_words(value, titles=titles) for value in target.values]
        alone = len(named) == 1
        return named[0] if alone and titles else f"{_plural('item', named)}"
    named = list(target.values)
    if target.type == TargetType.TAG:
        return f"what is tagged {_listed(named, last='or')}"
    if target.type == TargetType.BRAND:
        return _plural("brand", named)
    below = (
        "with all below it"
        if target.include_subcategories
        else "without those below it"
    )
    return f"{_plural('category', named)} {below}"


def item_in_words(item_id: str, *, titles: Titles = _NO_TITLES) -> str:
    """Return an item by title and id.

    >>> item_in_words("lamp", titles={"lamp": "Oak lamp"}), item_in_words("sofa")
    ('Oak lamp (lamp)', 'sofa')
    """
    title = titles.get(item_id)
    return f"{title} ({item_id})" if title else item_id


def percent(share: float) -> str:
    """Return a share as a percentage of at most four digits.

    >>> percent(0.155), percent(2.5)
    ('15.5 %', '250 %')
    """
    return f"{100 * share:.4g} %"


def _pin(rule: Rule, *, titles: Titles) -> str:
    places = [place for place in rule.positions if place is not None]
    target = rule.target
    if target.type == TargetType.ITEM:
        what = target_in_words(target, titles=titles)
    else:
        most = rule.max_pins or max(len(rule.positions), 1)
        best = "the best" if most == 1 else f"the best {most}"
        what = f"{best} of {target_in_words(target)}"
    words = f"pin {what}{_at(places)}"
    if rule.even_if_unavailable:
        words += ", even if unavailable"
    return words


def _at(places: Sequence[int]) -> str:
    if not places:
        return " on the first free place"
    if len(places) == 1:
        return f" at position {places[0]}"
    return f" at positions {_listed([str(place) for place in places], last='and')}"


def _plural(noun: str, named: Sequence[str]) -> str:
    many = {"item": "items", "brand": "brands", "category": "categories"}[noun]
    return f"{noun if len(named) == 1 else many} {_listed(named, last='and')}"


def _listed(named: Sequence[str], *, last: str) -> str:
    if len(named) > _MOST_NAMED + 1:
        rest = len(named) - _MOST_NAMED
        return f"{', '.join(named[:_MOST_NAMED])} {last} {rest} more"
    if len(named) <= 1:
        return "".join(named)
    return f"{', '.join(named[:-1])} {last} {named[-1]}"
