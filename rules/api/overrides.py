"""Manual overrides: `/v1/admin/manual_overrides…`."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.listing import PAGE, frame, read_page
from catalog.api.openapi import documented, query
from catalog.api.parameters import choice, flag, required_namespace, text
from catalog.api.view import TenantView
from catalog.api.wire import body_of, decode
from catalog.core.wire import DEFAULT_NAMESPACE
from catalog.models import Scope
from catalog.queries.lists import Listed
from rules.core.rule import OVERRIDE_PRIORITY
from rules.models import ManualOverride, OverrideAction, OverrideStatus
from rules.operations.actors import of_caller
from rules.operations.direct import Edit
from rules.operations.overrides import (
    Overridden,
    OverrideDraft,
    cancel_override,
    create_override,
)
from rules.queries.lists import list_overrides
from rules.queries.standing import status_at, with_status

from .finding import find_override
from .override_bodies import (
    EXAMPLE_BODY,
    EXAMPLE_CANCELLED,
    EXAMPLE_LIST,
    EXAMPLE_OVERRIDE,
    CancelBody,
    OverrideBody,
    OverrideList,
    OverrideOut,
)
from .reading import moment, reason_of
from .refusals import refusals
from .rendering import change_set_url

DEFAULT_SURFACE = "default"


class OverridesView(TenantView):
    scopes = {"GET": Scope.READ, "POST": Scope.PUBLISHER}

    @documented(
        summary="List manual overrides, the newest first",
        answer=OverrideList,
        example_answer=EXAMPLE_LIST,
        parameters=[
            query("namespace", "Whose overrides.", required=True),
            query("surface", "Of this surface alone."),
            query("status", "Only this status.", choices=OverrideStatus.values),
            query("action", "Only this action.", choices=OverrideAction.values),
            query("include_expired", "Also those that have expired.", kind=bool),
            *PAGE,
        ],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        namespace = self.namespace(required_namespace(request))
        page = read_page(request, kind="overrides")
        wanted = self._condition(request)
        listed = list_overrides(namespace, wanted, page) if namespace else Listed()
        rows = [_out(row, at=self.at) for row in listed.rows]
        return self.answer(OverrideList(items=rows, **frame(listed, page)))

    @documented(
        summary="Push one item up, or keep it out, live with the answer",
        request=OverrideBody,
        answer=OverrideOut,
        example_request=EXAMPLE_BODY,
        example_answer=EXAMPLE_OVERRIDE,
        status=201,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Supersede the override that the item had on that surface."""
        body, self.warnings = decode(request, OverrideBody)
        draft = OverrideDraft(
            surface=body.surface or DEFAULT_SURFACE,
            item_id=body.item_id or "",
            action=(body.action or "").strip().lower(),
            boost_value=body.boost_value,
            notes=reason_of(body.notes),
            expires_at=moment(body.expires_at, field="expires_at"),
            priority=OVERRIDE_PRIORITY if body.priority is None else body.priority,
        )
        namespace = self.writable_namespace(body.namespace or DEFAULT_NAMESPACE)
        actor = of_caller(self.caller, called=body.created_by or "")
        with refusals():
            made = create_override(namespace, draft, edit=Edit(actor=actor, at=self.at))
        return self._made(made)

    def _made(self, made: Overridden) -> Response:
        self.warnings += [finding.sentence for finding in made.done.findings]
        if made.superseded is not None:
            before = made.superseded
            self.warnings.append(
                f"Override {before.pk} ({before.action}) of that item is superseded."
            )
        answer = _out(made.override, at=self.at)
        if not made.done.is_waiting:
            return self.answer(answer, status=201)
        answer.change_set = change_set_url(made.done.item)
        response = self.answer(answer, status=202)
        response["Location"] = answer.change_set
        return response

    def _condition(self, request: Request) -> Q:
        found = Q()
        if surface := text(request, "surface"):
            found &= Q(surface=surface)
        if action := choice(request, "action", OverrideAction.values):
            found &= Q(action=action)
        if status := choice(request, "status", OverrideStatus.values):
            return found & with_status(status, self.at)
        if not flag(request, "include_expired", default=True):
            found &= ~with_status(OverrideStatus.EXPIRED, self.at)
        return found


class CancelOverrideView(TenantView):
    scopes = {"POST": Scope.PUBLISHER}

    @documented(
        summary="Take a manual override out of force, at once",
        request=CancelBody,
        answer=OverrideOut,
        example_request={"cancelled_by": "ana"},
        example_answer=EXAMPLE_CANCELLED,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request, override_id: str) -> Response:
        """One that has ended already is answered as it is."""
        body = CancelBody()
        if body_of(request).strip():
            body, self.warnings = decode(request, CancelBody)
        override = find_override(self, override_id)
        called = body.cancelled_by or request.headers.get("X-User-Email", "")
        actor = of_caller(self.caller, called=called)
        with refusals():
            override = cancel_override(override, edit=Edit(actor=actor, at=self.at))
        return self.answer(_out(override, at=self.at))


def _out(row: ManualOverride, *, at: datetime) -> OverrideOut:
    status = status_at(row, at)
    ended_at = row.expires_at if status == OverrideStatus.EXPIRED else row.ended_at
    ended = ended_at.isoformat() if ended_at else None
    was_cancelled = status == OverrideStatus.CANCELLED
    return OverrideOut(
        override_id=str(row.pk),
        rule_id=str(row.rule_id),
        namespace=row.namespace.name,
        surface=row.surface,
        item_id=row.item_id,
        action=row.action,
        boost_value=row.boost_value,
        notes=row.notes,
        created_by=row.created_by,
        created_at=row.created_at.isoformat(),
        expires_at=row.expires_at.isoformat() if row.expires_at else None,
        status=status,
        cancelled_at=ended if was_cancelled else None,
        cancelled_by=row.cancelled_by or None,
        ended_at=ended,
    )
