"""What is known of an item or a surface, from traces, feedback and rules in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Func, IntegerField, QuerySet, Sum
from msgspec import Struct

from audit.admin import words
from audit.core.identity import first_id_at
from audit.core.record import Trace
from audit.core.rule_facts import facts_of
from audit.models import Decision, Feedback, FeedbackKind, FeedbackState
from audit.queries import open_trace_of
from catalog.models import Item, Namespace
from ranking.core.explaining import (
    MOST_TRACES,
    Evidence,
    Facts,
    TargetKind,
    counted,
)
from rules.core.reach import ItemFacts, reaches
from rules.core.rule import EVERY_SURFACE, Action, Rule
from rules.models import Rule as RuleRow
from rules.queries.items import known_items
from rules.queries.live import live_overrides, live_rules

_MOST_COUNTED = 100_000
_MOST_RULES = 20
_MOST_LINKS = 5


class Asked(Struct, frozen=True, kw_only=True):
    """What is to be explained."""

    target_type: TargetKind
    target_id: str
    surface: str | None
    segment_id: str | None
    since: datetime
    until: datetime


def facts(namespace: Namespace | None, asked: Asked, *, name: str) -> Facts:
    """Return what is known. Of a namespace where nobody wrote yet that is nothing."""
    told: dict[str, Any] = {
        **{field: getattr(asked, field) for field in asked.__struct_fields__},
        "namespace": name,
    }
    if namespace is None:
        return Facts(**told, decisions=0, impressions=0, clicks=None, **_empty())
    item = None
    if asked.target_type is TargetKind.ITEM:
        item = Item.objects.filter(namespace=namespace, item_id=asked.target_id).first()
    decisions = _decisions(namespace, asked)
    shown = decisions.filter(items__contains=[item.pk if item else 0])
    held = shown if asked.target_type is TargetKind.ITEM else decisions
    newest = list(decisions.order_by("-decision_id")[:MOST_TRACES])
    traces = [trace for each in newest if (trace := open_trace_of(each)) is not None]
    n_decisions, impressions = _count(decisions), _impressions(held, asked)
    clicks = _clicks(namespace, held, item)
    rules = _about(_rules_in_scope(namespace, asked), namespace, asked)
    if asked.target_type is TargetKind.ITEM and item is None:
        # What became of other items says nothing of one that is not there.
        traces = []
    causes = [
        *_unknown(asked, item),
        *_drops(traces, item),
        *_effects(traces, item),
    ]
    metrics = _metrics(n_decisions, impressions, clicks, asked=asked)
    standing = _standing(traces, item) if item else []
    return Facts(
        **told,
        decisions=n_decisions,
        impressions=impressions,
        clicks=clicks,
        findings=(*metrics, *standing, *_active(rules)),
        causes=tuple(causes),
        fixes=tuple(_fixes(causes, impressions=impressions)),
        links=tuple(
            f"/v1/audit/decisions/{each.decision_id}" for each in newest[:_MOST_LINKS]
        ),
    )


def _decisions(namespace: Namespace, asked: Asked) -> QuerySet[Decision]:
    found = Decision.objects.filter(
        namespace=namespace,
        decision_day__gte=asked.since.date(),
        decision_day__lte=asked.until.date(),
        decision_id__gte=first_id_at(asked.since),
        decision_id__lt=first_id_at(asked.until),
    )
    if asked.surface:
        found = found.filter(surface=asked.surface)
    if asked.segment_id:
        found = found.filter(segment=asked.segment_id)
    return found


def _count(found: QuerySet[Any]) -> int:
    return found.order_by()[:_MOST_COUNTED].count()


def _impressions(held: QuerySet[Decision], asked: Asked) -> int:
    if asked.target_type is TargetKind.ITEM:
        return _count(held)
    lengths = held.order_by().annotate(
        length=Func(F("items"), function="cardinality", output_field=IntegerField())
    )
    total = lengths[:_MOST_COUNTED].aggregate(total=Sum("length"))["total"]
    return int(total or 0)


def _clicks(
    namespace: Namespace, held: QuerySet[Decision], item: Item | None
) -> int | None:
    """Count clicks on what was answered; None where nobody sends feedback."""
    if not Feedback.objects.filter(namespace=namespace).exists():
        return None
    clicks = Feedback.objects.filter(
        namespace=namespace,
        kind=FeedbackKind.CLICK,
        state=FeedbackState.COUNTED,
        decision_id__in=held.order_by().values("decision_id"),
    )
    return _count(clicks if item is None else clicks.filter(item=item.pk))


def _metrics(
    decisions: int, impressions: int, clicks: int | None, *, asked: Asked
) -> Iterator[Evidence]:
    given = f"{counted(decisions, 'answer')} {_were(decisions)} given."
    yield Evidence("metric_decisions", given)
    held = f"{impressions:,} of them held the item."
    if asked.target_type is TargetKind.SURFACE:
        held = f"{counted(impressions, 'item')} {_were(impressions)} in them."
    yield Evidence("metric_impressions", held)
    if clicks is not None:
        yield Evidence("metric_clicks", f"{clicks:,} {_were(clicks)} clicked.")
        if impressions:
            share = clicks / impressions
            yield Evidence("metric_ctr", f"That is {share:.2%} of those.")


def _standing(traces: Sequence[Trace], item: Item) -> Iterator[Evidence]:
    """Say where the item stood among the candidates of the newest answers."""
    ranks = []
    for trace in traces:
        columns = trace.candidates
        if "number" in columns:
            found = columns["rank"][columns["number"] == item.pk].tolist()
            ranks += [rank for rank in found if rank > 0]
    if traces and ranks:
        middle = sorted(ranks)[len(ranks) // 2]
        yield Evidence(
            "trace_rank",
            f"In {len(ranks)} of the newest {counted(len(traces), 'answer')} it was a"
            f" candidate; its median rank by score was {middle}.",
        )
    elif traces:
        yield Evidence(
            "trace_rank",
            f"In none of the newest {counted(len(traces), 'answer')} was it among the"
            " best candidates.",
        )


def _drops(traces: Iterable[Trace], item: Item | None) -> Iterator[Evidence]:
    counts: Counter[str] = Counter()
    for trace in traces:
        columns = trace.drops.columns
        if "number" not in columns:
            continue
        reasons = columns["reason"]
        if item is not None:
            reasons = reasons[columns["number"] == item.pk]
        counts.update(trace.drops.reasons[code] for code in reasons.tolist())
    for code, count in counts.most_common():
        what = "It was left out" if item is not None else "Items were left out"
        times = counted(count, "time")
        yield Evidence(f"drop:{code}", f"{what} {times}: {words.drop(code)}")


def _effects(traces: Iterable[Trace], item: Item | None) -> Iterator[Evidence]:
    matched: Counter[str] = Counter()
    moved: Counter[str] = Counter()
    for trace in traces:
        for fact in facts_of(trace):
            if item is not None and item.pk not in fact.items:
                continue
            matched[str(fact.rule_id)] += 1
            moved[str(fact.rule_id)] += fact.moved
    # Also those that were retired since.
    rows = RuleRow.objects.filter(pk__in=list(matched)).values_list("pk", "name")
    names = {str(key): name for key, name in rows}
    for rule_id, count in matched.most_common():
        rule = f"Rule {names.get(rule_id) or rule_id}"
        met = f"{rule} met items of {counted(count, 'answer')}."
        yield Evidence(f"rule_match:{rule_id}", met)
        did = f"{rule} moved {counted(moved[rule_id], 'item')}."
        yield Evidence(f"rule_effect:{rule_id}", did)


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _active(rules: Sequence[Rule]) -> Iterator[Evidence]:
    for rule in rules[:_MOST_RULES]:
        where = "everywhere" if rule.surface == EVERY_SURFACE else f"on {rule.surface}"
        what = f"Rule {rule.name or rule.id} is live {where}"
        yield Evidence(f"rule_active:{rule.id}", f"{what}: {rule.action.lower()}.")


def _rules_in_scope(namespace: Namespace, asked: Asked) -> list[Rule]:
    live = [*live_rules(namespace), *live_overrides(namespace)]
    surfaces = {EVERY_SURFACE, asked.surface}
    return [
        rule
        for rule in live
        if (asked.surface is None or rule.surface in surfaces)
        and (
            asked.segment_id is None
            or rule.segment is None
            or rule.segment.lower() == asked.segment_id.lower()
        )
    ]


def _about(rules: Sequence[Rule], namespace: Namespace, asked: Asked) -> Sequence[Rule]:
    """Return the rules that may touch what is asked about: a filter touches all."""
    if asked.target_type is not TargetKind.ITEM:
        return rules
    unlisted = ItemFacts(item_id=asked.target_id)
    item = known_items(namespace, [asked.target_id]).get(asked.target_id, unlisted)
    return [
        rule
        for rule in rules
        if rule.action is Action.FILTER or reaches(rule.target, item) is not False
    ]


def _unknown(asked: Asked, item: Item | None) -> Iterator[Evidence]:
    if asked.target_type is TargetKind.ITEM and item is None:
        yield Evidence("item_unknown", f"There is no item {asked.target_id!r}.")
    elif item is not None and not item.available:
        yield Evidence("item_unavailable", "The item is switched off in the catalog.")


def _fixes(causes: Sequence[Evidence], *, impressions: int) -> Iterator[str]:
    advice = {
        "item_unknown": "Check the item's id, or send the item.",
        "item_unavailable": "Switch the item on in the catalog.",
        "drop:out_of_stock": "Fill the stock up, or send the stock there is.",
        "drop:rule_block": "Look at the rule that blocks it.",
        "drop:rule_filter": "Look at the rule that filters the surface.",
    }
    found = [(each.id, advice[each.id]) for each in causes if each.id in advice]
    yield from (f"{words_of} [{evidence}]" for evidence, words_of in found)
    if not impressions and not found:
        yield (
            "Ask about the item on the page of one of the answers: it says for any item"
            " why it is not there. [metric_impressions]"
        )


def _empty() -> dict[str, Any]:
    return {
        "findings": (
            Evidence("metric_decisions", "0 answers were given."),
            Evidence("metric_impressions", "0 of them held it."),
        ),
        "fixes": ("Nothing was sent to this namespace yet. [metric_decisions]",),
    }
