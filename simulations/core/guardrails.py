"""The guardrails of an installation: limits by default, by customer, by namespace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from .limits import Limit

type Limits = Mapping[str, Limit]
"""By the guardrail's name."""


class Customer(Struct, frozen=True, kw_only=True):
    """What one customer's entry says."""

    name: str
    namespace: str
    limits: Limits = {}
    profile: str | None = None
    """Name of the profile that its simulations use."""

    namespaces: Mapping[str, Limits] = {}
    """Limits of further namespaces; what they leave out the entry says."""


class Guardrails(Struct, frozen=True, kw_only=True):
    """All that the file says."""

    defaults: Limits = {}
    customers: Mapping[str, Customer] = {}

    def customer_of(self, namespace: str) -> Customer | None:
        """Return the entry that names a namespace, None when none does."""
        for customer in self.customers.values():
            if namespace == customer.namespace or namespace in customer.namespaces:
                return customer
        return None

    def of(self, namespace: str, *, customer: str | None = None) -> dict[str, Limit]:
        """Return the limits that hold in a namespace.

        The defaults, over them those of the customer's entry, over them those that the
        entry has for a namespace other than its own.

        Parameters
        ----------
        namespace : str
        customer : str, optional
            Whose entry; the one that names the namespace when absent. An unknown one
            has the defaults.

        Examples
        --------
        >>> strict = Customer(
        ...     name="tea", namespace="tea", limits={"max_empty_share": Limit(stop=0)}
        ... )
        >>> Guardrails(customers={"tea": strict}).of("tea")["max_empty_share"].stop
        0
        >>> Guardrails(customers={"tea": strict}).of("coffee")
        {}
        """
        entry = (
            self.customers.get(customer) if customer else self.customer_of(namespace)
        )
        if entry is None:
            return dict(self.defaults)
        own: Limits = {}
        if namespace != entry.namespace:
            own = entry.namespaces.get(namespace, {})
        return {**self.defaults, **entry.limits, **own}


class Fault(Struct, frozen=True):
    """Something wrong in the file."""

    line: int
    message: str


class GuardrailsError(ValueError):
    """guardrails.yml cannot be obeyed. Every fault has a line of its own."""

    def __init__(self, path: str, faults: Sequence[Fault]) -> None:
        ordered = sorted(faults, key=lambda fault: fault.line)
        super().__init__(
            "\n".join(f"{path}:{fault.line}: {fault.message}" for fault in ordered)
        )
        self.faults = tuple(ordered)
