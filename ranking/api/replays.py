"""Give a stored answer again, as it was or otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct
from rest_framework.request import Request
from rest_framework.response import Response

from audit.api.decisions import visible_decision
from audit.models import Decision
from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.core.moments import microseconds
from catalog.models import Scope
from ranking.core.configuration import Profile
from ranking.core.difference import Change, Difference
from ranking.queries.decided import GoneError
from ranking.queries.profiles import published_profile
from ranking.serve import Mode, NothingToServeError, Replay, Variation, replay

from . import examples


class ReplayBody(Struct, kw_only=True):
    """How to replay: as it was, or with something otherwise."""

    mode: Mode = Mode.THEN
    without_rules: list[str] = []
    """Ids of rules and overrides to leave out."""
    profile: str | None = None
    """Name of a profile to take instead; the one that answered when absent."""
    profile_version: int | None = None
    """Which version of it."""


class ReplayedItem(Struct, kw_only=True):
    item_id: str
    score: float
    rank: int
    reasons: list[str]


class ReplayedDifference(Struct, kw_only=True):
    item_id: str
    change: Change
    before: int | None
    after: int | None
    sentence: str


class ReplayAnswer(Struct, kw_only=True):
    decision_id: str
    mode: Mode
    identical: bool
    """Whether it is the stored answer to the byte."""
    same_engine: bool
    """False: another version of the engine answered then; never called identical."""
    answer_digest: str
    replayed_digest: str
    items: list[ReplayedItem]
    differences: list[ReplayedDifference]


class ReplayView(TenantView):
    scopes = {"POST": Scope.READ}

    @documented(
        summary="Give an answer again",
        request=ReplayBody,
        example_request=examples.REPLAY,
        answer=ReplayAnswer,
        example_answer=examples.REPLAYED,
        errors=(404, 410),
    )
    def post(self, request: Request, decision_id: UUID) -> Response:
        """As it was, now, or with rules or a profile otherwise; nothing is stored.

        410 when something that it depends on is not kept any more; `code` says what.
        """
        body, self.warnings = decode(request, ReplayBody)
        decision = visible_decision(self, decision_id)
        wanted = Variation(
            mode=body.mode,
            without_rules=frozenset(body.without_rules),
            profile=_profile(decision, body),
        )
        try:
            found = replay(decision, variation=wanted, wall_us=microseconds(self.at))
        except GoneError as error:
            raise ApiError(error.code, str(error), status=410) from error
        except NothingToServeError as error:
            raise ApiError(
                "service_unavailable",
                f"This cannot be replayed now: {error}.",
                status=503,
                headers={"Retry-After": "1"},
            ) from error
        self.warnings += _idle(decision, body.without_rules)
        return self.answer(_answer(found, mode=body.mode))


def _profile(decision: Decision, body: ReplayBody) -> Profile | None:
    if body.profile is None and body.profile_version is None:
        return None
    name = body.profile or decision.profile
    found = published_profile(
        decision.namespace, name=name, version=body.profile_version
    )
    if found is None:
        version = "" if body.profile_version is None else f" {body.profile_version}"
        raise refuse(
            "profile_not_found",
            f"There is no version{version} of a profile {name!r}.",
            field="profile_version" if body.profile_version else "profile",
        )
    return found


def _idle(decision: Decision, without: Iterable[str]) -> list[str]:
    """Say of which rules to leave out there was nothing to leave out."""
    took_part = {str(each) for each in (*decision.rule_ids, *decision.override_ids)}
    return [
        f"without_rules: {each} took no part in this answer."
        for each in without
        if each not in took_part
    ]


def _answer(found: Replay, *, mode: Mode) -> ReplayAnswer:
    decision = found.then.decision
    return ReplayAnswer(
        decision_id=str(decision.decision_id),
        mode=mode,
        identical=found.is_identical,
        same_engine=found.same_engine,
        answer_digest=bytes(decision.answer_digest).hex(),
        replayed_digest=found.digest.hex(),
        items=[
            ReplayedItem(
                item_id=item["item_id"],
                score=item["score"],
                rank=item["rank"],
                reasons=list(item["reasons"]),
            )
            for item in found.canonical["items"]
        ],
        differences=[_told(each) for each in found.differences],
    )


def _told(difference: Difference) -> ReplayedDifference:
    return ReplayedDifference(
        item_id=difference.item_id,
        change=difference.change,
        before=difference.before,
        after=difference.after,
        sentence=difference.sentence,
    )
