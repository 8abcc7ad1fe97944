"""Rules in force that do nothing: they never match, or show nothing of what they do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Sum

from audit.models import FeedbackHour, RuleHour
from audit.queries.feedback import Dimension
from catalog.models import Namespace
from rules.core.findings import Finding, FindingKind
from rules.core.rule import Action
from rules.models import Rule, RuleState

from .effects import KNOWN_FOR

ZERO_FOR = timedelta(days=1)
"""A rule without any effect for so long is told of."""

LEAST_ANSWERS = 20
"""Of fewer answers nobody says that a rule has no effect."""

_LIFTING = (Action.BOOST, Action.PIN)


def never_matched(namespace: Namespace, *, at: datetime) -> set[UUID]:
    """Return rules in force for thirty days that met nothing in all of them.

    Where answers were not counted for so long nobody knows, and none is returned.
    """
    start = at - KNOWN_FOR
    counted = FeedbackHour.objects.filter(
        namespace=namespace, dimension=Dimension.ALL, hour__lte=start
    )
    if not counted.exists():
        return set()
    met = RuleHour.objects.filter(
        org_id=OuterRef("org_id"),
        namespace=OuterRef("namespace"),
        rule_id=OuterRef("pk"),
        hour__gte=start,
    )
    rules = Rule.objects.filter(
        Q(starts_at=None) | Q(starts_at__lte=start),
        ~Exists(met),
        namespace=namespace,
        state=RuleState.LIVE,
        version__at__lte=start,
    )
    return set(rules.values_list("pk", flat=True))


def without_effect(namespace: Namespace, *, at: datetime) -> set[UUID]:
    """Return boosts and pins in force that showed none of what they met for a day."""
    lately = RuleHour.objects.filter(
        namespace=namespace, held=False, hour__gte=at - ZERO_FOR
    )
    sums = lately.values("rule_id").annotate(
        n_traced=Sum("traced"), n_without=Sum("without_effect")
    )
    idle = {
        row["rule_id"]
        for row in sums.order_by("rule_id")
        if row["n_traced"] >= LEAST_ANSWERS and row["n_without"] == row["n_traced"]
    }
    rules = Rule.objects.filter(
        Q(starts_at=None) | Q(starts_at__lte=at - ZERO_FOR),
        namespace=namespace,
        pk__in=idle,
        state=RuleState.LIVE,
        action__in=_LIFTING,
        version__at__lte=at - ZERO_FOR,
    )
    return set(rules.values_list("pk", flat=True))


def dead_rules(namespace: Namespace, *, at: datetime) -> set[UUID]:
    """Return rules in force that do nothing, for whatever reason."""
    return never_matched(namespace, at=at) | without_effect(namespace, at=at)


def effect_findings(
    namespace: Namespace, rules: Iterable[Rule], *, at: datetime
) -> Sequence[Finding]:
    """Return what is to be said of rules for what they did not do."""
    asked = list(rules)
    if not asked:
        return ()
    never = never_matched(namespace, at=at)
    without = without_effect(namespace, at=at)
    found = []
    for rule in asked:
        if rule.pk in never:
            words = f"“{rule.name}” matched nothing in {KNOWN_FOR.days} days."
            found.append(_finding(FindingKind.NEVER_MATCHED, words, rule))
        elif rule.pk in without:
            words = (
                f"“{rule.name}” had no effect in 24 hours: it meets items, and none of"
                " them is shown."
            )
            found.append(_finding(FindingKind.ZERO_EFFECT, words, rule))
    return found


def _finding(kind: FindingKind, words: str, rule: Rule) -> Finding:
    return Finding(kind=kind, sentence=words, rule_ids=(str(rule.pk),))
