"""Judged guardrails for terminals and for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from .judging import Judged, State

PASSED, BROKEN, NOT_CHECKED = 0, 1, 2
"""Exit codes: every guardrail kept, one broken, one that nobody could check."""

_WORDS = {
    State.PASS: "kept",
    State.WARN: "watch",
    State.STOP: "BROKEN",
    State.NOT_COMPUTED: "not computed",
}


def exit_code(judged: Sequence[Judged]) -> int:
    """Return what a command ends with. Not computed is not passed.

    Examples
    --------
    >>> exit_code([])
    2
    """
    states = {each.state for each in judged}
    if State.STOP in states:
        return BROKEN
    if State.NOT_COMPUTED in states or not states:
        return NOT_CHECKED
    return PASSED


def table_of(judged: Sequence[Judged]) -> str:
    """Return a line for each guardrail."""
    width = max((len(each.name) for each in judged), default=0)
    return "\n".join(
        f"  {_WORDS[each.state]:<12}  {each.name:<{width}}  {each.sentence}"
        for each in judged
    )


def junit_of(suites: Mapping[str, Sequence[Judged]]) -> str:
    """Return JUnit XML: a suite for each namespace, a case for each guardrail.

    A broken guardrail is a failure, one that was not computed an error.
    """
    root = ET.Element("testsuites", name="guardrails")
    for namespace, judged in suites.items():
        states = [each.state for each in judged]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=namespace,
            tests=str(len(judged)),
            failures=str(states.count(State.STOP)),
            errors=str(states.count(State.NOT_COMPUTED)),
        )
        for each in judged:
            _add_case(suite, each, namespace=namespace)
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _add_case(suite: ET.Element, judged: Judged, *, namespace: str) -> None:
    case = ET.SubElement(
        suite, "testcase", classname=f"guardrails.{namespace}", name=judged.name
    )
    match judged.state:
        case State.STOP:
            ET.SubElement(case, "failure", message=judged.sentence)
        case State.NOT_COMPUTED:
            ET.SubElement(case, "error", message=judged.sentence)
        case _:
            ET.SubElement(case, "system-out").text = judged.sentence
