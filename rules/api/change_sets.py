"""Change sets: `/v1/admin/change-sets…`: made, filled, looked at."""

from __future__ import annotations

from django.db.models import Count
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.listing import PAGE, frame, read_page
from catalog.api.openapi import documented, query
from catalog.api.parameters import choice, clean_name
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.core.wire import DEFAULT_NAMESPACE
from catalog.models import Scope
from catalog.queries.lists import Listed
from rules.models import ChangeSet, ChangeSetItem, ChangeSetState, Rule, Verb
from rules.operations.actors import Actor, of_caller
from rules.operations.change_sets import Purpose, create_change_set
from rules.operations.drafts import (
    Proposal,
    draft_change,
    draft_end,
    draft_new_rule,
    draft_switch,
    drop_draft,
)
from rules.queries.lists import list_change_sets

from .bodies import RuleRequest
from .change_set_bodies import (
    EXAMPLE_CHANGE,
    EXAMPLE_CHANGE_SET,
    EXAMPLE_LIST,
    ChangeBody,
    ChangeSetBody,
    ChangeSetList,
    ChangeSetOut,
)
from .finding import find_change_set, find_rule
from .reading import content_from, reason_of
from .refusals import refusals
from .showing import row_out, show

_VERBS = (Verb.PUBLISH, Verb.PAUSE, Verb.RESUME, Verb.RETIRE)


class ChangeSetsView(TenantView):
    scopes = {"GET": Scope.READ, "POST": Scope.CONFIGURE}

    @documented(
        summary="List change sets, the newest first",
        answer=ChangeSetList,
        example_answer=EXAMPLE_LIST,
        parameters=[
            query("namespace", f"{DEFAULT_NAMESPACE} when absent."),
            query("state", "Only this state.", choices=ChangeSetState.values),
            *PAGE,
        ],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        name = clean_name(request.query_params.get("namespace") or DEFAULT_NAMESPACE)
        namespace = self.namespace(name)
        page = read_page(request, kind="change-sets")
        state = choice(request, "state", ChangeSetState.values)
        conditions = {} if state is None else {"state": state}
        listed = (
            list_change_sets(namespace, conditions, page) if namespace else Listed()
        )
        counts = dict(
            ChangeSetItem.objects.filter(change_set__in=listed.rows)
            .values_list("change_set")
            .annotate(Count("pk"))
        )
        rows = [row_out(row, count=counts.get(row.pk, 0)) for row in listed.rows]
        return self.answer(ChangeSetList(items=rows, **frame(listed, page)))

    @documented(
        summary="Begin a change set",
        request=ChangeSetBody,
        answer=ChangeSetOut,
        example_request={
            "namespace": "demo",
            "title": "Winter campaign",
            "reason": "Lamps sell from November on.",
        },
        example_answer=EXAMPLE_CHANGE_SET,
        status=201,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        body, self.warnings = decode(request, ChangeSetBody)
        purpose = Purpose(title=body.title or "", reason=reason_of(body.reason))
        namespace = self.writable_namespace(body.namespace or DEFAULT_NAMESPACE)
        with refusals():
            change_set = create_change_set(
                namespace, purpose, actor=of_caller(self.caller), at=self.at
            )
        return show(self, change_set, status=201)


class ChangeSetView(TenantView):
    @documented(
        summary="A change set: what changes, in words, and what its check found",
        answer=ChangeSetOut,
        example_answer=EXAMPLE_CHANGE_SET,
        errors=(404,),
    )
    def get(self, request: Request, change_set_id: str) -> Response:
        return show(self, find_change_set(self, change_set_id))


class ChangesView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Put a change of a rule, or a new rule, into a change set",
        request=ChangeBody,
        answer=ChangeSetOut,
        example_request=EXAMPLE_CHANGE,
        example_answer=EXAMPLE_CHANGE_SET,
        status=201,
        errors=(404, 409),
        idempotent=True,
    )
    def post(self, request: Request, change_set_id: str) -> Response:
        """Replace the change of the same rule that stood there."""
        body, self.warnings = decode(request, ChangeBody)
        change_set = find_change_set(self, change_set_id)
        with refusals():
            self._draft(change_set, body)
        return show(self, change_set, status=201)

    def _draft(self, change_set: ChangeSet, body: ChangeBody) -> None:
        actor, at = of_caller(self.caller), self.at
        verb = _verb(body)
        if body.rule_id is None:
            content = content_from(_rule(body))
            draft_new_rule(change_set, content, actor=actor, at=at)
            return
        rule = _rule_of(self, change_set, body.rule_id)
        if verb == Verb.RETIRE:
            draft_end(change_set, rule, actor=actor, at=at)
        elif verb == Verb.PUBLISH:
            content = content_from(_rule(body))
            proposal = Proposal(content, base_number=body.base_version)
            draft_change(change_set, rule, proposal, actor=actor, at=at)
        else:
            self._switch(change_set, rule, enabled=verb == Verb.RESUME, actor=actor)

    def _switch(
        self, change_set: ChangeSet, rule: Rule, *, enabled: bool, actor: Actor
    ) -> None:
        draft_switch(change_set, rule, enabled=enabled, actor=actor, at=self.at)


class ChangeView(TenantView):
    scopes = {"DELETE": Scope.CONFIGURE}

    @documented(
        summary="Take the change of a rule out of a change set",
        answer=ChangeSetOut,
        example_answer=EXAMPLE_CHANGE_SET,
        errors=(404, 409),
    )
    def delete(self, request: Request, change_set_id: str, rule_id: str) -> Response:
        change_set = find_change_set(self, change_set_id)
        rule = _rule_of(self, change_set, rule_id)
        item = (
            ChangeSetItem.objects.filter(change_set=change_set, rule=rule)
            .select_related("rule", "change_set__namespace")
            .first()
        )
        if item is None:
            raise ApiError(
                "change_not_found",
                f"Change set “{change_set.title}” does not change rule {rule_id}.",
                status=404,
            )
        with refusals():
            drop_draft(item, actor=of_caller(self.caller), at=self.at)
        return show(self, change_set)


def _rule_of(view: TenantView, change_set: ChangeSet, rule_id: str) -> Rule:
    """Return the rule, which must be of the change set's namespace."""
    rule = find_rule(view, rule_id)
    if rule.namespace_id != change_set.namespace_id:
        raise ApiError("rule_not_found", f"There is no rule {rule_id}.", status=404)
    return rule


def _rule(body: ChangeBody) -> RuleRequest:
    if body.rule is None:
        raise refuse("missing_rule", "Say what the rule shall say.", field="rule")
    return body.rule


def _verb(body: ChangeBody) -> str:
    sent = (body.verb or Verb.PUBLISH).casefold()
    if sent not in _VERBS or (body.rule_id is None and sent != Verb.PUBLISH):
        raise refuse(
            "invalid_verb",
            f"verb must be one of {', '.join(_VERBS)}; a new rule is published.",
            field="verb",
        )
    return sent
