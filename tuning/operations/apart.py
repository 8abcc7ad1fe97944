"""A sweep on a shop of its own, of which nothing is left afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from catalog.demo.shop import DAYS
from catalog.models import Namespace
from catalog.operations.runs import RunHandle, Unattended
from simulations.core.limits import Limit
from simulations.core.scenarios.shops import ShopRequest
from simulations.operations.rehearsal.filling import copy_configuration, fill
from simulations.operations.rehearsal.private import private_namespace
from simulations.queries.fixtures import shop_of
from simulations.queries.guardrails_file import guardrails
from tuning.core.spec import SweepSpec
from tuning.models import Sweep

from .finishing import finish_sweep
from .sweeps import create_sweep
from .working import work_on

type Configure = Callable[[Namespace], object]


@dataclass(frozen=True, kw_only=True)
class Apart:
    """Which shop is made, like whose namespace, and as of when."""

    owner: Namespace
    shop: ShopRequest
    at: datetime
    """The shop's events end here: equal moments and seeds, equal shops."""

    limits: Mapping[str, Limit] | None = None
    """What binds in place of the owner's guardrails."""

    configure: Configure | None = None
    """Gives the shop profiles and segments; the owner's by default."""


@contextmanager
def swept_apart(
    apart: Apart, spec: SweepSpec, *, requested_by: str = ""
) -> Iterator[Sweep]:
    """Fill a private namespace, do the sweep in it, and let the block read it.

    Called outside any transaction. The namespace, the sweep and every file of theirs
    are gone after the block, also when it fails or its process is killed: they never
    were outside one transaction.

    Raises
    ------
    FixtureError
        If the shop cannot be made of its fixture.
    """
    owner, at = apart.owner, apart.at
    shop, _ = shop_of(apart.shop, at=at)
    with private_namespace(owner, at=at, days=DAYS) as private:
        if apart.configure is None:
            copy_configuration(
                owner, private, profile=None, at=at, template=apart.shop.fixture
            )
        else:
            apart.configure(private)
        fill(private, shop, at=at, handle=Unattended())
        limits = apart.limits
        if limits is None:
            limits = guardrails().of(owner.name)
        sweep = create_sweep(
            private, spec, at=at, requested_by=requested_by, limits=limits
        )
        yield do_sweep(sweep, handle=Unattended(), at=at)


def do_sweep(sweep: Sweep, *, handle: RunHandle, at: datetime) -> Sweep:
    """Do every trial of a sweep here, and its verdict, as of a moment."""
    work_on(sweep, handle=handle, clock=lambda: at)
    return finish_sweep(sweep, at=at)
