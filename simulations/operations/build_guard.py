"""Hold a new snapshot to the guardrails before it is served."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import numpy as np

from catalog.core.moments import microseconds
from catalog.models import Namespace
from catalog.tenancy import org_scope
from ranking.core.clock import now_us
from ranking.core.inputs import Inputs
from ranking.core.layers import Plan
from ranking.core.pipeline import rank
from ranking.core.request import History, Request
from ranking.core.world import World
from ranking.models import BuildState, SignalBuild
from ranking.operations.build_guarding import BuildVerdict
from ranking.operations.build_states import is_readable, path_of
from ranking.queries.configurations import compose
from ranking.signals.open import open_snapshot
from simulations.core.figures import Figures, figures_of
from simulations.core.judging import Judged, State, judge
from simulations.core.pages import Pair
from simulations.queries.guardrails_file import guardrails
from simulations.queries.newest_histories import newest_histories

from .guardrail_runs import headline_of
from .replaying import Stage, facts_of, page_of

MOST_USERS = 80
LEAST_USERS = 30
K = 20
JUDGED = (
    *("min_catalog_coverage", "min_long_tail_share", "max_constraint_leaks"),
    *("max_empty_share", "max_brand_exposure_ratio", "max_popularity_bias"),
)
"""What lists alone tell, in a moment: nothing that has to wait for what users do."""


class GuardrailsGuard:
    """Holds builds to guardrails.yml."""

    def is_wanted(self, namespace: Namespace) -> bool:
        return guardrails().customer_of(namespace.name) is not None

    def judge(self, build: SignalBuild, *, at: datetime) -> BuildVerdict | None:
        return judge_build(build, at=at)


GUARD = GuardrailsGuard()


def judge_build(build: SignalBuild, *, at: datetime) -> BuildVerdict | None:
    """Ask for the same users with a new snapshot and with the one that is served.

    Called outside any transaction. A limit that the served one breaks as well stops
    nothing, unless the new one is clearly worse.

    Returns
    -------
    verdict : BuildVerdict or None
        None where nothing is served yet, or too few users are known to tell anything.

    Raises
    ------
    GuardrailsError
        If guardrails.yml cannot be obeyed.
    """
    namespace = Namespace.objects.get(pk=build.namespace_id)
    everything = guardrails().of(namespace.name)
    limits = {name: each for name, each in everything.items() if name in JUDGED}
    with org_scope(namespace.org_id):
        served = SignalBuild.objects.filter(
            namespace=namespace, state=BuildState.LIVE
        ).first()
        if served is None or not limits or not is_readable(served):
            return None
        plan = Plan.of(compose(namespace))
        worlds = [World.of(open_snapshot(path_of(each))) for each in (served, build)]
        asked = newest_histories(namespace, _sample(worlds[1]), until=at)
    if len(asked) < LEAST_USERS:
        return None
    moments = _moments(namespace, build, at=at)
    before, after = (
        _figures(asked, Stage(world=world, plan=plan, changed=None, **moments))
        for world in worlds
    )
    judged = [_told(each) for each in judge(limits, before=before, after=after)]
    broken = [each.sentence for each in judged if each.state == State.STOP]
    return BuildVerdict(
        is_blocked=bool(broken),
        headline=" ".join([headline_of(judged), *broken]),
        requests=len(asked),
        judged=msgspec.to_builtins(judged),
    )


def _told(judged: Judged) -> Judged:
    told = judged.sentence.replace("Without the change", "With the build served now")
    return msgspec.structs.replace(judged, sentence=told)


def _sample(world: World) -> list[int]:
    """Return users spread evenly over all whom the signals know."""
    users = world.snapshot.users
    places = np.linspace(0, len(users) - 1, num=min(MOST_USERS, len(users)))
    numbers: list[int] = users[places.astype(np.int64)].tolist()
    return numbers


def _moments(
    namespace: Namespace, build: SignalBuild, *, at: datetime
) -> dict[str, int]:
    wall_us = microseconds(at)
    newest_us = microseconds(build.source_to) if build.source_to else None
    at_us, _ = now_us(namespace.clock, wall_us=wall_us, newest_event_us=newest_us)
    return {"at_us": at_us, "wall_us": wall_us}


def _figures(asked: Sequence[tuple[str, History]], stage: Stage) -> Figures:
    pages = [
        page_of(rank(_inputs(user_id, history, stage))) for user_id, history in asked
    ]
    facts = facts_of(stage.world, [Pair(page, page) for page in pages])
    return figures_of(pages, facts)


def _inputs(user_id: str, history: History, stage: Stage) -> Inputs:
    namespace = stage.plan.configuration.namespace
    return Inputs(
        request=Request(namespace=namespace, user_id=user_id, k=K),
        world=stage.world,
        history=history,
        plan=stage.plan,
        at_us=stage.at_us,
        rules_at_us=stage.wall_us,
        seed=0,
    )
