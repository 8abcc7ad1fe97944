"""What is kept of an answer: everything it depended on, and how it came about."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from audit import spool
from audit.core.columns import Columns
from audit.core.record import MAX_INDEXED_DROPS, DecisionRecord, Header, Private
from audit.core.reports import brief_report
from audit.pseudonyms import pseudonym
from audit.queries.keeping import keeping
from ranking.core.eligibility import CONSTRAINT_DROPS, Drop
from ranking.core.pipeline import ENGINE_VERSION
from ranking.core.ranking import Ranking
from ranking.core.request import Constraints

from .call import Answer
from .context import kept_context
from .ruled import ids_of
from .traces import fullness, trace_of

_NO_CONSTRAINTS = Constraints()
# By number of the reason, which fits a byte.
_IS_SEARCHED = np.zeros(256, dtype=bool)
_IS_SEARCHED[[*CONSTRAINT_DROPS, Drop.RULE_BLOCK, Drop.RULE_FILTER]] = True


def keep(answer: Answer, *, latency_us: int) -> None:
    """Spool an answer that was given a decision id, before anybody sees it.

    Raises
    ------
    SpoolRefusedError
        If it cannot be kept, and must be.
    """
    header = _header(answer, latency_us=latency_us)
    if spool.wants_trace(header, keeping=keeping(answer.call.namespace)):
        trace, private = trace_of(answer), _private(answer)
        spool.append(DecisionRecord(header=header, trace=trace, private=private))
    else:
        ranking = answer.ranking
        numbers = ranking.pool.numbers.take(ranking.places)
        asked = _asked(answer.inputs.request.constraints)
        report = brief_report(constraints=asked, caps=fullness(ranking))
        spool.append_bare(header, numbers.tolist(), report=report)


def _header(answer: Answer, *, latency_us: int) -> Header:
    call, served, ranking = answer.call, answer.served, answer.ranking
    assert answer.decision_id is not None
    request, namespace = answer.inputs.request, call.namespace
    user_hash, key_version = pseudonym(
        namespace.org_id, namespace_id=namespace.pk, user_id=request.user_id
    )
    profile = answer.inputs.plan.profile_of(request)
    rule_ids, override_ids = ids_of(answer.rules)
    return Header(
        decision_id=answer.decision_id.bytes,
        org_id=namespace.org_id.bytes,
        namespace_id=namespace.pk,
        route=call.route,
        surface=request.surface or "",
        request_id=call.request_id,
        user_hash=user_hash,
        key_version=key_version,
        k=request.k,
        at_us=answer.inputs.at_us,
        segment=ranking.pool.shopper.match.segment_id,
        profile=profile.name if profile else "",
        profile_version=profile.version if profile else 0,
        model_version=answer.model_version,
        snapshot_hash=served.snapshot_hash,
        change_number=served.change_number,
        configuration_hash=served.configuration_hash,
        engine_version=ENGINE_VERSION,
        rung=int(answer.rung),
        degraded=answer.degraded,
        arm=answer.arm.name if answer.arm else None,
        answer_digest=answer.digest,
        latency_us=latency_us,
        rule_ids=rule_ids,
        override_ids=override_ids,
        dropped=_dropped_on_purpose(ranking),
    )


def _asked(constraints: Constraints) -> Any:
    """Return what the request asked of items; None when it asked nothing."""
    if constraints == _NO_CONSTRAINTS:
        return None
    return msgspec.to_builtins(constraints)


def _dropped_on_purpose(ranking: Ranking) -> tuple[int, ...]:
    """Return items that a rule or a constraint kept out."""
    drops = ranking.pool.drops
    places = np.flatnonzero(_IS_SEARCHED[drops.codes])[:MAX_INDEXED_DROPS]
    if not len(places):
        return ()
    numbers = ranking.pool.world.select(drops.rows[places]).numbers
    return tuple(numbers.tolist())


def _private(answer: Answer) -> Private | None:
    """Return what was read about the user, exactly as it was read."""
    history, request = answer.inputs.history, answer.call.request
    context = kept_context(request.context, asked=answer.inputs.plan.asked_context)
    if request.user_id is None and not context:
        return None
    return Private(
        user_number=history.user_number,
        known=history.known,
        history=Columns(
            {
                "event_id": history.event_ids,
                "number": history.numbers,
                "type": history.types,
                "value": history.values,
                "ts_us": history.ts_us,
            }
        ),
        traits=history.traits,
        context=context,
        user_id=request.user_id,
    )
