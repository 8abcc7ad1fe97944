"""How states, actions and times of rules look: an icon and words, not colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.admin.page import Chip
from rules.core.findings import CONFLICTS, Finding, FindingKind
from rules.core.rule import Action
from rules.models import ChangeSetState, OverrideStatus, RuleState

RULE_CHIPS: Mapping[str, Chip] = {
    RuleState.DRAFT: Chip(words="Draft", icon="edit"),
    RuleState.IN_REVIEW: Chip(words="In review", icon="eye", kind="accent"),
    RuleState.APPROVED: Chip(words="Approved", icon="check", kind="accent"),
    RuleState.SCHEDULED: Chip(words="Scheduled", icon="clock", kind="info"),
    RuleState.LIVE: Chip(words="Live", icon="play", kind="good"),
    RuleState.PAUSED: Chip(words="Paused", icon="pause", kind="warn"),
    RuleState.EXPIRED: Chip(words="Expired", icon="stale"),
    RuleState.RETIRED: Chip(words="Retired", icon="block"),
}
CHANGE_SET_CHIPS: Mapping[str, Chip] = {
    ChangeSetState.DRAFT: Chip(words="Draft", icon="edit"),
    ChangeSetState.IN_REVIEW: Chip(words="In review", icon="eye", kind="accent"),
    ChangeSetState.APPROVED: Chip(words="Approved", icon="check", kind="info"),
    ChangeSetState.PUBLISHED: Chip(words="Published", icon="check", kind="good"),
    ChangeSetState.REJECTED: Chip(words="Sent back", icon="back", kind="bad"),
    ChangeSetState.WITHDRAWN: Chip(words="Withdrawn", icon="close"),
    ChangeSetState.ROLLED_BACK: Chip(words="Rolled back", icon="history", kind="warn"),
}
OVERRIDE_CHIPS: Mapping[str, Chip] = {
    OverrideStatus.WAITING: Chip(words="Waiting", icon="eye", kind="accent"),
    OverrideStatus.ACTIVE: Chip(words="Active", icon="play", kind="good"),
    OverrideStatus.CANCELLED: Chip(words="Cancelled", icon="close"),
    OverrideStatus.EXPIRED: Chip(words="Expired", icon="stale"),
    OverrideStatus.SUPERSEDED: Chip(words="Superseded", icon="history"),
}
ACTION_ICONS: Mapping[str, str] = {
    Action.PIN: "lock",
    Action.BOOST: "up",
    Action.BURY: "down",
    Action.BLOCK: "block",
    Action.FILTER: "filter",
}
HEALTHY = Chip(words="Healthy", icon="check", kind="good")
UNJUDGED = Chip(words="Not in force", icon="dot")

_HEALTH_WORDS: Mapping[str, tuple[str, str, str]] = {
    FindingKind.UNKNOWN_ITEM: ("Waits for an item", "clock", "info"),
    FindingKind.UNKNOWN_SEGMENT: ("Unknown segment", "warning", "warn"),
    FindingKind.UNAVAILABLE: ("Not available", "catalog", "warn"),
    FindingKind.OUT_OF_STOCK: ("Out of stock", "catalog", "warn"),
    FindingKind.SHOWN_THOUGH_UNAVAILABLE: ("Shown though gone", "catalog", "warn"),
    FindingKind.OVER: ("Over", "stale", ""),
    FindingKind.ENDS_SOON: ("Ends soon", "clock", "warn"),
    FindingKind.NO_REVIEW: ("Look again", "calendar", "warn"),
    FindingKind.PINS_BEYOND_SLOTS: ("Beyond the page", "warning", "warn"),
    FindingKind.NEVER_MATCHED: ("Dead", "pause", ""),
    FindingKind.ZERO_EFFECT: ("No effect", "pause", ""),
    FindingKind.GUARDRAIL: ("Breaks a guardrail", "shield", "bad"),
}


def health_chip(finding: Finding) -> Chip:
    """Return a finding in two words; its sentence goes beside it."""
    if finding.kind in CONFLICTS:
        return Chip(words="Conflict", icon="warning", kind="warn")
    if finding.kind == FindingKind.GUARDRAIL and finding.weight == "note":
        return Chip(words="Watch", icon="warning", kind="warn")
    words, icon, kind = _HEALTH_WORDS.get(
        finding.kind, (str(finding.kind).replace("_", " "), "info", "info")
    )
    return Chip(words=words, icon=icon, kind=kind)


def action_word(action: str) -> str:
    return action.capitalize()


def window_words(
    starts_at: datetime | None, ends_at: datetime | None, *, at: datetime
) -> str:
    """Return how far the next edge of a window is: "ends in 3 d"."""
    if starts_at is not None and starts_at > at:
        return f"starts in {_far(starts_at - at)}"
    if ends_at is None:
        return "no end"
    if ends_at > at:
        return f"ends in {_far(ends_at - at)}"
    return f"ended {_far(at - ends_at)} ago"


def both_zones(
    starts_at: datetime | None, ends_at: datetime | None, *, zone: str
) -> str:
    """Return a window in the namespace's zone and in UTC, for a tooltip."""
    parts = [
        f"{word} {at.astimezone(ZoneInfo(zone)):%a %-d %b %Y %H:%M} {zone}"
        f" ({at.astimezone(UTC):%-d %b %H:%M} UTC)"
        for word, at in (("from", starts_at), ("until", ends_at))
        if at is not None
    ]
    return ", ".join(parts) or "always"


def _far(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes >= 48 * 60:
        return f"{minutes // (24 * 60)} d"
    if minutes >= 2 * 60:
        return f"{minutes // 60} h"
    return f"{max(minutes, 1)} min"
