"""Bundles of knobs for segments: `/v1/segment-profiles…`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.openapi import documented
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.models import Namespace, Scope
from ranking.core.knobs import KnobError
from ranking.models import SegmentProfile
from ranking.operations.segments import (
    delete_segment_profiles,
    upsert_segment_profiles,
)

from .configuration_bodies import wrong_knob
from .view import (
    NAMESPACE,
    Deleted,
    DeletionById,
    IdsBody,
    SettingsView,
    Stored,
    require_id,
)

MAX_PROFILES = 500
_OWN_FIELDS = ("profile_id", "description", "created_at", "updated_at")


class ProfilesBody(Struct, kw_only=True):
    """Bundles of knobs. Each sets only what it holds."""

    namespace: str | None = None
    profiles: Annotated[
        list[dict[str, Any]] | None,
        Meta(description="profile_id, description and any subset of the knobs."),
    ] = None


class SegmentProfilesAnswer(Struct):
    namespace: str
    profiles: list[dict[str, Any]]


_PROFILE = {
    "profile_id": "vip-profile",
    "description": "More of what they love",
    "blend_alpha": 0.2,
    "profile_boost": 1.2,
}


class SegmentProfilesView(SettingsView):
    @documented(
        summary="List the knob bundles of segments",
        answer=SegmentProfilesAnswer,
        example_answer={"namespace": "demo", "profiles": [_PROFILE]},
        parameters=[NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        return self.listed(request, SegmentProfilesAnswer, _all)


class SegmentProfilesUpsertView(SettingsView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Store knob bundles of segments and put them in force",
        request=ProfilesBody,
        answer=Stored,
        example_request={"namespace": "demo", "profiles": [_PROFILE]},
        example_answer={"status": "ok"},
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        body, self.warnings = decode(request, ProfilesBody)
        if not body.profiles or len(body.profiles) > MAX_PROFILES:
            raise refuse(
                "empty_profiles" if not body.profiles else "too_many_profiles",
                f"Send 1 to {MAX_PROFILES} profiles.",
                field="profiles",
            )
        wanted = dict(_wanted(each) for each in body.profiles)
        namespace = self.stored_in(body.namespace)
        try:
            self.warnings += upsert_segment_profiles(
                namespace, wanted, at=self.at, author=self.caller.name
            )
        except KnobError as error:
            raise wrong_knob("invalid_profile", error) from None
        return self.answer(Stored())


class SegmentProfilesDeleteView(DeletionById):
    def delete_rows(self, namespace: Namespace, ids: Collection[str]) -> int:
        return delete_segment_profiles(
            namespace, ids, at=self.at, author=self.caller.name
        )

    @documented(
        summary="Delete knob bundles that no segment uses",
        request=IdsBody,
        answer=Deleted,
        example_request={"namespace": "demo", "ids": ["vip-profile"]},
        example_answer={"status": "ok", "deleted_count": 1, "message": "1 deleted"},
        errors=(404, 422),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        return self.remove(request)


def _all(namespace: Namespace) -> list[dict[str, Any]]:
    rows = SegmentProfile.objects.filter(namespace=namespace).order_by("profile_id")
    return [_out(row) for row in rows]


def _wanted(profile: dict[str, Any]) -> tuple[str, tuple[str, dict[str, Any]]]:
    profile_id, description = profile.get("profile_id"), profile.get("description")
    for name, value in (("profile_id", profile_id), ("description", description)):
        if value is not None and not isinstance(value, str):
            raise refuse(f"invalid_{name}", f"{name} must be a text.", field=name)
    knobs = {name: value for name, value in profile.items() if name not in _OWN_FIELDS}
    return require_id(profile_id, field="profile_id"), (description or "", knobs)


def _out(row: SegmentProfile) -> dict[str, Any]:
    return {
        "profile_id": row.profile_id,
        "description": row.description,
        **row.knobs,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
    }
