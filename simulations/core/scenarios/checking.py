"""What a scenario says that cannot be played, before anything is played."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from catalog.core.nearest import hint

from .language import Expectation, Measure, Scenario, Step
from .measures import MEASURES, NEEDS

_WORD = re.compile(r"\$([a-z_]+)")
_PLACE = re.compile(r"@([A-Za-z0-9_]+)\[\d+\]")

type Fault = tuple[str, str]
"""Where, as a path such as ``$.steps[2].expect[0].figure``, and what."""


def faults_of(scenario: Scenario) -> Iterator[Fault]:
    """Yield what is wrong with a scenario whose shape is right."""
    pages: set[str] = set()
    changes: set[str] = set()
    for place, step in enumerate(scenario.steps):
        where = f"$.steps[{place}]"
        yield from _unknown_words(scenario, step, where=where)
        yield from _of_step(step, where=where, pages=pages, changes=changes)
        if step.recommend is not None:
            pages.add(step.recommend.name)
        for change in (step.upsert_rule, step.override):
            if change is not None:
                changes.add(change.name)


def filled(scenario: Scenario, given: Mapping[str, str]) -> Scenario:
    """Return a scenario with its words replaced by what they stand for.

    What is given and the scenario has no such word for is left alone.
    """
    known = {**scenario.given, **given}

    def fill(value: object) -> object:
        if isinstance(value, str):
            return _WORD.sub(lambda match: known.get(match[1], match[0]), value)
        if isinstance(value, list):
            return [fill(each) for each in value]
        if isinstance(value, dict):
            return {key: fill(each) for key, each in value.items()}
        return value

    document = msgspec.to_builtins(scenario)
    document["steps"] = [
        {verb: told for verb, told in step.items() if told is not None}
        for step in document["steps"]
    ]
    return msgspec.convert(fill(document), Scenario)


def _of_step(
    step: Step, *, where: str, pages: set[str], changes: set[str]
) -> Iterator[Fault]:
    if step.recommend is not None and step.recommend.users and step.recommend.user:
        yield f"{where}.recommend", "asks for user or for users, not for both."
    if step.cancel is not None and step.cancel.name not in changes:
        told = f"nothing before this step is called “{step.cancel.name}”."
        yield f"{where}.cancel.as", told
    if step.override is not None:
        yield from _place_faults(
            step.override.item, where=f"{where}.override.item", pages=pages
        )
    for number, expectation in enumerate(step.expect or ()):
        yield from _of_expectation(
            expectation, where=f"{where}.expect[{number}]", pages=pages
        )


def _of_expectation(
    expectation: Expectation, *, where: str, pages: set[str]
) -> Iterator[Fault]:
    yield from _of_measure(expectation, where=where, pages=pages)
    for name, operand in expectation.limits():
        if isinstance(operand, Measure):
            yield from _of_measure(operand, where=f"{where}.{name}", pages=pages)


def _of_measure(measure: Measure, *, where: str, pages: set[str]) -> Iterator[Fault]:
    if measure.figure not in MEASURES:
        told = hint(measure.figure, MEASURES)
        yield f"{where}.figure", f"there is no figure “{measure.figure}”. {told}"
        return
    needed = NEEDS.get(measure.figure)
    if needed is not None and getattr(measure, needed) is None:
        yield where, f"{measure.figure} must be told its {needed}."
    for name, page in (("of", measure.page), ("against", measure.against)):
        if page is not None and page not in pages:
            told = f"nothing before this step was kept as “{page}”."
            yield f"{where}.{name}", told
    if measure.item is not None:
        yield from _place_faults(measure.item, where=f"{where}.item", pages=pages)


def _place_faults(item: str, *, where: str, pages: set[str]) -> Iterator[Fault]:
    if not item.startswith("@"):
        return
    found = _PLACE.fullmatch(item)
    if found is None:
        yield where, f"“{item}” must be like @page[2]: a page and a place from 0."
    elif found[1] not in pages:
        yield where, f"nothing before this step was kept as “{found[1]}”."


def _unknown_words(scenario: Scenario, step: Step, *, where: str) -> Iterator[Fault]:
    text = msgspec.json.encode(step).decode()
    for word in sorted(set(_WORD.findall(text)) - scenario.given.keys()):
        yield where, f"“${word}” stands for nothing: say what under given."
