"""Alerts as people read them: grouped, each with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse

from catalog.admin.page import Chip
from catalog.models import Namespace
from catalog.permissions import Staff, can
from rules.models import AlertKind, Incident

ALERT_CHIPS: Mapping[str, Chip] = {
    AlertKind.GUARDRAIL: Chip(words="Broken", icon="shield", kind="bad"),
    AlertKind.FORECAST: Chip(words="Forecast", icon="warning", kind="warn"),
    AlertKind.CONFLICT: Chip(words="Conflict", icon="warning", kind="warn"),
    AlertKind.TARGET_AWAY: Chip(words="Sold out", icon="catalog", kind="warn"),
    AlertKind.TARGET_UNKNOWN: Chip(words="Unknown", icon="clock", kind="info"),
    AlertKind.ZERO_EFFECT: Chip(words="No effect", icon="pause", kind="warn"),
    AlertKind.NEVER_MATCHED: Chip(words="Dead", icon="pause"),
    AlertKind.ENDS_SOON: Chip(words="Ends soon", icon="clock", kind="warn"),
    AlertKind.OVER: Chip(words="Over", icon="stale"),
    AlertKind.OPEN_OVERRIDE: Chip(words="No end", icon="clock", kind="warn"),
}
_MANY: Mapping[str, str] = {
    AlertKind.GUARDRAIL: "changes are live and break a guardrail",
    AlertKind.FORECAST: "published proposals are not as forecast",
    AlertKind.CONFLICT: "conflicts between rules",
    AlertKind.TARGET_AWAY: "rules show items that nobody can buy",
    AlertKind.TARGET_UNKNOWN: "rules wait for items that the catalog does not know",
    AlertKind.ZERO_EFFECT: "rules showed none of what they met for 24 hours",
    AlertKind.NEVER_MATCHED: "rules matched nothing in 30 days",
    AlertKind.ENDS_SOON: "rules end within 3 days",
    AlertKind.OVER: "rules are over and still enabled",
    AlertKind.OPEN_OVERRIDE: "overrides have no end for more than 7 days",
}
_NAMED = 3
_MOST_AT_ONCE = 100


@dataclass(frozen=True, kw_only=True)
class Fix:
    """What to do about it: a page to open, or with `is_post` a button that acts."""

    title: str
    url: str
    is_post: bool = False
    values: Sequence[tuple[str, str]] = field(default_factory=tuple)
    """What the button sends."""


@dataclass(frozen=True, kw_only=True)
class AlertGroup:
    """Open incidents of one kind."""

    kind: str
    chip: Chip
    lead: str
    rest: str
    since: datetime
    fixes: Sequence[Fix]


def open_alerts(staff: Staff, namespace: Namespace) -> list[AlertGroup]:
    """Return what is the matter with rules, the worst kind first."""
    rows = Incident.objects.filter(namespace=namespace, recovered_at=None)
    by_kind: dict[str, list[Incident]] = {}
    for incident in rows.order_by("opened_at", "pk"):
        by_kind.setdefault(incident.kind, []).append(incident)
    may = {verb: can(staff, verb, namespace) for verb in ("edit", "publish")}
    return [
        _group(kind, by_kind[kind], may_edit=may["edit"], may_publish=may["publish"])
        for kind in AlertKind.values
        if kind in by_kind
    ]


def fixes_of(incident: Incident, *, may_edit: bool, may_publish: bool) -> list[Fix]:
    """Return what a person may do about one incident, the likeliest last."""
    if incident.kind == AlertKind.GUARDRAIL and incident.change_set_id:
        url = reverse("admin:rules_changeset_change", args=[incident.change_set_id])
        return [Fix(title="Look into it", url=url)]
    if incident.kind == AlertKind.FORECAST and incident.proposal_id:
        url = reverse("admin:tuning_proposal_change", args=[incident.proposal_id])
        return [Fix(title="See what came of it", url=url)]
    if incident.override_id:
        overrides = reverse("admin:rules_manualoverride_changelist")
        fixes = [Fix(title="See it", url=f"{overrides}?status=active")]
        if may_publish:
            cancel = "admin:rules_manualoverride_cancel"
            url = reverse(cancel, args=[incident.override_id])
            fixes.append(Fix(title="Cancel it", url=url, is_post=True))
        return fixes
    if not incident.rule_ids:
        return []
    return _of_rule(incident, may_edit=may_edit, may_publish=may_publish)


def _of_rule(incident: Incident, *, may_edit: bool, may_publish: bool) -> list[Fix]:
    rule_id = incident.rule_ids[0]
    page = reverse("admin:rules_rule_change", args=[rule_id])
    act = reverse("admin:rules_rule_act", args=[rule_id])
    edit = Fix(title="Change it", url=reverse("admin:rules_rule_edit", args=[rule_id]))
    retire = Fix(title="Retire", url=act, is_post=True, values=[("act", "retire")])
    pause = Fix(title="Pause", url=act, is_post=True, values=[("act", "pause")])
    known: dict[str, list[Fix]] = {
        AlertKind.CONFLICT: [Fix(title="Resolve", url=f"{page}?tab=conflicts")],
        AlertKind.ENDS_SOON: [Fix(title="Open", url=page), edit],
        AlertKind.OVER: [edit, retire],
        AlertKind.NEVER_MATCHED: [
            Fix(title="See effect", url=f"{page}?tab=effect"),
            retire,
        ],
        AlertKind.ZERO_EFFECT: [
            Fix(title="See effect", url=f"{page}?tab=effect"),
            edit,
        ],
        AlertKind.TARGET_AWAY: [pause, edit],
        AlertKind.TARGET_UNKNOWN: [Fix(title="Open", url=page), edit],
    }
    offered = known.get(incident.kind, [Fix(title="Open", url=page)])
    allowed = [
        fix
        for fix in offered
        if (may_publish or not fix.is_post) and (may_edit or fix is not edit)
    ]
    return allowed or [Fix(title="Open", url=page)]


def _group(
    kind: str, incidents: Sequence[Incident], *, may_edit: bool, may_publish: bool
) -> AlertGroup:
    since, chip = incidents[0].opened_at, ALERT_CHIPS[kind]
    if len(incidents) == 1:
        return AlertGroup(
            kind=kind,
            chip=chip,
            lead=incidents[0].sentence,
            rest="",
            since=since,
            fixes=fixes_of(incidents[0], may_edit=may_edit, may_publish=may_publish),
        )
    named = [each.sentence for each in incidents[:_NAMED]]
    more = len(incidents) - len(named)
    rest = " ".join(named) + (f" And {more:,} more." if more else "")
    shown = reverse("admin:rules_incident_changelist")
    fixes = [Fix(title=f"Show {len(incidents):,}", url=f"{shown}?kind={kind}")]
    if may_publish and kind in (AlertKind.NEVER_MATCHED, AlertKind.OVER):
        fixes.append(_retire_all(incidents))
    return AlertGroup(
        kind=kind,
        chip=chip,
        lead=f"{len(incidents):,} {_MANY[kind]}.",
        rest=f" {rest}",
        since=since,
        fixes=fixes,
    )


def _retire_all(incidents: Sequence[Incident]) -> Fix:
    rules = [str(key) for each in incidents for key in each.rule_ids][:_MOST_AT_ONCE]
    return Fix(
        title=f"Retire {len(rules)}",
        url=reverse("admin:rules_rule_bulk"),
        is_post=True,
        values=[("act", "retire"), *(("rule", rule) for rule in rules)],
    )
