"""What rules tell Prometheus, under the names that dashboards know.

Rules that met something in an answer are counted, so the cost does not grow with those
that did not. Item ids are never labels.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import structlog
from prometheus_client import Counter, Histogram

from rules.core.rule import Action, Rule

log = structlog.get_logger(__name__)

_SCOPE = ["namespace", "surface"]
ACTIONS = Counter(
    "policy_rule_actions_total", "Items that rules met.", [*_SCOPE, "action"]
)
EXPOSURE = Counter(
    "policy_rule_exposure_total",
    "Items in answers that owe their place to rules.",
    [*_SCOPE, "action"],
)
ZERO_EFFECT = Counter(
    "policy_rule_zero_effect_total",
    "Answers in which a boost or pin met items and none was shown.",
    [*_SCOPE, "action"],
)
BLOCKED_ITEMS = Counter(
    "policy_rule_blocked_items_total",
    "Items that each rule kept out.",
    [*_SCOPE, "rule_id"],
)
OVERRIDE_MATCHES = Counter(
    "policy_override_matches_total",
    "Items that each manual override met.",
    [*_SCOPE, "override_id", "action"],
)
OVERRIDE_EXPOSURE = Counter(
    "policy_override_exposure_total",
    "Items in answers that each manual override met.",
    [*_SCOPE, "override_id", "action"],
)
CONSTRAINT_LEAKS = Counter(
    "policy_constraint_leak_total",
    "Items shown against a request's constraints. Always 0, or there is a defect.",
    [*_SCOPE, "reason"],
)
PUBLISH_TO_SERVED_SECONDS = Histogram(
    "policy_publish_to_served_seconds",
    "From a publication to the moment at which a process obeys it.",
    ["namespace"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
)

_LIFTING = (Action.BOOST, Action.PIN)
_HIDING = (Action.BLOCK, Action.FILTER)
_QUIET_SECONDS = 3600.0
_MOST_REMEMBERED = 10_000
_told: dict[str, float] = {}


class Met(NamedTuple):
    """What one rule did in one answer."""

    rule: Rule
    matched: int
    shown: int


@lru_cache(maxsize=_MOST_REMEMBERED)
def _labelled(metric: Counter, *labels: str) -> Counter:
    # Looking a label up costs more than counting.
    return metric.labels(*labels)


def count_rules(namespace: str, surface: str | None, rules: Iterable[Met]) -> None:
    """Count what rules did in one answer."""
    scope = namespace.lower(), (surface or "default").lower()
    for rule, matched, shown in rules:
        action = rule.action.lower()
        _labelled(ACTIONS, *scope, action).inc(matched)
        if rule.override_id is not None:
            _labelled(OVERRIDE_MATCHES, *scope, rule.override_id, action).inc(matched)
            _labelled(OVERRIDE_EXPOSURE, *scope, rule.override_id, action).inc(shown)
        if rule.action in _HIDING:
            _labelled(BLOCKED_ITEMS, *scope, rule.id).inc(matched)
            continue
        _labelled(EXPOSURE, *scope, action).inc(shown)
        if rule.action in _LIFTING and matched and not shown:
            _labelled(ZERO_EFFECT, *scope, action).inc()
            _tell_once(rule, scope)


def count_leaks(namespace: str, surface: str | None, leaks: Mapping[str, int]) -> None:
    """Count items that were shown against a request's constraints, and say so."""
    scope = namespace.lower(), (surface or "default").lower()
    for reason, number in leaks.items():
        _labelled(CONSTRAINT_LEAKS, *scope, reason).inc(number)
    log.error(
        "policy_constraint_leak",
        namespace=scope[0],
        surface=scope[1],
        leaks=dict(leaks),
    )


def _tell_once(rule: Rule, scope: tuple[str, str]) -> None:
    """Warn of a rule without effect, once an hour and process."""
    moment = time.monotonic()
    if _told.get(rule.id, 0.0) > moment:
        return
    if len(_told) >= _MOST_REMEMBERED:
        _told.clear()
    _told[rule.id] = moment + _QUIET_SECONDS
    log.warning(
        "policy_rule_zero_effect",
        namespace=scope[0],
        surface=scope[1],
        type=rule.action.lower(),
        rule_ids=[rule.id],
    )
