"""What is done with a change set: `/v1/admin/change-sets/{id}:submit` and on.

Its check is answered by simulations, which can replay.
"""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.openapi import documented
from catalog.api.view import TenantView
from catalog.api.wire import body_of, decode
from catalog.models import Scope
from rules.operations import review
from rules.operations.actors import of_caller
from rules.operations.publishing import publish_change_set
from rules.operations.rollbacks import roll_back

from .change_set_bodies import (
    EXAMPLE_CHANGE_SET,
    ChangeSetOut,
    CommentBody,
    PublishBody,
    ReasonBody,
)
from .finding import find_change_set
from .reading import reason_of
from .refusals import refusals
from .showing import show

_IN_REVIEW = EXAMPLE_CHANGE_SET | {"state": "in_review"}
_PUBLISHED = EXAMPLE_CHANGE_SET | {"state": "published", "published_by": "ben"}


class ChangeSetSubmitView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Ask for approval of a change set",
        answer=ChangeSetOut,
        example_answer=_IN_REVIEW,
        errors=(404, 409),
    )
    def post(self, request: Request, change_set_id: str) -> Response:
        change_set = find_change_set(self, change_set_id)
        with refusals():
            review.submit(change_set, actor=of_caller(self.caller), at=self.at)
        return show(self, change_set)


class ChangeSetApproveView(TenantView):
    scopes = {"POST": Scope.PUBLISHER}

    @documented(
        summary="Approve exactly what is in a change set now",
        request=CommentBody,
        answer=ChangeSetOut,
        example_request={"comment": "Looks right."},
        example_answer=EXAMPLE_CHANGE_SET | {"state": "approved"},
        errors=(404, 409),
    )
    def post(self, request: Request, change_set_id: str) -> Response:
        """Where four eyes are asked for, by somebody who did not work on it."""
        body = _optional(self, request, CommentBody)
        change_set = find_change_set(self, change_set_id)
        with refusals():
            review.approve(
                change_set,
                actor=of_caller(self.caller),
                at=self.at,
                comment=reason_of(body.comment),
            )
        return show(self, change_set)


class ChangeSetRejectView(TenantView):
    scopes = {"POST": Scope.PUBLISHER}

    @documented(
        summary="Send a change set back, saying why",
        request=CommentBody,
        answer=ChangeSetOut,
        example_request={"comment": "The lamp is sold out until spring."},
        example_answer=EXAMPLE_CHANGE_SET | {"state": "rejected"},
        errors=(404, 409),
    )
    def post(self, request: Request, change_set_id: str) -> Response:
        body = _optional(self, request, CommentBody)
        change_set = find_change_set(self, change_set_id)
        with refusals():
            review.reject(
                change_set,
                actor=of_caller(self.caller),
                at=self.at,
                comment=reason_of(body.comment),
            )
        return show(self, change_set)


class ChangeSetWithdrawView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Take a change set back before it is published",
        answer=ChangeSetOut,
        example_answer=EXAMPLE_CHANGE_SET | {"state": "withdrawn"},
        errors=(404, 409),
    )
    def post(self, request: Request, change_set_id: str) -> Response:
        change_set = find_change_set(self, change_set_id)
        with refusals():
            review.withdraw(change_set, actor=of_caller(self.caller), at=self.at)
        return show(self, change_set)


class ChangeSetReopenView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Make a draft again of a change set that was submitted or sent back",
        answer=ChangeSetOut,
        example_answer=EXAMPLE_CHANGE_SET,
        errors=(404, 409),
    )
    def post(self, request: Request, change_set_id: str) -> Response:
        change_set = find_change_set(self, change_set_id)
        with refusals():
            review.reopen(change_set, actor=of_caller(self.caller), at=self.at)
        return show(self, change_set)


class ChangeSetPublishView(TenantView):
    scopes = {"POST": Scope.PUBLISHER}

    @documented(
        summary="Put all changes of a change set in force, or none of them",
        request=PublishBody,
        answer=ChangeSetOut,
        example_request={},
        example_answer=_PUBLISHED,
        errors=(404, 409, 412),
        idempotent=True,
    )
    def post(self, request: Request, change_set_id: str) -> Response:
        """Refuse it without a full check that still holds.

        412, with the difference, when one of its rules was published meanwhile.
        """
        body = _optional(self, request, PublishBody)
        change_set = find_change_set(self, change_set_id)
        with refusals():
            publish_change_set(
                change_set,
                actor=of_caller(self.caller),
                at=self.at,
                overruled_because=reason_of(body.overrule_because),
            )
        return show(self, change_set)


class ChangeSetRollbackView(TenantView):
    scopes = {"POST": Scope.PUBLISHER}

    @documented(
        summary="Restore what each rule said before a change set, as one publication",
        request=ReasonBody,
        answer=ChangeSetOut,
        example_request={"reason": "Fewer clicks than before."},
        example_answer=_PUBLISHED,
        status=201,
        errors=(404, 409, 412),
        idempotent=True,
    )
    def post(self, request: Request, change_set_id: str) -> Response:
        """Answers with the change set that takes it back."""
        body = _optional(self, request, ReasonBody)
        change_set = find_change_set(self, change_set_id)
        with refusals():
            back = roll_back(
                change_set,
                actor=of_caller(self.caller),
                at=self.at,
                reason=reason_of(body.reason),
            )
        return show(self, back, status=201)


def _optional[T: (CommentBody, PublishBody, ReasonBody)](
    view: TenantView, request: Request, wanted: type[T]
) -> T:
    """Return the body; one that says nothing need not be sent."""
    if not body_of(request).strip():
        return wanted()
    body, view.warnings = decode(request, wanted)
    return body
