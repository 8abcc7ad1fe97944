"""What a rule did, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from django.urls import URLPattern, path
from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.openapi import documented
from catalog.api.view import TenantView
from rules.queries.effects import effects_of
from rules.queries.measured import Comparison, Effect

from .finding import find_rule

_EXAMPLE: dict[str, Any] = {
    "rule_id": "0198c0de-0000-7000-8000-000000000000",
    "since": "2026-03-01T12:00:00+00:00",
    "hits_7d": 28_840,
    "matches": 41_200,
    "exposures": 39_812,
    "clicks": 1_604,
    "conversions": 93,
    "positions_moved": 15_985,
    "positions_moved_per_1000": 388.0,
    "zero_effect_share": 0.034,
    "click_rate_change": 0.031,
    "click_rate_change_low": 0.009,
    "click_rate_change_high": 0.054,
    "compared_with": "control",
    "is_correlation_only": False,
    "said": "measured on answers that it met, against users held out of it",
}


class RuleMeasuredOut(Struct, kw_only=True):
    """What a rule did since its version in force, and what came of it."""

    rule_id: str
    since: Annotated[str | None, Meta(description="Null: it was never published.")]
    hits_7d: Annotated[int, Meta(description="Answers of 7 days that it met.")]
    matches: int
    exposures: Annotated[int, Meta(description="Items shown that it touched.")]
    clicks: Annotated[int, Meta(description="On these items.")]
    conversions: Annotated[int, Meta(description="Purchases of these items.")]
    positions_moved: int
    positions_moved_per_1000: Annotated[
        float | None, Meta(description="Per 1,000 answers. Null for BLOCK and FILTER.")
    ]
    zero_effect_share: Annotated[
        float | None, Meta(description="Answers in which nothing it lifts was shown.")
    ]
    click_rate_change: Annotated[
        float | None,
        Meta(description="Relative: 0.05 is 5 % more. Null: not enough data."),
    ]
    click_rate_change_low: float | None
    click_rate_change_high: float | None
    compared_with: Annotated[
        str | None,
        Meta(description="control: users held out of it; before: before it."),
    ]
    is_correlation_only: bool
    said: str


class RuleEffectView(TenantView):
    @documented(
        summary="Read what a rule did",
        answer=RuleMeasuredOut,
        example_answer=_EXAMPLE,
        errors=(404,),
    )
    def get(self, request: Request, rule_id: str) -> Response:
        """Tell what it met, showed and moved, and whether clicks changed.

        Only a rule with a holdout has a control arm. Of others the click rate before
        publishing is compared with that since, which shows no cause. The interval holds
        the true change in 95 % of all cases.
        """
        rule = find_rule(self, rule_id)
        effect = effects_of(rule.namespace, [rule], at=self.at)[rule.pk]
        return self.answer(_out(str(rule.pk), effect))


def _out(rule_id: str, effect: Effect) -> RuleMeasuredOut:
    return RuleMeasuredOut(
        rule_id=rule_id,
        since=effect.since.isoformat() if effect.since else None,
        hits_7d=effect.hits_7d,
        matches=effect.matches,
        exposures=effect.exposures,
        clicks=effect.clicks,
        conversions=effect.conversions,
        positions_moved=effect.moved,
        positions_moved_per_1000=effect.moves_per_1000,
        zero_effect_share=effect.zero_share,
        **_compared(effect.comparison),
    )


def _compared(found: Comparison | None) -> dict[str, Any]:
    change = found.change if found else None
    return {
        "click_rate_change": change.value if change else None,
        "click_rate_change_low": change.low if change else None,
        "click_rate_change_high": change.high if change else None,
        "compared_with": found.against.value if found else None,
        "is_correlation_only": found is not None and found.against == "before",
        "said": found.words if found else "not enough data: no answers were counted",
    }


urlpatterns: list[URLPattern] = [
    path(
        "v1/admin/rules/<str:rule_id>/effect",
        RuleEffectView.as_view(),
        name="rule-effect",
    ),
]
