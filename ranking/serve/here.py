"""Serve a namespace as the open transaction sees it: nothing of it is committed.

Scenarios and simulations make a namespace, ask it and let it go in one transaction. It
is ranked by the engine that serves; only what is read comes over another connection,
and no deadline applies, so that a busy machine changes no answer.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import uuid_utils

from catalog import generation
from catalog.models import Namespace
from ranking.core.clock import now_us
from ranking.core.inputs import Inputs
from ranking.core.request import History
from ranking.core.stopwatch import Stopwatch
from ranking.operations.publishing import publish_if_behind
from ranking.queries import history, serving_state
from ranking.queries.here import ask_here
from ranking.queries.serving_state import InHand

from .answering import Prepared, rank_prepared, seed_of
from .call import Answer, Call
from .served import Served, from_state

_NOBODY = History.anonymous()


def served_here(
    namespace: Namespace, *, at: datetime, held: Served | None = None
) -> Served:
    """Return a namespace with everything that the transaction changed.

    Called inside the org's scope. What is not published yet is, in the transaction.
    """
    publish_if_behind(namespace, at=at)
    in_hand = InHand()
    if held is not None:
        in_hand = InHand(
            snapshot_hash=held.snapshot_hash,
            base_number=held.base_number,
            change_number=held.change_number,
            configuration_hash=held.configuration_hash,
        )
    (found,) = ask_here([serving_state.question(namespace.pk, in_hand)])
    state = serving_state.read(found)
    served = from_state(namespace, state, held=held, token=generation.NEVER)
    # What is ranked as of an earlier moment was built for it, whatever came later.
    return replace(served, is_stale=False)


def answer_here(call: Call, *, served: Served) -> Answer:
    """Rank with the history that the transaction sees, and keep nothing."""
    watch = Stopwatch(time.perf_counter_ns)
    moment, clock = now_us(
        served.clock, wall_us=call.wall_us, newest_event_us=served.newest_event_us
    )
    at_us = moment if call.at_us is None else call.at_us
    decision_id = UUID(bytes=uuid_utils.uuid7().bytes)
    inputs = Inputs(
        request=call.request,
        world=served.world,
        history=_history(call, until_us=at_us),
        plan=served.plan,
        at_us=at_us,
        rules_at_us=call.wall_us,
        seed=seed_of(call.request_id.encode()),
    )
    prepared = Prepared(inputs, clock, decision_id, ())
    return rank_prepared(call, prepared, served=served, watch=watch)


def _history(call: Call, *, until_us: int) -> History:
    user_id = call.request.user_id
    if user_id is None:
        return _NOBODY
    asked = history.question(
        namespace_id=call.namespace.pk, user_id=user_id, until_us=until_us
    )
    (found,) = ask_here([asked])
    return history.read(found)
