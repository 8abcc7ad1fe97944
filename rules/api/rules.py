"""Rules: `/v1/admin/rules…`. Writes are direct calls: live with the answer."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.listing import PAGE, frame, read_page
from catalog.api.openapi import documented, query
from catalog.api.parameters import clean_name
from catalog.api.versions import etag, expected_version
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.wire import DEFAULT_NAMESPACE
from catalog.models import Scope
from catalog.queries.lists import Listed
from rules.core.rule import Action, TargetType
from rules.models import Rule, RuleState
from rules.operations.actors import of_caller
from rules.operations.direct import Done, Edit, create_rule, replace_rule, retire_rule
from rules.queries.contents import content_of, contents_of, read
from rules.queries.items import titles
from rules.queries.lists import list_rules
from rules.queries.standing import state_at

from .bodies import (
    EXAMPLE_BODY,
    EXAMPLE_LIST,
    EXAMPLE_RULE,
    RuleAnswer,
    RuleList,
    RuleRequest,
)
from .filters import read_filter
from .finding import find_rule
from .reading import content_from, reason_of
from .refusals import refusals
from .rendering import change_set_url, rule_out

NAMESPACE = query("namespace", f"{DEFAULT_NAMESPACE} when absent.")
_READ_ONLY = {
    name
    for name in RuleAnswer.__struct_fields__
    if name not in RuleRequest.__struct_fields__
}


class RulesView(TenantView):
    scopes = {"GET": Scope.READ, "POST": Scope.PUBLISHER}

    @documented(
        summary="List rules, the newest first",
        answer=RuleList,
        example_answer=EXAMPLE_LIST,
        parameters=[
            NAMESPACE,
            query("surface", "Of this surface alone."),
            query("segment_id", "Of this segment; null: for whoever asks."),
            query("enabled", "Switched on, or off.", kind=bool),
            query("active_now", "In force at this moment, or not.", kind=bool),
            query(
                "action", "Only this action.", choices=[each.value for each in Action]
            ),
            query(
                "target_type",
                "Only this kind of target.",
                choices=[each.value for each in TargetType],
            ),
            query(
                "state",
                "Only this state. Retired ones are listed only when asked for.",
                choices=RuleState.values,
            ),
            *PAGE,
        ],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        name = clean_name(request.query_params.get("namespace") or DEFAULT_NAMESPACE)
        namespace = self.namespace(name)
        page = read_page(request, kind="rules")
        chosen = read_filter(request, at=self.at)
        if namespace is None:
            return self.answer(RuleList(items=[], **frame(Listed(), page)))
        listed = list_rules(namespace, chosen, page)
        contents = contents_of(listed.rows)
        named = titles(namespace, contents)
        rows = [
            rule_out(rule, content, titles=named, state=state_at(rule, self.at))
            for rule, content in zip(listed.rows, contents, strict=True)
        ]
        return self.answer(RuleList(items=rows, **frame(listed, page)))

    @documented(
        summary="Make a rule that is live with the answer",
        request=RuleRequest,
        answer=RuleAnswer,
        example_request=EXAMPLE_BODY,
        example_answer=EXAMPLE_RULE,
        status=201,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        """Where a second person must approve it is 202, and the rule waits in review.

        What the check finds stands in warnings and refuses nothing.
        """
        body = _read(self, request)
        content = content_from(body)
        namespace = self.writable_namespace(body.namespace or DEFAULT_NAMESPACE)
        with refusals():
            done = create_rule(namespace, content, edit=_edit(self, body))
        return _answer(self, done, status=201)


class RuleView(TenantView):
    scopes = {
        "GET": Scope.READ,
        "PUT": Scope.PUBLISHER,
        "DELETE": Scope.PUBLISHER,
    }

    @documented(
        summary="A rule",
        answer=RuleAnswer,
        example_answer=EXAMPLE_RULE,
        errors=(404,),
    )
    def get(self, request: Request, rule_id: str) -> Response:
        """Its version is the ETag. A retired rule is not found; its versions are."""
        rule = _present(self, rule_id)
        return _respond(self, rule_out(rule, state=state_at(rule, self.at)))

    @documented(
        summary="Replace all of a rule, live with the answer",
        request=RuleRequest,
        answer=RuleAnswer,
        example_request=EXAMPLE_BODY | {"enabled": False},
        example_answer=EXAMPLE_RULE | {"enabled": False, "state": "paused"},
        errors=(404, 409, 412),
    )
    def put(self, request: Request, rule_id: str) -> Response:
        """Fields that are absent go back to their default.

        With If-Match it is 412, with the difference, when another version is in force.
        Switching a rule off is live at once, also where changes wait for approval.
        """
        body = _read(self, request)
        content = content_from(body)
        rule = _present(self, rule_id)
        if body.namespace not in (None, rule.namespace.name):
            raise _not_found(rule_id)
        _refuse_override(rule)
        with refusals():
            done = replace_rule(
                rule,
                content,
                edit=_edit(self, body),
                expected=expected_version(request),
            )
        return _answer(self, done, status=200)

    @documented(
        summary="Retire a rule, at once",
        answer=RuleAnswer,
        example_answer=EXAMPLE_RULE | {"state": "retired"},
        errors=(404, 409, 412),
    )
    def delete(self, request: Request, rule_id: str) -> Response:
        """Its versions stay, and any of them can be restored as a draft."""
        rule = _present(self, rule_id)
        _refuse_override(rule)
        edit = Edit(actor=of_caller(self.caller), at=self.at)
        with refusals():
            done = retire_rule(rule, edit=edit, expected=expected_version(request))
        return _answer(self, done, status=200)


def _read(view: TenantView, request: Request) -> RuleRequest:
    body, warnings = decode(request, RuleRequest)
    # What GET answers may be sent back as it is.
    view.warnings = [each for each in warnings if each.split()[0] not in _READ_ONLY]
    return body


def _edit(view: TenantView, body: RuleRequest) -> Edit:
    return Edit(actor=of_caller(view.caller), at=view.at, reason=reason_of(body.reason))


def _present(view: TenantView, rule_id: str) -> Rule:
    rule = find_rule(view, rule_id)
    if rule.state == RuleState.RETIRED:
        raise _not_found(rule_id, where=f"/v1/admin/rules/{rule.pk}/versions")
    return rule


def _not_found(rule_id: str, *, where: str = "") -> ApiError:
    words = f"There is no rule {rule_id}."
    if where:
        words = f"Rule {rule_id} is retired; its versions are at {where}."
    details = {"versions": where} if where else {}
    return ApiError("rule_not_found", words, status=404, details=details)


def _refuse_override(rule: Rule) -> None:
    if rule.is_override:
        raise ApiError(
            "rule_of_override",
            "This rule carries a manual override out: cancel that one.",
            status=409,
            details={"override_id": content_of(rule).rule.override_id},
        )


def _answer(view: TenantView, done: Done, *, status: int) -> Response:
    view.warnings += [finding.sentence for finding in done.findings]
    said = read(done.item.content)
    named = titles(done.rule.namespace, [said])
    state = RuleState.IN_REVIEW if done.is_waiting else None
    answer = rule_out(
        done.rule, said, reason=done.change_set.reason, state=state, titles=named
    )
    if not done.is_waiting:
        return _respond(view, answer, status=status)
    answer.change_set = change_set_url(done.item)
    response = _respond(view, answer, status=202)
    response["Location"] = answer.change_set
    return response


def _respond(view: TenantView, answer: RuleAnswer, *, status: int = 200) -> Response:
    response = view.answer(answer, status=status)
    response["ETag"] = etag(answer.version)
    return response
