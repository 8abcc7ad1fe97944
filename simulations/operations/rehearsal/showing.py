"""An answer as evidence: what expectations look at, and what people read."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from audit.core.columns import Columns, rows
from ranking.serve import Answer
from ranking.serve.traces import trace_of
from simulations.core.scenarios.evidence import Shown

from .facts import NO_FACTS
from .shop import Rehearsal


def shown_of(answer: Answer, rehearsal: Rehearsal) -> Shown:
    """Return an answer as expectations see it."""
    ranking, request = answer.ranking, answer.call.request
    facts = [rehearsal.items.get(item, NO_FACTS) for item in ranking.item_ids]
    told = answer.canonical["items"]
    shown = ranking.pool.world.select(ranking.pool.rows[ranking.places])
    return Shown(
        user=request.user_id,
        k=request.k,
        items=ranking.item_ids,
        tags=tuple(each.tags for each in facts),
        categories=tuple(each.category for each in facts),
        props=tuple(each.props for each in facts),
        vectors=np.asarray(shown.content, dtype=np.float32),
        relevance=rehearsal.relevance.get(request.user_id or "", {}),
        policy=ranking.counts,
        reasons=sum(bool(each.get("reasons")) for each in told),
        explained=sum(bool(each.get("explain")) for each in told),
        model_version=answer.model_version,
        digest=answer.digest.hex(),
    )


def evidence_of(answer: Answer) -> dict[str, Any]:
    """Return request, answer and trace, as a bundle keeps them."""
    document = {
        "request": msgspec.to_builtins(answer.call.request),
        "answer": {"model_version": answer.model_version, **answer.canonical},
        "answer_digest": answer.digest.hex(),
        "trace": trace_of(answer),
    }
    encoded = msgspec.json.encode(document, enc_hook=_plain)
    plain: dict[str, Any] = msgspec.json.decode(encoded)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Columns):
        return list(rows(value))
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError(f"evidence cannot hold {type(value).__name__}")
