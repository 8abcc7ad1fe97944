"""Read guardrails strictly: what is misspelt or impossible is told with its line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from msgspec import Struct

from catalog.core.nearest import hint

from .guardrails import Customer, Fault, Guardrails, GuardrailsError, Limits
from .limits import GROUPS, GUARDRAILS, Guardrail, Limit

type Parts = Mapping[str, Node]

_OF_FILE = ("defaults", "customers")
_OF_CUSTOMER = ("namespace", "profile", "namespaces", *GROUPS)
_OF_LIMIT = ("warn", "stop")


class Node(Struct, frozen=True):
    """A value in the file and the line on which it begins."""

    line: int
    value: object
    """Text, a number, a truth value, None, a list, or a mapping of text to nodes."""


def read_guardrails(root: Node, *, path: str) -> Guardrails:
    """Return what a file says.

    Raises
    ------
    GuardrailsError
        With every fault: unknown keys, wrong types, impossible values.
    """
    reader = _Reader()
    guardrails = reader.guardrails(root)
    if reader.faults:
        raise GuardrailsError(path, reader.faults)
    return guardrails


class _Reader:
    """Reads on after a fault, so that all are told at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def guardrails(self, root: Node) -> Guardrails:
        parts = self._map(root, "the file", known=_OF_FILE)
        defaults = self._map(parts.get("defaults"), "defaults", known=GROUPS)
        entries = self._map(parts.get("customers"), "customers")
        customers = {name: self._customer(name, node) for name, node in entries.items()}
        self._refuse_shared(customers, entries)
        return Guardrails(
            defaults=self._limits(defaults, "defaults"), customers=customers
        )

    def _customer(self, name: str, node: Node) -> Customer:
        where = f"customers.{name}"
        parts = self._map(node, where, known=_OF_CUSTOMER)
        if "namespace" not in parts:
            self._fault(node.line, f"{where} must name its namespace.")
        others = self._map(parts.get("namespaces"), f"{where}.namespaces")
        return Customer(
            name=name,
            namespace=self._text(parts.get("namespace"), f"{where}.namespace") or name,
            profile=self._text(parts.get("profile"), f"{where}.profile"),
            limits=self._limits(parts, where),
            namespaces={
                key: self._of_namespace(each, f"{where}.namespaces.{key}")
                for key, each in others.items()
            },
        )

    def _of_namespace(self, node: Node, where: str) -> Limits:
        return self._limits(self._map(node, where, known=GROUPS), where)

    def _limits(self, parts: Parts, where: str) -> Limits:
        return {
            name: limit
            for group in GROUPS
            for name, node in self._group(parts.get(group), f"{where}.{group}", group)
            if (limit := self._limit(node, GUARDRAILS[name], where)) is not None
        }

    def _group(
        self, node: Node | None, where: str, group: str
    ) -> list[tuple[str, Node]]:
        known = [name for name, each in GUARDRAILS.items() if each.group == group]
        found = self._map(node, where, known=known, elsewhere=GUARDRAILS)
        return list(found.items())

    def _limit(self, node: Node, guardrail: Guardrail, where: str) -> Limit | None:
        source = f"{where}, line {node.line}"
        if not isinstance(node.value, Mapping):
            stop = self._number(node, guardrail, guardrail.name)
            return None if stop is None else Limit(stop=stop, source=source)
        parts = self._map(node, guardrail.name, known=_OF_LIMIT)
        told = {
            key: self._number(each, guardrail, f"{guardrail.name}.{key}")
            for key, each in parts.items()
        }
        warn, stop = told.get("warn"), told.get("stop")
        if not parts:
            self._fault(node.line, f"{guardrail.name} sets neither warn nor stop.")
        if warn is not None and stop is not None and guardrail.is_broken(warn, stop):
            side = "above" if guardrail.is_floor else "below"
            self._fault(
                node.line,
                f"{guardrail.name} would warn at {warn:g} after it stopped at {stop:g}:"
                f" warn must not lie beyond stop, so {side} it or at it.",
            )
        return Limit(warn=warn, stop=stop, source=source)

    def _number(self, node: Node, guardrail: Guardrail, where: str) -> float | None:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._fault(node.line, f"{where} must be a number, not {_shown(value)}.")
            return None
        fault = guardrail.fault_of(value)
        if fault:
            self._fault(node.line, f"{where} {fault}.")
            return None
        return float(value)

    def _text(self, node: Node | None, where: str) -> str | None:
        if node is None:
            return None
        if isinstance(node.value, str) and node.value.strip():
            return node.value
        self._fault(node.line, f"{where} must be a name, not {_shown(node.value)}.")
        return None

    def _map(
        self,
        node: Node | None,
        where: str,
        *,
        known: Collection[str] | None = None,
        elsewhere: Mapping[str, Guardrail] | None = None,
    ) -> dict[str, Node]:
        """Return the entries of a mapping whose keys are known."""
        if node is None or node.value is None:
            return {}
        if not isinstance(node.value, Mapping):
            self._fault(node.line, f"{where} must hold keys, not {_shown(node.value)}.")
            return {}
        found: dict[str, Node] = dict(node.value)
        for key in [key for key in found if known is not None and key not in known]:
            unknown = found.pop(key)
            hint = _hint(key, known or (), elsewhere or {})
            self._fault(unknown.line, f"{where} has no key “{key}”. {hint}")
        return found

    def _refuse_shared(self, customers: Mapping[str, Customer], entries: Parts) -> None:
        owner: dict[str, str] = {}
        for name, customer in customers.items():
            for namespace in {customer.namespace, *customer.namespaces}:
                first = owner.setdefault(namespace, name)
                if first != name:
                    self._fault(
                        entries[name].line,
                        f"customers.{name} and customers.{first} both set limits for"
                        f" namespace “{namespace}”.",
                    )

    def _fault(self, line: int, message: str) -> None:
        self.faults.append(Fault(line, message))


def _hint(key: str, known: Collection[str], elsewhere: Mapping[str, Guardrail]) -> str:
    if key in elsewhere:
        return f"It belongs under {elsewhere[key].group}."
    near = get_close_matches(key, [*known, *elsewhere], n=1)
    return hint(key, near or known)


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return "keys"
    return "nothing" if value is None else repr(value)
