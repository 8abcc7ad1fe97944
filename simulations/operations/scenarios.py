"""Ask for a suite of scenarios to be played."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from catalog.core.nearest import hint
from catalog.models import Namespace, Run, RunState
from catalog.operations.runs import start_run
from simulations.core.scenarios.language import Scenario
from simulations.core.scenarios.shops import ShopRequest
from simulations.queries.scenario_files import customers, suite

KIND = "scenarios"
_OPEN = (RunState.QUEUED, RunState.RUNNING)

type Customer = Annotated[str, Meta(pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]{0,99})?$")]
"""Names a folder as well."""


class ScenarioRequest(msgspec.Struct, kw_only=True, frozen=True):
    """Which scenarios to play, and in what shop: the parameters of the Run."""

    customer: Customer = ""
    """Whose own scenarios to play after the shipped ones."""

    only: tuple[str, ...] = ()
    """Ids; empty: all."""

    profile: str | None = None
    """Which profile to try, in place of the one in force."""

    shop: ShopRequest = ShopRequest()
    given: Mapping[str, str] = {}


class UnknownScenarioError(LookupError):
    """Scenarios are asked for that do not exist. The message names those that do."""


def chosen_scenarios(request: ScenarioRequest) -> list[Scenario]:
    """Return the scenarios that a request asks for.

    Raises
    ------
    ScenarioError
        If a file cannot be read.
    UnknownScenarioError
        If the customer has none, or one is asked for that there is not.
    """
    own = customers()
    if request.customer and request.customer not in own:
        raise UnknownScenarioError(
            f"{request.customer} has no scenarios: there is nothing in"
            f" fixtures/customers/{request.customer}/scenarios/."
            f" {hint(request.customer, own)}".rstrip()
        )
    known = suite(request.customer or None)
    ids = {each.id.casefold() for each in known}
    missing = [each for each in request.only if each.casefold() not in ids]
    if missing:
        raise UnknownScenarioError(
            f"There is no scenario {', '.join(missing)}. There are"
            f" {', '.join(each.id for each in known)}."
        )
    wanted = {each.casefold() for each in request.only}
    return [each for each in known if not wanted or each.id.casefold() in wanted]


def start_scenarios(
    namespace: Namespace, request: ScenarioRequest, *, at: datetime, requested_by: str
) -> Run:
    """Queue a suite inside the org's scope; the same one that is not over is shared."""
    details: dict[str, Any] = msgspec.to_builtins(request)
    same = Run.objects.filter(
        namespace=namespace, kind=KIND, state__in=_OPEN, parameters=details
    )
    return same.order_by("-created_at", "-id").first() or start_run(
        namespace, kind=KIND, at=at, parameters=details, requested_by=requested_by
    )
