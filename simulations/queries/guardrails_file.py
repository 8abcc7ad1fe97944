"""guardrails.yml: what it says now, read strictly, with the line of each value."""

from __future__ import annotations

import functools
from pathlib import Path

import yaml
from django.conf import settings

from simulations.core.guardrails import Fault, Guardrails, GuardrailsError
from simulations.core.reading import Node, read_guardrails


def guardrails() -> Guardrails:
    """Return what the installation's file says; without a file there are no limits.

    Raises
    ------
    GuardrailsError
        If it cannot be obeyed.
    """
    path = Path(settings.GUARDRAILS_FILE)
    try:
        changed_ns = path.stat().st_mtime_ns
    except FileNotFoundError:
        return Guardrails()
    return _read(path, changed_ns)


@functools.lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int) -> Guardrails:
    del changed_ns  # read again when it changes
    return guardrails_in(path.read_text(encoding="utf-8"), path=path.name)


def guardrails_in(text: str, *, path: str) -> Guardrails:
    """Return what a file's text says; see :func:`guardrails`."""
    try:
        document = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        fault = Fault(mark.line + 1 if mark else 1, f"This is no YAML: {problem}.")
        raise GuardrailsError(path, [fault]) from error
    faults: list[Fault] = []
    root = Node(1, {}) if document is None else _node(document, faults)
    if faults:
        raise GuardrailsError(path, faults)
    return read_guardrails(root, path=path)


def _node(node: yaml.Node, faults: list[Fault]) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Node(line, _entries(node, faults))
    if isinstance(node, yaml.SequenceNode):
        return Node(line, [_node(each, faults).value for each in node.value])
    return Node(line, _scalar(node))


def _entries(node: yaml.MappingNode, faults: list[Fault]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for key_node, value_node in node.value:
        key, line = str(_scalar(key_node)), key_node.start_mark.line + 1
        if key in found:
            faults.append(Fault(line, f"“{key}” stands here twice."))
        # Where the key stands is what an editor is sent to.
        found[key] = Node(line, _node(value_node, faults).value)
    return found


def _scalar(node: yaml.Node) -> object:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()
