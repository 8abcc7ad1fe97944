"""What rules would do: `POST /v1/admin/rules/dry-run`, which ranking alone can tell."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.core.moments import microseconds
from catalog.core.text import are_ids
from catalog.models import Namespace, Scope
from catalog.models.runs import new_id
from ranking.core.configuration import Configuration
from ranking.core.request import Prefetched
from ranking.core.request import Request as RankingRequest
from ranking.queries.configurations import compose
from ranking.serve.rule_dry_runs import DryRun, dry_run, with_only
from rules.api.bodies import EXAMPLE_BODY as EXAMPLE_RULE
from rules.api.bodies import RuleRequest
from rules.api.reading import content_from, moment
from rules.core.rule import Rule
from rules.models import ChangeSetItem
from rules.operations.validity import require_valid
from rules.queries.contents import to_document
from rules.queries.live import rules_are_on

from . import canonical
from .bodies import MAX_K, RankingBody
from .rankings import served

MAX_ITEMS = 1_000
PROPOSED = "proposed"
"""Stands for the id of the proposed rule, which has none."""


class RuleDryRunBody(Struct, kw_only=True):
    """Which rules, on which items or for whom."""

    namespace: str | None = None
    surface: str | None = None
    segment_id: Annotated[
        str | None, Meta(description="As if whoever asks belonged to it.")
    ] = None
    items: Annotated[
        list[str] | None,
        Meta(description="On these items, at score 0. Absent: on a live request."),
    ] = None
    rule: Annotated[
        RuleRequest | None,
        Meta(description="A proposed rule, as if it were published beside the stored."),
    ] = None
    rule_ids: Annotated[
        list[str] | None, Meta(description="Of the stored rules these alone.")
    ] = None
    user_id: str | None = None
    context: dict[str, Any] | None = None
    k: Annotated[int, Meta(ge=1, le=MAX_K)] | None = None
    at: Annotated[
        str | None, Meta(description="RFC 3339 with a zone; now when absent.")
    ] = None


class RuleMatchOut(Struct, kw_only=True):
    rule_id: str
    action: str
    target_type: str
    item_ids: list[str]


class RuleEffectOut(Struct, kw_only=True):
    blocked: bool
    pinned: bool
    boost_delta: float


class PinnedOut(Struct, kw_only=True):
    item_id: str
    rule_ids: list[str]
    position: int
    from_candidates: bool


class RuleDryRunAnswer(Struct, kw_only=True):
    """What each rule would do, and what would become of each item."""

    rules_evaluated: list[str]
    rules_matched: list[RuleMatchOut]
    rule_effects_per_item: dict[str, RuleEffectOut]
    reason_tags: dict[str, list[str]]
    pinned_items: list[PinnedOut]
    not_eligible: Annotated[
        list[str], Meta(description="Items that no rule brings back, or unknown ones.")
    ]
    items: Annotated[list[str], Meta(description="The page, best first.")]
    warnings: list[str] | UnsetType = UNSET


class RuleDryRunView(TenantView):
    scopes = {"POST": Scope.READ}

    @documented(
        summary="What stored or proposed rules would do to items, or to a request",
        request=RuleDryRunBody,
        answer=RuleDryRunAnswer,
        example_request={
            "namespace": "demo",
            "surface": "home",
            "items": ["lamp-oak", "sofa-grey"],
            "rule": EXAMPLE_RULE,
        },
        example_answer={
            "rules_evaluated": [PROPOSED],
            "rules_matched": [
                {
                    "rule_id": PROPOSED,
                    "action": "PIN",
                    "target_type": "ITEM",
                    "item_ids": ["lamp-oak"],
                }
            ],
            "rule_effects_per_item": {
                "lamp-oak": {"blocked": False, "pinned": True, "boost_delta": 0.0}
            },
            "reason_tags": {"lamp-oak": [f"rule.pin[{PROPOSED}]"]},
            "pinned_items": [
                {
                    "item_id": "lamp-oak",
                    "rule_ids": [PROPOSED],
                    "position": 1,
                    "from_candidates": True,
                }
            ],
            "not_eligible": [],
            "items": ["lamp-oak", "sofa-grey"],
        },
        errors=(404,),
    )
    def post(self, request: Request) -> Response:
        """Rank by the engine that serves, and keep nothing."""
        body, self.warnings = decode(request, RuleDryRunBody)
        if not body.surface:
            raise refuse("missing_surface", "Name the surface.", field="surface")
        wanted = _request(body)
        namespace = self.namespace(wanted.namespace)
        if namespace is None:
            return self.answer(_nothing(body))
        # The row that access remembers may be a second old.
        if not rules_are_on(Namespace.objects.get(pk=namespace.pk)):
            raise ApiError(
                "rules_disabled", f"The rules of {namespace.name} are switched off."
            )
        at = moment(body.at, field="at") or self.at
        configuration, proposed = _configuration(namespace, body)
        run = served(
            lambda: dry_run(
                namespace,
                wanted,
                wall_us=microseconds(at),
                configuration=configuration,
                segment=body.segment_id or None,
            )
        )
        return self.answer(_answer(run, asked=body.items, proposed=proposed))


def _request(body: RuleDryRunBody) -> RankingRequest:
    items = body.items
    if items is not None and not (0 < len(items) <= MAX_ITEMS and are_ids(items)):
        raise refuse(
            "invalid_items", f"items holds 1 to {MAX_ITEMS} item ids.", field="items"
        )
    sent = RankingBody(
        namespace=body.namespace,
        surface=body.surface,
        user_id=body.user_id,
        context=body.context,
        k=body.k,
    )
    wanted = canonical.recommendation(sent)
    if items is None:
        return wanted
    named = tuple(Prefetched(item_id, 0.0) for item_id in dict.fromkeys(items))
    k = min(body.k or len(named), MAX_K)
    return msgspec.structs.replace(wanted, items=named, k=k)


def _configuration(
    namespace: Namespace, body: RuleDryRunBody
) -> tuple[Configuration, str]:
    """Return what would be in force, and the id that the proposed rule has in it."""
    if body.rule is None:
        found = compose(namespace)
        wanted = body.rule_ids
        return (found if wanted is None else with_only(found, wanted)), ""
    key = new_id()
    content = content_from(body.rule)
    rule = msgspec.structs.replace(content.rule, id=str(key))
    content = msgspec.structs.replace(content, rule=rule)
    require_valid(content)
    change = ChangeSetItem(rule_id=key, content=to_document(content))
    found = compose(namespace, changes=[change])
    if body.rule_ids is not None:
        found = with_only(found, [*body.rule_ids, str(key)])
    return found, str(key)


def _answer(run: DryRun, *, asked: list[str] | None, proposed: str) -> RuleDryRunAnswer:
    def name(rule: Rule) -> str:
        return PROPOSED if rule.id == proposed else rule.id

    known = run.effects or dict.fromkeys(run.answer.ranking.item_ids)
    return RuleDryRunAnswer(
        rules_evaluated=[name(rule) for rule in run.evaluated],
        rules_matched=[
            RuleMatchOut(
                rule_id=name(each.rule),
                action=each.rule.action.value,
                target_type=each.rule.target.type.value,
                item_ids=list(each.item_ids),
            )
            for each in run.matches
        ],
        rule_effects_per_item={
            item_id: RuleEffectOut(
                blocked=effect.blocked,
                pinned=effect.pinned,
                boost_delta=effect.boost_delta,
            )
            for item_id, effect in run.effects.items()
        },
        reason_tags={
            item_id: [_named(reason, proposed) for reason in effect.reasons]
            for item_id, effect in run.effects.items()
            if effect.reasons
        },
        pinned_items=[
            PinnedOut(
                item_id=each.item_id,
                rule_ids=[name(each.rule)],
                position=each.slot,
                from_candidates=each.was_asked_for,
            )
            for each in run.pinned
        ],
        not_eligible=[item_id for item_id in asked or () if item_id not in known],
        items=list(run.answer.ranking.item_ids),
    )


def _nothing(body: RuleDryRunBody) -> RuleDryRunAnswer:
    return RuleDryRunAnswer(
        rules_evaluated=[],
        rules_matched=[],
        rule_effects_per_item={},
        reason_tags={},
        pinned_items=[],
        not_eligible=body.items or [],
        items=[],
    )


def _named(reason: str, proposed: str) -> str:
    return reason.replace(proposed, PROPOSED) if proposed else reason
