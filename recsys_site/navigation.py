"""The admin's menu, by job, and the theme's settings. Imported by settings.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Place:
    """A page in the menu: its title, the name of its URL, what it holds."""

    title: str
    url_name: str
    # Pages whose URL names begin with one of these belong to this place.
    holds: tuple[str, ...]
    icon: str = ""
    children: tuple[Place, ...] = ()


def _list(title: str, model: str) -> Place:
    return Place(title=title, url_name=f"admin:{model}_changelist", holds=(model,))


def _job(title: str, icon: str, *children: Place) -> Place:
    return Place(
        title=title,
        icon=icon,
        url_name=children[0].url_name,
        holds=tuple(prefix for child in children for prefix in child.holds),
        children=children if len(children) > 1 else (),
    )


MENU = (
    Place(title="Today", icon="today", url_name="admin:index", holds=("index",)),
    Place(
        title="Merchandise",
        icon="grid",
        url_name="admin:merchandise",
        holds=("merchandise",),
    ),
    _job(
        "Rules",
        "rules",
        _list("Rules", "rules_rule"),
        _list("Manual overrides", "rules_manualoverride"),
        _list("Alerts", "rules_incident"),
    ),
    Place(
        title="Change sets",
        icon="layers",
        url_name="admin:rules_changeset_changelist",
        holds=("rules_changeset", "rules_changecheck"),
    ),
    _job(
        "Traces",
        "trace",
        _list("Traces", "audit_decision"),
        _list("Feedback", "audit_feedback"),
    ),
    _job(
        "Simulations",
        "play",
        _list("Simulations", "simulations_simulation"),
        _list("Scenarios", "simulations_scenariorun"),
    ),
    _job(
        "Tuning",
        "tuning",
        _list("Sweeps", "tuning_sweep"),
        _list("Proposals", "tuning_proposal"),
        Place(
            title="Profiles",
            url_name="admin:ranking_profile_changelist",
            holds=("ranking_profile", "ranking_configurationverdict", "profile-check"),
        ),
        _list("Segments", "ranking_segment"),
        _list("Segment profiles", "ranking_segmentprofile"),
        _list("Experiments", "ranking_experiment"),
        _list("Bandits", "ranking_banditpolicy"),
        _list("Off-policy", "ranking_banditdecision"),
        _list("Signals", "ranking_signalbuild"),
        _list("Evaluations", "simulations_evaluation"),
    ),
    Place(
        title="Guardrails",
        icon="shield",
        url_name="admin:simulations_guardrailcheck_changelist",
        holds=(
            "simulations_guardrail",
            "simulations_breach",
        ),
    ),
    _job(
        "Catalog",
        "catalog",
        _list("Items", "catalog_item"),
        _list("Users", "catalog_user"),
        _list("Events", "catalog_event"),
        _list("Event types", "catalog_eventtype"),
        _list("Runs", "catalog_run"),
    ),
    _job(
        "Audit",
        "audit",
        _list("Edits", "audit_edit"),
        _list("Changes", "catalog_change"),
    ),
    _job(
        "Settings",
        "settings",
        _list("Namespaces", "catalog_namespace"),
        _list("Organisations", "catalog_org"),
        _list("API keys", "catalog_apikey"),
        _list("Webhooks", "rules_webhook"),
        _list("Members", "catalog_membership"),
        _list("What is kept", "audit_auditbatch"),
        _list("Staff", "auth_user"),
        _list("Schedules", "django_celery_beat_periodictask"),
    ),
)

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "RecSys",
    "SITE_HEADER": "RecSys",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
}
