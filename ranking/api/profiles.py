"""Named profiles and their versions: `/v1/admin/profiles…`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from audit.core.differences import differences
from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.versions import expected_version
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.core.text import is_id
from catalog.models import Namespace, Scope
from ranking.core.knobs import KnobError
from ranking.models import Profile, ProfileVersion
from ranking.operations.documents import whole
from ranking.operations.profiles import (
    NoSuchVersionError,
    ProfileInUseError,
    Published,
    copy_profile,
    delete_profile,
    draft_version,
    find_profile,
    find_version,
    publish_draft,
    put_in_force,
    roll_back,
)
from ranking.queries.configurations import environment

from .configuration import publish
from .configuration_bodies import (
    EXAMPLE_ANSWER,
    EXAMPLE_REQUEST,
    ConfigAnswer,
    answered,
    wrong_knob,
)
from .profile_bodies import (
    EXAMPLE_PROFILE,
    EXAMPLE_VERSION,
    CopyBody,
    DiffAnswer,
    DiffBody,
    Difference,
    ProfileBody,
    ProfileOut,
    ProfilesAnswer,
    VersionBody,
    VersionsAnswer,
    profile_out,
    version_out,
)
from .view import NAMESPACE, Deleted, SettingsView

_MAX_NAME = 100


class ProfilesView(SettingsView):
    scopes = {"GET": Scope.READ, "POST": Scope.CONFIGURE}

    @documented(
        summary="List profiles",
        answer=ProfilesAnswer,
        example_answer={"namespace": "demo", "profiles": [EXAMPLE_PROFILE]},
        parameters=[NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        return self.listed(request, ProfilesAnswer, _all)

    @documented(
        summary="Add a version to a profile, published unless told otherwise",
        request=ProfileBody,
        answer=ConfigAnswer,
        example_request=EXAMPLE_REQUEST | {"name": "summer"},
        example_answer=EXAMPLE_ANSWER,
        status=201,
        errors=(404, 412),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        body, self.warnings = decode(request, ProfileBody)
        name = _clean(body.name)
        namespace = self.stored_in(body.namespace)
        edit = self.edit(body.author, body.notes)
        if body.publish is False:
            try:
                stored = draft_version(namespace, name, config=body.config, edit=edit)
            except KnobError as error:
                raise wrong_knob("invalid_config", error) from None
        else:
            expected = expected_version(request)
            stored = publish(namespace, name, body.config, edit=edit, expected=expected)
        return answered(self, stored, status=201)


class ProfileView(SettingsView):
    scopes = {"GET": Scope.READ, "DELETE": Scope.CONFIGURE}

    @documented(
        summary="A profile's published version",
        answer=ConfigAnswer,
        example_answer=EXAMPLE_ANSWER,
        parameters=[NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request, name: str) -> Response:
        with _known(self, request.query_params.get("namespace"), name) as profile:
            version = find_version(profile, profile.published_number)
        return answered(self, Published(profile, version))

    @documented(
        summary="Delete a profile that is not in force, with its versions",
        answer=Deleted,
        example_answer={
            "status": "ok",
            "deleted_count": 1,
            "message": "1 deleted, with 3 versions",
        },
        parameters=[NAMESPACE],
        errors=(404, 409),
    )
    def delete(self, request: Request, name: str) -> Response:
        try:
            with _known(self, request.query_params.get("namespace"), name) as profile:
                count = delete_profile(profile, edit=self.edit())
        except ProfileInUseError as error:
            raise ApiError("profile_in_use", f"{error}.", status=409) from None
        versions = f"{count} version{'s' if count != 1 else ''}"
        return self.answer(
            Deleted(deleted_count=1, message=f"1 deleted, with {versions}")
        )


class CopyView(SettingsView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Copy a profile to another namespace, as a draft there",
        request=CopyBody,
        answer=ConfigAnswer,
        example_request={"namespace": "demo", "to": "staging", "author": "ana"},
        example_answer=EXAMPLE_ANSWER,
        status=201,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request, name: str) -> Response:
        body, self.warnings = decode(request, CopyBody)
        edit = self.edit(body.author, body.notes)
        with _known(self, body.namespace, name) as profile:
            copied = copy_profile(
                profile,
                to=self.stored_in(body.to),
                name=_clean(body.name or name),
                edit=edit,
            )
        return answered(self, copied, status=201)


class VersionsView(SettingsView):
    @documented(
        summary="A profile's versions, newest first",
        answer=VersionsAnswer,
        example_answer={
            "namespace": "demo",
            "name": "default",
            "versions": [EXAMPLE_VERSION],
        },
        parameters=[NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request, name: str) -> Response:
        with _known(self, request.query_params.get("namespace"), name) as profile:
            versions = ProfileVersion.objects.filter(profile=profile)
        return self.answer(
            VersionsAnswer(
                profile.namespace.name,
                name,
                [version_out(each, profile) for each in versions.order_by("-number")],
            )
        )


class ApplyView(SettingsView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Put a profile in force",
        request=VersionBody,
        answer=ConfigAnswer,
        example_request={"namespace": "demo", "author": "ana"},
        example_answer=EXAMPLE_ANSWER,
        errors=(404, 409),
        idempotent=True,
    )
    def post(self, request: Request, name: str) -> Response:
        """With a version, that one is published first.

        409 `guardrail_broken` where a check found that it breaks a guardrail.
        """
        body, self.warnings = decode(request, VersionBody)
        edit = replace(
            self.edit(body.author, body.notes),
            overruled_because=body.overruled_because or "",
            may_overrule=self.caller.is_demo,
        )
        with _known(self, body.namespace, name) as profile:
            if body.version is not None:
                publish_draft(profile, body.version, edit=edit)
            applied = put_in_force(profile, edit=edit)
        return answered(self, applied)


class RollbackView(SettingsView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Publish an earlier version's content again",
        request=VersionBody,
        answer=ConfigAnswer,
        example_request={"namespace": "demo", "version": 2},
        example_answer=EXAMPLE_ANSWER,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request, name: str) -> Response:
        body, self.warnings = decode(request, VersionBody)
        edit = self.edit(body.author, body.notes)
        with _known(self, body.namespace, name) as profile:
            back = roll_back(profile, edit=edit, number=body.version)
        return answered(self, back)


class DiffView(SettingsView):
    scopes = {"POST": Scope.READ}

    @documented(
        summary="What differs between two versions",
        request=DiffBody,
        answer=DiffAnswer,
        example_request={"namespace": "demo", "from": 2, "to": 3},
        example_answer={
            "namespace": "demo",
            "name": "default",
            "from": 2,
            "to": 3,
            "differences": [{"knob": "half_life_days", "before": 14.0, "after": 7.0}],
        },
        errors=(404,),
    )
    def post(self, request: Request, name: str) -> Response:
        body, self.warnings = decode(request, DiffBody)
        with _known(self, body.namespace, name) as profile:
            to = body.to_version or profile.published_number
            start = to - 1 if body.from_version is None else body.from_version
            before, after = _content(profile, start), _content(profile, to)
        return self.answer(
            DiffAnswer(
                namespace=profile.namespace.name,
                name=name,
                from_version=start,
                to_version=to,
                differences=[Difference(*each) for each in differences(before, after)],
            )
        )


@contextmanager
def _known(view: SettingsView, namespace: str | None, name: str) -> Iterator[Profile]:
    """Give the named profile, and answer 404 for what the block does not find."""
    found = view.sent_namespace(namespace)
    try:
        if found is None:
            raise NoSuchVersionError(f"there is no profile {name}")
        yield find_profile(found, name)
    except NoSuchVersionError as error:
        words = str(error)
        said = f"{words[:1].upper()}{words[1:]}."
        raise ApiError("profile_not_found", said, status=404) from None


def _content(profile: Profile, number: int) -> Mapping[str, Any]:
    config = find_version(profile, number).config if number else {}
    return whole(config, environment(profile.namespace.name))


def _all(namespace: Namespace) -> list[ProfileOut]:
    rows = Profile.objects.filter(namespace=namespace).order_by("name")
    return [profile_out(row) for row in rows]


def _clean(name: str) -> str:
    if len(name) > _MAX_NAME or not is_id(name) or "/" in name or ":" in name:
        raise refuse(
            "invalid_name",
            f"A profile's name has at most {_MAX_NAME} characters, no slash or colon.",
            field="name",
        )
    return name
