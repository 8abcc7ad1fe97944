"""What a replay showed, in sentences for people who read no scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.admin.page import Chip
from ranking.core.difference import Change, Difference
from ranking.core.pipeline import ENGINE_VERSION
from ranking.serve import Replay

from .replay_asked import Asked

TITLES = {
    "then": "Replayed as it was",
    "now": "Replayed now",
    "rules_off": "Replayed with rules off",
    "without": "Replayed without a rule",
    "profile": "Replayed with another profile",
}
_SUBJECTS = {
    "then": "What was kept gives",
    "now": "Now the same visitor, with the history of then, would see",
    "rules_off": "Without any rule or override the answer of then would have",
    "without": "Without what was chosen the answer of then would have",
    "profile": "With {profile} the answer of then would have",
}
_SAME = Chip(words="same digest", icon="check", kind="good")
_OTHERWISE = Chip(words="otherwise", icon="info", kind="info")
_ANOTHER_ENGINE = Chip(words="another engine", icon="warning", kind="warn")
_NOT_THE_SAME = Chip(words="not the same", icon="warning", kind="bad")


@dataclass(frozen=True, kw_only=True)
class Told:
    """The verdict over a replay."""

    title: str
    chip: Chip
    sentence: str


def tell(found: Replay, asked: Asked) -> Told:
    """Say in a sentence what a replay came to."""
    changes = found.differences
    return Told(
        title=TITLES[asked.way],
        chip=_chip(found, asked, is_otherwise=bool(changes)),
        sentence=_sentence(found, asked, changes),
    )


def _chip(found: Replay, asked: Asked, *, is_otherwise: bool) -> Chip:
    if found.is_identical:
        return _SAME
    if not found.same_engine:
        return _ANOTHER_ENGINE
    return _NOT_THE_SAME if asked.way == "then" else _OTHERWISE


def _sentence(found: Replay, asked: Asked, changes: Sequence[Difference]) -> str:
    if found.is_identical and asked.way == "then":
        return "What was kept gives the same answer again, to the byte."
    profile = asked.profile
    named = f"{profile.name}, version {profile.version}," if profile else ""
    subject = _SUBJECTS[asked.way].format(profile=named)
    if not changes:
        what = "the same items in the same order, with the same scores"
        return f"{subject} {what}.{_engine(found)}"
    return f"{subject} {in_words(changes, found=found)}.{_engine(found)}"


def in_words(changes: Sequence[Difference], *, found: Replay) -> str:
    """Count the differences: "3 of 20 places otherwise: 1 item comes in, …"."""
    of_kind = dict.fromkeys(Change, 0)
    for each in changes:
        of_kind[each.change] += 1
    places = sum(each.after is not None for each in changes)
    moved = places - of_kind[Change.SCORED]
    length = max(len(found.canonical["items"]), len(found.then.trace.items.ids))
    parts = [
        _counted(of_kind[Change.ENTERED], "comes in", "come in"),
        _counted(of_kind[Change.LEFT], "drops out", "drop out"),
        _counted(of_kind[Change.MOVED], "moves", "move"),
    ]
    detail = ", ".join(filter(None, parts))
    if not detail:
        score = "1 of them scores" if places == 1 else f"{places} of them score"
        return f"the same items in the same order; {score} otherwise"
    return f"{max(moved, of_kind[Change.LEFT])} of {length} places otherwise: {detail}"


def _counted(count: int, one: str, many: str) -> str:
    if not count:
        return ""
    return f"1 item {one}" if count == 1 else f"{count} items {many}"


def _engine(found: Replay) -> str:
    if found.same_engine:
        return ""
    then = found.then.decision.engine_version
    return (
        f" The engine has changed since: version {then} answered then, version"
        f" {ENGINE_VERSION} now. So the two are compared, and never called identical."
    )
