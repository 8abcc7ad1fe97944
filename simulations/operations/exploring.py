"""Explored places of stored answers, held against what a profile would have shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import msgspec
import numpy as np

from audit.models import FeedbackKind
from catalog.models import Namespace
from catalog.operations.runs import RunHandle
from ranking.core.choose import urn
from ranking.core.configuration import Profile
from ranking.core.inputs import Inputs
from ranking.core.knobs import KnobError
from ranking.core.layers import Plan, UnknownProfileError
from ranking.core.pipeline import rank
from ranking.core.ranking import Ranking
from ranking.queries.decided import Decided, GoneError, decided_in_bulk
from ranking.serve.replaying import Variation, inputs_then, varied
from simulations.core.offpolicy import Log
from simulations.queries.offpolicy_logs import Stretch, rewarded_slots, traced_decisions


@dataclass(slots=True)
class Explored:
    """One row an answer: its first place that was filled by chance."""

    looked_at: int = 0
    gone: int = 0
    rewards: list[float] = field(default_factory=list)
    propensities: list[float] = field(default_factory=list)
    targets: list[float] = field(default_factory=list)
    supported: list[bool] = field(default_factory=list)
    plans: dict[bytes, Plan] = field(default_factory=dict)
    """The profile in each configuration that was in force, by its hash."""

    def log(self) -> Log:
        return Log(
            rewards=np.array(self.rewards, dtype=np.float64),
            propensities=np.array(self.propensities, dtype=np.float64),
            targets=np.array(self.targets, dtype=np.float64),
            supported=np.array(self.supported, dtype=np.bool_),
        )


def explored_by(
    namespace: Namespace,
    profile: Profile,
    stretch: Stretch,
    *,
    kind: FeedbackKind,
    handle: RunHandle,
) -> Explored:
    """Return what a profile would have put into explored places of stored answers.

    Each answer is given again with everything as it was but the profile, and without
    exploration. What stands in the place then is the profile's choice; it could have
    been drawn if it was among the candidates that took part in the draw.
    """
    found = Explored()
    for batch in traced_decisions(namespace, stretch):
        handle.check_cancelled()
        handle.progress(
            found.looked_at / stretch.most, f"Replayed {found.looked_at:,} answers"
        )
        rewarded = rewarded_slots(batch, kind=kind)
        kept = decided_in_bulk(batch)
        found.looked_at += len(batch)
        found.gone += len(batch) - len(kept)
        for then in kept:
            if not then.trace.propensities:
                continue
            slot = min(then.trace.propensities)
            is_rewarded = (then.decision.decision_id, slot) in rewarded
            try:
                _add(found, then, profile, slot=slot, reward=float(is_rewarded))
            except (GoneError, KnobError, UnknownProfileError):
                found.gone += 1
    return found


def _add(
    found: Explored, then: Decided, profile: Profile, *, slot: int, reward: float
) -> None:
    inputs = inputs_then(then)
    key = bytes(then.decision.configuration_hash)
    if key not in found.plans:
        found.plans[key] = _with_profile(inputs, then, profile)
    wanted = _shown_at(inputs, then, found.plans[key], slot=slot)
    if wanted is None:
        return
    shown = int(then.trace.items.columns["number"][slot - 1])
    found.rewards.append(reward)
    found.propensities.append(then.trace.propensities[slot])
    found.targets.append(float(wanted == shown))
    found.supported.append(wanted in _drawn_from(rank(inputs)))


def _with_profile(inputs: Inputs, then: Decided, profile: Profile) -> Plan:
    # Whatever profile a request got, it is this one's turn now.
    request = msgspec.structs.replace(then.request, profile=None)
    wanted = Variation(profile=profile)
    return Plan.of(varied(inputs.plan.configuration, request=request, wanted=wanted))


def _shown_at(inputs: Inputs, then: Decided, plan: Plan, *, slot: int) -> int | None:
    """Return the number of the item that the profile shows in a place."""
    overrides = {**then.request.overrides, "exploration_slots": 0}
    request = msgspec.structs.replace(then.request, overrides=overrides, profile=None)
    ranking = rank(replace(inputs, request=request, plan=plan, arm={}))
    if slot > len(ranking):
        return None
    return int(ranking.pool.numbers[ranking.places[slot - 1]])


def _drawn_from(ranking: Ranking) -> set[int]:
    """Return the numbers of the items that took part in the draw."""
    drawn = np.isin(ranking.places, list(ranking.explored))
    tickets = urn(
        ranking.pool,
        ranking.outcome,
        taken=ranking.places[~drawn],
        depth=ranking.knobs.exploration_depth,
    )
    return set(ranking.pool.numbers[tickets].tolist())
