"""An explanation: facts, and a text from a model or from the template."""

from __future__ import annotations

import hashlib
from uuid import UUID

import msgspec
import structlog
from django.conf import settings
from django.core.cache import cache
from msgspec import Struct, field
from redis.exceptions import RedisError

from ranking.core.explaining import Facts, cited, messages, template, unknown_evidence
from ranking.operations.model_texts import NoTextError, ask_model, is_configured

log = structlog.get_logger(__name__)

_CACHE_SECONDS = 30 * 60
TEMPLATE = "template"
_encode = msgspec.json.Encoder(order="deterministic").encode


class Explanation(Struct, kw_only=True):
    """A text and where it came from."""

    markdown: str
    model: str
    """Name of the model that wrote it, or `template`."""
    warnings: list[str] = field(default_factory=list)
    is_cached: bool = False


def explain(facts: Facts, *, question: str | None, org_id: UUID) -> Explanation:
    """Return the facts as a text.

    A model that is down, or cites what is not known, costs nothing but its text. Its
    texts are kept for half an hour, for the org that asked and for the same facts.
    """
    key = _key(facts, question=question, org_id=org_id)
    if (kept := _recall(key)) is not None:
        return kept
    try:
        text = _checked(ask_model(messages(facts, question=question)), facts)
    except NoTextError as error:
        answer = Explanation(
            markdown=template(facts), model=TEMPLATE, warnings=[str(error)]
        )
        if is_configured():
            # It may do better the next time.
            return answer
    else:
        answer = Explanation(markdown=text, model=settings.EXPLAIN_MODEL)
    _keep(key, answer)
    return answer


def _checked(text: str, facts: Facts) -> str:
    unknown = unknown_evidence(text, facts)
    if unknown:
        log.warning("explain_unknown_evidence", evidence=unknown)
        raise NoTextError(f"llm_unknown_evidence: {', '.join(unknown[:5])}")
    if not cited(text):
        raise NoTextError("llm_no_evidence")
    return text


def _key(facts: Facts, *, question: str | None, org_id: UUID) -> str:
    asked = _encode([facts, question, settings.EXPLAIN_MODEL, is_configured()])
    return f"explain:{org_id}:{hashlib.sha256(asked).hexdigest()}"


def _recall(key: str) -> Explanation | None:
    try:
        kept = cache.get(key)
    except (RedisError, OSError) as error:
        log.warning("explain_cache_away", error=str(error))
        return None
    if kept is None:
        return None
    found = msgspec.json.decode(kept, type=Explanation)
    found.is_cached = True
    return found


def _keep(key: str, answer: Explanation) -> None:
    try:
        # As text: nothing that a cache holds is ever run.
        cache.set(key, msgspec.json.encode(answer).decode(), timeout=_CACHE_SECONDS)
    except (RedisError, OSError) as error:
        log.warning("explain_cache_away", error=str(error))
