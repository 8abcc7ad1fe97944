"""The policies that bandits choose from: `/v1/bandit/policies…`."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.openapi import documented, query
from catalog.api.parameters import refuse_missing_namespace, required_namespace
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.models import Scope
from ranking.core.knobs import KnobError
from ranking.models import BanditPolicy
from ranking.operations.bandits import PolicyDraft, upsert_policies

from . import bandit_bodies as bodies
from .configuration_bodies import wrong_knob
from .view import require_id

MAX_POLICIES = 100
_OWN_FIELDS = ("policy_id", "name", "active", "notes", "created_at", "updated_at")
_NAMESPACE = query("namespace", "Whose policies.", required=True)


class PoliciesView(TenantView):
    @documented(
        summary="List the policies that bandit calls choose from",
        answer=list[dict[str, Any]],
        example_answer=bodies.EXAMPLE_POLICY_LIST,
        parameters=[_NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        """Return all of them, also those that are switched off."""
        namespace = self.namespace(required_namespace(request))
        if namespace is None:
            return Response([])
        rows = BanditPolicy.objects.filter(namespace=namespace).order_by("policy_id")
        return Response([_out(row) for row in rows])


class PoliciesUpsertView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Store policies and put them in force",
        request=bodies.PoliciesBody,
        answer=bodies.PoliciesStored,
        example_request=bodies.EXAMPLE_POLICIES,
        example_answer={"status": "accepted", "accepted": 1},
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Replace each policy whole; the others stay as they are."""
        body, self.warnings = decode(request, bodies.PoliciesBody)
        name = body.namespace or refuse_missing_namespace()
        if not body.policies or len(body.policies) > MAX_POLICIES:
            raise refuse(
                "too_many_policies" if body.policies else "empty_policies",
                f"Send 1 to {MAX_POLICIES} policies.",
                field="policies",
            )
        drafts = [_draft(each) for each in body.policies]
        namespace = self.writable_namespace(name)
        try:
            self.warnings += upsert_policies(
                namespace, drafts, at=self.at, author=self.caller.name
            )
        except KnobError as error:
            raise wrong_knob("invalid_policy", error) from None
        return self.answer(bodies.PoliciesStored(accepted=len(drafts)))


def _draft(policy: dict[str, Any]) -> PolicyDraft:
    texts = {name: policy.get(name) or "" for name in ("policy_id", "name", "notes")}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise refuse(f"invalid_{name}", f"{name} must be a text.", field=name)
    active = policy.get("active")
    if active not in (None, True, False):
        raise refuse("invalid_active", "active is true or false.", field="active")
    return PolicyDraft(
        policy_id=require_id(texts["policy_id"], field="policy_id"),
        name=texts["name"][:200],
        active=active is not False,
        notes=texts["notes"],
        knobs={key: value for key, value in policy.items() if key not in _OWN_FIELDS},
    )


def _out(row: BanditPolicy) -> dict[str, Any]:
    return {
        "policy_id": row.policy_id,
        "name": row.name,
        "active": row.active,
        **row.knobs,
        "notes": row.notes,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }
