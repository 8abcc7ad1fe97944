"""What stands before a new snapshot is served: the guardrails of its namespace."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from catalog.core.faults import refuse
from catalog.models import Namespace
from catalog.tenancy import org_scope
from ranking.models import BuildState, SignalBuild

from .build_states import is_readable, make_live

log = structlog.get_logger(__name__)

GUARD_SWITCH = "guard_builds"
"""Whether a namespace's builds are held to its guardrails; not set: where
guardrails.yml names the namespace."""


@dataclass(frozen=True, kw_only=True)
class BuildVerdict:
    """What a new snapshot's lists came to beside those of the one that is served."""

    is_blocked: bool
    headline: str
    requests: int = 0
    judged: list[dict[str, Any]] = field(default_factory=list)


class BuildGuard(Protocol):
    """Who holds builds to guardrails; it lives above this app."""

    def is_wanted(self, namespace: Namespace) -> bool:
        """Say whether limits were written down for that namespace by name."""

    def judge(self, build: SignalBuild, *, at: datetime) -> BuildVerdict | None:
        """Compare a build with the one that is served; None: it cannot be told."""


def hold_or_serve(build: SignalBuild, *, at: datetime) -> None:
    """Serve a build that is ready, or hold it back and leave the former in place.

    Called outside any transaction.
    """
    namespace = Namespace.objects.get(pk=build.namespace_id)
    verdict: BuildVerdict | None = None
    if is_guarded(namespace):
        verdict = _guard().judge(build, at=at)
    with org_scope(namespace.org_id):
        if verdict is not None:
            build.guard = {
                "is_blocked": verdict.is_blocked,
                "headline": verdict.headline,
                "requests": verdict.requests,
                "judged": verdict.judged,
            }
            build.save(update_fields=["guard"])
        if verdict is None or not verdict.is_blocked:
            make_live(build, at=at)
            return
        build.state = BuildState.HELD
        build.save(update_fields=["state"])
    log.warning(
        "build_held_back",
        namespace=namespace.name,
        build=str(build.pk),
        what=verdict.headline,
    )


def is_guarded(namespace: Namespace) -> bool:
    """Say whether a namespace's builds are held to its guardrails.

    The defaults alone hold no build: a shop that grows tenfold in an import shows a
    smaller share of itself, and nobody may be there to let it through.
    """
    wanted = namespace.switches.get(GUARD_SWITCH)
    return _guard().is_wanted(namespace) if wanted is None else bool(wanted)


def guard_builds(namespace: Namespace, *, on: bool, by: str) -> None:
    """Hold builds to guardrails from now on, or no longer."""
    row = Namespace.objects.select_for_update().get(pk=namespace.pk)
    row.switches = {**row.switches, GUARD_SWITCH: on}
    row.save(update_fields=["switches"])
    log.info("build_guard_switched", namespace=namespace.name, on=on, by=by)


def serve_held(build: SignalBuild, *, at: datetime, because: str, by: str) -> None:
    """Serve a build that was held back, for a reason that is kept with it.

    Called inside the org's scope, in a transaction.

    Raises
    ------
    BadInputError
        Without a reason, or if the build is not one that waits for this.
    """
    row = SignalBuild.objects.select_for_update().get(pk=build.pk)
    if not because.strip():
        raise refuse(
            "reason_needed",
            "Say why it may be served although it breaks a guardrail.",
            field="reason",
        )
    if row.state != BuildState.HELD or not is_readable(row):
        raise refuse(
            "not_held_back",
            f"This build is {row.get_state_display().lower()}: there is nothing to"
            " overrule. The list of builds shows which ones are held back.",
            field="build",
            status=409,
        )
    row.guard = {
        **row.guard,
        "overruled": {"by": by, "because": because.strip(), "at": at.isoformat()},
    }
    row.save(update_fields=["guard"])
    make_live(row, at=at)
    log.warning(
        "build_guardrail_overruled",
        namespace=row.namespace_id,
        build=str(row.pk),
        by=by,
        because=because.strip(),
        what=row.guard["headline"],
    )


def held_back(namespace: Namespace) -> SignalBuild | None:
    """Return the build that waits for a word, unless a newer one is served."""
    newest = (
        SignalBuild.objects.filter(
            namespace=namespace,
            state__in=[BuildState.HELD, BuildState.LIVE],
        )
        .order_by("-created_at", "-id")
        .first()
    )
    return newest if newest is not None and newest.state == BuildState.HELD else None


def _guard() -> BuildGuard:
    guard: BuildGuard = import_string(settings.BUILD_GUARD)
    return guard
