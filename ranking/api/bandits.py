"""Bandits: `/v1/bandit/…`. Which policy answers, learned from rewards."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.parameters import refuse_missing_namespace
from catalog.api.request_id import request_id_of
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.core.moments import microseconds
from catalog.core.text import is_id
from catalog.models import Namespace, Scope
from catalog.tenancy import org_scope
from ranking import serve
from ranking.operations.bandit_rewards import (
    NoSuchDecisionError,
    RewardDraft,
    tell_reward,
)
from ranking.operations.bandits import check_reward, record_choice

from . import bandit_bodies as bodies
from . import canonical
from .answers import ranking_answer
from .rankings import HotView, served
from .view import require_id


class DecideView(TenantView):
    scopes = {"POST": Scope.RANK}

    @documented(
        summary="Choose a policy",
        request=bodies.DecideBody,
        answer=bodies.DecideAnswer,
        example_request=bodies.EXAMPLE_DECIDE,
        example_answer=bodies.EXAMPLE_DECIDED,
        errors=(404,),
    )
    def post(self, request: Request) -> Response:
        """Tell the policy's reward later, with the answer's `decision_id`.

        A decision that earns nothing within BANDIT_REWARD_WINDOW_HOURS counts as one
        that earned 0; a reward that comes later still counts.
        """
        body, self.warnings = decode(request, bodies.DecideBody)
        name = body.namespace or refuse_missing_namespace()
        surface = _required_surface(body.surface)
        namespace = self.namespace(name)
        call = _bandit_call(
            namespace,
            body,
            surface=surface,
            context=body.context or {},
            wall_us=microseconds(self.at),
            request_id=body.request_id or request_id_of(request._request),
        )
        decided = _decide(call)
        told = decided.told
        record_choice(call.namespace, told, decision_id=decided.decision_id, at=self.at)
        return self.answer(
            bodies.DecideAnswer(
                decision_id=str(decided.decision_id),
                policy_id=told.policy_id,
                algorithm=told.algorithm,
                surface=told.surface,
                bucket_key=told.bucket_key,
                explore=told.explore,
                propensity=told.propensity,
                explain=_explain(decided),
                request_id=told.request_id,
                experiment=told.experiment or UNSET,
                variant=told.variant or UNSET,
            )
        )


class RewardView(TenantView):
    scopes = {"POST": Scope.RANK}

    @documented(
        summary="Tell what a chosen policy earned",
        request=bodies.RewardBody,
        answer=bodies.RewardAnswer,
        example_request=bodies.EXAMPLE_REWARD,
        example_answer=bodies.EXAMPLE_REWARDED,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Add it to what is known of the policy, once.

        A decision has one reward, the largest told: telling the same twice changes
        nothing, and a purchase after a click raises it. Without `decision_id` send
        surface, bucket_key and policy_id; with the decision's request_id it is found
        by that.
        """
        body, self.warnings = decode(request, bodies.RewardBody)
        name = body.namespace or refuse_missing_namespace()
        draft = _reward_draft(body)
        namespace = self.writable_namespace(name)
        try:
            told = tell_reward(namespace, draft, at=self.at)
        except NoSuchDecisionError as error:
            raise ApiError(
                "decision_not_found",
                f"No bandit made decision {error} in {name}.",
                status=404,
                details={"field": "decision_id"},
            ) from None
        return self.answer(
            bodies.RewardAnswer(decision_id=str(told.decision_id), learned=told.learned)
        )


