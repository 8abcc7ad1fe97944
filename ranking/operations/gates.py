"""What stands before a profile is put in force: the verdict on what it would make."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from catalog.core.faults import refuse
from catalog.models import Namespace
from ranking.core.configuration import content_hash
from ranking.models import ConfigurationVerdict
from ranking.queries.configurations import compose

log = structlog.get_logger(__name__)

FRESH_FOR = timedelta(hours=24)
FORECAST_SWITCH = "require_forecast"


def require_unbroken(
    namespace: Namespace, *, at: datetime, because: str, may_overrule: bool, by: str
) -> None:
    """Refuse what the namespace's tables say now if a check found that it must not be.

    Called in the transaction of the change, which it undoes by raising. Where the
    namespace asks for forecasts, what was never checked is refused as well.

    Raises
    ------
    BadInputError
        Unless an operator overrules it with a reason, which is kept.
    """
    namespace = Namespace.objects.get(pk=namespace.pk)
    verdict = verdict_on(namespace, content_hash(compose(namespace)), at=at)
    if verdict is None and not namespace.switches.get(FORECAST_SWITCH):
        return
    if verdict is not None and not verdict.is_blocked:
        return
    what = (
        "It was not checked within a day, which this namespace asks for"
        if verdict is None
        else verdict.headline.rstrip(".")
    )
    if not because.strip() or not may_overrule:
        code = "unchecked" if verdict is None else "guardrail_broken"
        raise refuse(
            code,
            f"{what}. An operator may put it in force all the same, with a reason,"
            " which is kept.",
            field="version",
            status=409,
        )
    log.warning(
        "policy_guardrail_overruled",
        namespace=namespace.name,
        by=by,
        because=because.strip(),
        what=what,
    )


def verdict_on(
    namespace: Namespace, digest: bytes, *, at: datetime
) -> ConfigurationVerdict | None:
    """Return the newest verdict on a configuration that still holds."""
    rows = ConfigurationVerdict.objects.filter(
        namespace=namespace, content_hash=digest, created_at__gte=at - FRESH_FOR
    )
    return rows.order_by("-created_at", "-pk").first()
