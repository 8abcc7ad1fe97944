"""Scenario files: read strictly, every fault with its file and line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml
from django.conf import settings

from catalog.core.nearest import hint
from simulations.core.scenarios.checking import faults_of
from simulations.core.scenarios.keys import STEP, known_keys
from simulations.core.scenarios.language import Scenario

SHIPPED = Path(__file__).resolve().parents[1] / "scenarios"
_UNKNOWN = re.compile(r"unknown field `(.+)`")


class ScenarioError(ValueError):
    """Scenario files cannot be played. Every fault has a line of its own."""


def suite(customer: str | None = None) -> list[Scenario]:
    """Return S1 to S10, how ranking must behave, and then a customer's own.

    Raises
    ------
    ScenarioError
        With every fault of every file.
    """
    folders = [SHIPPED, SHIPPED / "behaviour"]
    if customer is not None:
        folders.append(customers_folder(customer))
    return read_folders(folders)


def customers() -> list[str]:
    """Return the names of those who have scenarios of their own."""
    folders = Path(settings.FIXTURES_ROOT).glob("customers/*/scenarios")
    return sorted(each.parent.name for each in folders if any(each.glob("*.yml")))


def customers_folder(customer: str) -> Path:
    """Return where a customer's own scenarios lie."""
    return Path(settings.FIXTURES_ROOT) / "customers" / customer / "scenarios"


def read_folders(folders: Sequence[Path]) -> list[Scenario]:
    """Return the scenarios of all files, by file name; see :func:`suite`."""
    found: dict[str, tuple[Path, Scenario]] = {}
    faults: list[str] = []
    for folder in folders:
        for path in sorted(folder.glob("*.yml")):
            try:
                scenario = read_scenario(path)
            except ScenarioError as error:
                faults.append(str(error))
                continue
            first, _ = found.setdefault(scenario.id, (path, scenario))
            if first != path:
                faults.append(
                    f"{path}: $.id: {scenario.id} is the id of {first} already. Give"
                    " this scenario another one."
                )
    if faults:
        raise ScenarioError("\n".join(faults))
    return [scenario for _, scenario in found.values()]


def read_scenario(path: Path) -> Scenario:
    """Return one file's scenario; see :func:`suite`."""
    return scenario_in(path.read_text(encoding="utf-8"), path=str(path))


def scenario_in(text: str, *, path: str) -> Scenario:
    """Return what a file's text says; see :func:`suite`."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        plain = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark else 1
        raise ScenarioError(f"{path}:{line}: This is no YAML: {problem}.") from error
    try:
        scenario = msgspec.convert(plain, Scenario)
    except msgspec.ValidationError as error:
        raise ScenarioError(f"{path}:{_fault(error, root)}") from error
    told = [
        f"{path}:{_line(root, where)}: {where}: {fault}"
        for where, fault in faults_of(scenario)
    ]
    if told:
        raise ScenarioError("\n".join(told))
    return scenario


def _fault(error: msgspec.ValidationError, root: yaml.Node | None) -> str:
    """Return the line, the place and the fault, and what may have been meant."""
    fault, _, place = str(error).partition(" - at ")
    where = place.strip("`") or "$"
    unknown = _UNKNOWN.search(fault)
    if unknown is None:
        return f"{_line(root, where)}: {where}: {fault}."
    key = unknown[1]
    line = _key_line(root, where, key)
    told = f"Nobody reads the key {key}. {hint(key, known_keys(where))}"
    return f"{line}: {where}: {told}"


def _line(root: yaml.Node | None, where: str) -> int:
    """Return the line of a path, or of what of it there is."""
    node = _node(root, where)
    return 1 if node is None else node.start_mark.line + 1


def _key_line(root: yaml.Node | None, where: str, key: str) -> int:
    """Return the line in which a mapping has a key."""
    node = _node(root, where)
    if isinstance(node, yaml.MappingNode):
        for name, _ in node.value:
            if name.value == key:
                line: int = name.start_mark.line + 1
                return line
    return _line(root, where)


def _node(root: yaml.Node | None, where: str) -> yaml.Node | None:
    node = root
    for name, place in STEP.findall(where):
        found = _child(node, name, place)
        if found is None:
            break
        node = found
    return node


def _child(node: Any, name: str, place: str) -> Any:
    if isinstance(node, yaml.MappingNode) and name:
        return next((value for key, value in node.value if key.value == name), None)
    if isinstance(node, yaml.SequenceNode) and place.isdigit():
        number = int(place)
        return node.value[number] if number < len(node.value) else None
    return None