class BanditRecommendationsView(HotView):
    @documented(
        summary="What somebody should see here, by the policy that a bandit chooses",
        request=bodies.BanditRankingBody,
        answer=bodies.BanditRankingAnswer,
        example_request=bodies.EXAMPLE_RANKING,
        example_answer=bodies.EXAMPLE_RANKED,
        errors=(404,),
    )
    def post(self, request: Request) -> Response:
        """Put the policy's knobs above profile and segment, below overrides."""
        body, self.warnings = decode(request, bodies.BanditRankingBody)
        name = body.namespace or refuse_missing_namespace()
        wanted = canonical.recommendation(body)
        surface = _required_surface(wanted.surface)
        request_id = request_id_of(request._request)
        call = _bandit_call(
            self.namespace(name),
            body,
            surface=surface,
            context=wanted.context,
            wall_us=microseconds(self.at),
            request_id=body.request_id or request_id,
        )
        with org_scope(self.caller.org_id):
            decided = _decide(call)
        answer = served(
            lambda: serve.answer(
                serve.Call(
                    namespace=call.namespace,
                    request=wanted,
                    wall_us=call.wall_us,
                    route="bandit",
                    request_id=call.request_id,
                    is_dry=bool(body.dry_run),
                    decision_id=decided.decision_id,
                    arm=decided.arm,
                )
            )
        )
        if not body.dry_run:
            # Only of what was answered: a failed request earns nothing for anybody.
            with org_scope(self.caller.org_id):
                record_choice(
                    call.namespace,
                    decided.told,
                    decision_id=decided.decision_id,
                    at=self.at,
                )
        warnings = [*self.warnings, *answer.warnings]
        return Response(_ranked(ranking_answer(answer, warnings=warnings), decided))


def _ranked(answer: Any, decided: serve.Decided) -> bodies.BanditRankingAnswer:
    told = decided.told
    return bodies.BanditRankingAnswer(
        **msgspec.structs.asdict(answer),
        chosen_policy_id=told.policy_id,
        algorithm=told.algorithm,
        bandit_bucket=told.bucket_key,
        explore=told.explore,
        bandit_explain=_explain(decided),
        propensity=told.propensity,
        request_id=told.request_id,
        bandit_experiment=told.experiment or UNSET,
        bandit_variant=told.variant or UNSET,
    )


def _bandit_call(
    namespace: Namespace | None,
    body: bodies.DecideBody | bodies.BanditRankingBody,
    **fields: Any,
) -> serve.BanditCall:
    if namespace is None:
        raise _no_policies()
    return serve.BanditCall(
        namespace=namespace,
        policy_ids=body.candidate_policy_ids or (),
        algorithm=body.algorithm,
        user_id=body.user_id or None,
        **fields,
    )


def _decide(call: serve.BanditCall) -> serve.Decided:
    try:
        return served(
            lambda: serve.decide_policy(
                call,
                plan=serve.current(call.namespace).plan,
                decision_id=serve.new_decision_id(),
            )
        )
    except serve.NoPolicyError:
        raise _no_policies() from None


def _no_policies() -> ApiError:
    return ApiError(
        "no_eligible_policies",
        "There is no policy to choose: store some with policies:upsert, or name others"
        " in candidate_policy_ids.",
        details={"field": "candidate_policy_ids"},
    )


def _explain(decided: serve.Decided) -> bodies.BanditExplain:
    told = decided.told
    return bodies.BanditExplain(told.surface, told.bucket_key, told.empirical_best)


def _required_surface(surface: str | None) -> str:
    return require_id(surface, field="surface")


def _reward_draft(body: bodies.RewardBody) -> RewardDraft:
    named = (body.surface, body.bucket_key, body.policy_id)
    if body.reward is None or (body.decision_id is None and not all(named)):
        raise refuse(
            "missing_fields",
            "Send reward, and decision_id or surface, bucket_key and policy_id.",
            field="reward" if body.reward is None else "decision_id",
        )
    texts = {
        name: getattr(body, name) or ""
        for name in ("request_id", "experiment", "variant", "surface", "policy_id")
    } | {"bucket_key": body.bucket_key or ""}
    for name, value in texts.items():
        if value and not is_id(value):
            raise refuse(
                f"invalid_{name}",
                f"{name} has at most 256 bytes and no control characters.",
                field=name,
            )
    return RewardDraft(
        reward=check_reward(body.reward),
        decision_id=body.decision_id,
        algorithm=body.algorithm or "thompson",
        **texts,
    )
