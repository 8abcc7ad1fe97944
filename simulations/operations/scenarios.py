"""Ask for a suite of scenarios to be played."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from catalog.models import Namespace, Run, RunState
from catalog.operations.runs import start_run
from simulations.core.scenarios.shops import ShopRequest

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
