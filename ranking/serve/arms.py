"""Which arm answers a call: the one that a bandit chose, else an experiment's.

What was decided is a mapping that the trace keeps. The knobs are read from the serving
configuration by what it names, now as well as when the answer is given again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from audit.core.record import Trace
from ranking.core.bandits.told import chosen_again
from ranking.core.experiments import Assignment, assign, subject_of
from ranking.core.knobs import Value
from ranking.core.layers import Plan
from ranking.core.request import Request

from .call import Arm, Call

type Told = Mapping[str, Any]


def arm_of(call: Call, *, plan: Plan) -> Arm | None:
    """Return what was decided for a call.

    In no experiment are calls that leave no trace, that ask for a profile, and those
    of nobody known.
    """
    if call.arm is not None:
        return call.arm
    experiments = plan.configuration.experiments
    if not experiments or call.is_dry or call.request.profile is not None:
        return None
    request = call.request
    assigned = assign(
        experiments,
        surface=request.surface,
        subject=subject_of(request.user_id, request.context),
        at_us=call.wall_us,
    )
    return None if assigned is None else _arm(assigned)


def _arm(assigned: Assignment) -> Arm:
    variant = assigned.variant
    told: dict[str, Any] = {
        "experiment": assigned.experiment.name,
        "variant": variant.name,
    }
    if variant.profile is not None:
        told["profile"] = variant.profile
    return Arm(name=assigned.name, told=told)


def with_arm(request: Request, told: Told) -> Request:
    """Return the request as if it had asked for the variant's profile."""
    if "profile" not in told:
        return request
    return msgspec.structs.replace(request, profile=told["profile"])


def arm_values(told: Told, *, plan: Plan) -> Mapping[str, Value]:
    """Return the knobs of what was decided, as a configuration says them."""
    if not told:
        return {}
    if "policy_id" in told:
        return plan.policy_values(told["policy_id"])
    for experiment in plan.configuration.experiments:
        for variant in experiment.variants:
            if (experiment.name, variant.name) == (told["experiment"], told["variant"]):
                return variant.values
    return {}


def arm_again(trace: Trace) -> Told:
    """Return what a trace kept, with a bandit's choice made once more.

    From the state and the seed that it was made from: so a replay proves the choice
    and not only the list.
    """
    told = trace.bandit
    again = chosen_again(told, seed=trace.seed)
    return told if again is None else {**told, "policy_id": again}
