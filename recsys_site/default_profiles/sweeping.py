"""Do the sweep of one shop, and return what it found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from msgspec import structs

from catalog.models import Namespace
from catalog.operations.runs import Unattended
from catalog.tenancy import org_scope
from ranking.core.knobs import DEFAULTS, KNOBS_BY_NAME
from ranking.models import DEFAULT_PROFILE
from ranking.operations.profiles import Edit, publish_profile
from recsys_site.demo.configuration import configure
from simulations.core.limits import GUARDRAILS, Limit
from simulations.core.scenarios.shops import ShopRequest
from simulations.queries.guardrails_file import guardrails
from tuning.core.space import placed
from tuning.core.spec import spec_of
from tuning.models import Sweep
from tuning.operations.apart import Apart, do_sweep, swept_apart
from tuning.operations.sweeps import create_sweep

from .shops import AT, DEMO, ShopToTune

AUTHOR = "tune_defaults"


@contextmanager
def swept(shop: ShopToTune, *, owner: Namespace) -> Iterator[Sweep]:
    """Sweep a shop in a namespace of its own, or where its events were imported."""
    if shop.is_imported:
        yield _where_it_is(shop, owner)
        return
    apart = Apart(
        owner=owner,
        shop=ShopRequest(fixture=shop.fixture),
        at=AT,
        limits=_limits(owner, room=shop.room),
        configure=partial(_configure, shop),
    )
    with swept_apart(apart, shop.spec, requested_by=AUTHOR) as sweep:
        yield sweep


def _limits(owner: Namespace, *, room: float) -> dict[str, Limit]:
    """Return the guardrails, drawn in so that what keeps them keeps the true ones."""
    return {
        name: structs.replace(
            limit,
            stop=limit.stop * (1 + room if GUARDRAILS[name].is_floor else 1 - room),
        )
        for name, limit in guardrails().of(owner.name).items()
        if limit.stop is not None
    }


def _where_it_is(shop: ShopToTune, owner: Namespace) -> Sweep:
    with org_scope(owner.org_id):
        sweep = create_sweep(owner, shop.spec, at=AT, requested_by=AUTHOR)
        sweep.document = {**shop.hand_set, **shop.kept}
        sweep.save(update_fields=["document"])
    return do_sweep(sweep, handle=Unattended(), at=AT)


def _configure(shop: ShopToTune, private: Namespace) -> None:
    config = {**shop.hand_set, **shop.kept}
    if shop.name == DEMO.name:
        configure(private, at=AT, knobs=config)
        return
    publish_profile(
        private, DEFAULT_PROFILE, config=config, edit=Edit(at=AT, author=AUTHOR)
    )


def config_of(shop: ShopToTune, sweep: Sweep) -> Mapping[str, Any]:
    """Return what the best trial's profile says beyond the built-in defaults."""
    with org_scope(sweep.org_id):
        values = sweep.trials.get(number=sweep.outcome["best"]).values
    document = placed({**shop.hand_set, **shop.kept}, spec_of(sweep.spec).space, values)
    return {
        name: value
        for name, value in document.items()
        if KNOBS_BY_NAME[name].check(value) != getattr(DEFAULTS, name)
    }
