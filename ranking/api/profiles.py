"""Named profiles and their versions: `/v1/admin/profiles…`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.core.text import is_id
from catalog.models import Scope
from ranking.core.knobs import KnobError
from ranking.models import Profile, ProfileVersion
from ranking.operations.documents import differences, whole
from ranking.operations.profiles import (
    Edit,
    NoSuchVersionError,
    Published,
    draft_version,
    find_profile,
    find_version,
    publish_draft,
    put_in_force,
    roll_back,
)
from ranking.queries.configurations import environment

from .bodies import DEFAULT_NAMESPACE
from .configuration import (
    EXAMPLE_ANSWER,
    EXAMPLE_REQUEST,
    NAMESPACE,
    ConfigAnswer,
    etag,
    expected_version,
    metadata,
    publish,
    wrong_knob,
)

_MAX_NAME = 100


class ProfileBody(Struct, kw_only=True):
    """A profile's new content."""

    namespace: str | None = None
    name: str
    config: dict[str, Any]
    author: str | None = None
    notes: str | None = None
    publish: Annotated[
        bool | None, Meta(description="False keeps it as a draft. True when absent.")
    ] = None


class VersionBody(Struct, kw_only=True):
    """Which version is meant, and who asks."""

    namespace: str | None = None
    version: Annotated[
        int | None, Meta(description="The one before, or the newest, when absent.")
    ] = None
    author: str | None = None
    notes: str | None = None


class DiffBody(Struct, kw_only=True):
    """Two versions; of another profile if it is named."""

    namespace: str | None = None
    from_version: Annotated[
        int | None, Meta(description="The one before when absent; 0: the defaults.")
    ] = field(default=None, name="from")
    to_version: Annotated[
        int | None, Meta(description="The published one when absent.")
    ] = field(default=None, name="to")


class ProfileOut(Struct, kw_only=True):
    name: str
    in_force: bool
    version: int
    updated_at: str | None
    updated_by: str


class ProfilesAnswer(Struct):
    namespace: str
    profiles: list[ProfileOut]


class VersionOut(Struct, kw_only=True):
    version: int
    is_published: bool
    author: str
    source: str
    notes: str
    created_at: str


class VersionsAnswer(Struct):
    namespace: str
    name: str
    versions: list[VersionOut]


class Difference(Struct):
    knob: str
    before: Any
    after: Any


class DiffAnswer(Struct, kw_only=True):
    namespace: str
    name: str
    from_version: int = field(name="from")
    to_version: int = field(name="to")
    differences: list[Difference]
    warnings: list[str] | UnsetType = UNSET


_VERSION = {
    "version": 3,
    "is_published": True,
    "author": "ana",
    "source": "api",
    "notes": "",
    "created_at": "2026-03-01T12:00:00+00:00",
}
_PROFILE = {
    "name": "default",
    "in_force": True,
    "version": 3,
    "updated_at": "2026-03-01T12:00:00+00:00",
    "updated_by": "ana",
}


class ProfilesView(TenantView):
    scopes = {"GET": Scope.READ, "POST": Scope.CONFIGURE}

    @documented(
        summary="List profiles",
        answer=ProfilesAnswer,
        example_answer={"namespace": "demo", "profiles": [_PROFILE]},
        parameters=[NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        name = request.query_params.get("namespace") or DEFAULT_NAMESPACE
        namespace = self.namespace(name)
        rows = Profile.objects.filter(namespace=namespace).order_by("name")
        return self.answer(
            ProfilesAnswer(name, [_out(row) for row in rows] if namespace else [])
        )

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
        namespace = self.writable_namespace(body.namespace or DEFAULT_NAMESPACE)
        edit = _edit(self, body.author, body.notes)
        if body.publish is False:
            try:
                stored = draft_version(namespace, name, config=body.config, edit=edit)
            except KnobError as error:
                raise wrong_knob("invalid_config", error) from None
        else:
            expected = expected_version(request)
            stored = publish(namespace, name, body.config, edit=edit, expected=expected)
        return _answer(self, stored, status=201)


class ProfileView(TenantView):
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
        return _answer(self, Published(profile, version))


class VersionsView(TenantView):
    @documented(
        summary="A profile's versions, newest first",
        answer=VersionsAnswer,
        example_answer={
            "namespace": "demo",
            "name": "default",
            "versions": [_VERSION],
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
                [_version(each, profile) for each in versions.order_by("-number")],
            )
        )


class ApplyView(TenantView):
    scopes = {"POST": Scope.CONFIGURE}

    @documented(
        summary="Put a profile in force",
        request=VersionBody,
        answer=ConfigAnswer,
        example_request={"namespace": "demo", "author": "ana"},
        example_answer=EXAMPLE_ANSWER,
        errors=(404,),
        idempotent=True,
    )
    def post(self, request: Request, name: str) -> Response:
        """With a version, that one is published first."""
        body, self.warnings = decode(request, VersionBody)
        edit = _edit(self, body.author, body.notes)
        with _known(self, body.namespace, name) as profile:
            if body.version is not None:
                publish_draft(profile, body.version, edit=edit)
            applied = put_in_force(profile, edit=edit)
        return _answer(self, applied)


class RollbackView(TenantView):
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
        edit = _edit(self, body.author, body.notes)
        with _known(self, body.namespace, name) as profile:
            back = roll_back(profile, edit=edit, number=body.version)
        return _answer(self, back)


class DiffView(TenantView):
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
def _known(view: TenantView, namespace: str | None, name: str) -> Iterator[Profile]:
    """Give the named profile, and answer 404 for what the block does not find."""
    found = view.namespace(namespace or DEFAULT_NAMESPACE)
    try:
        if found is None:
            raise NoSuchVersionError(f"there is no profile {name}")
        yield find_profile(found, name)
    except NoSuchVersionError as error:
        raise ApiError("profile_not_found", f"{error}.", status=404) from None


def _content(profile: Profile, number: int) -> Mapping[str, Any]:
    config = find_version(profile, number).config if number else {}
    return whole(config, environment())


def _clean(name: str) -> str:
    if len(name) > _MAX_NAME or not is_id(name) or "/" in name or ":" in name:
        raise refuse(
            "invalid_name",
            f"A profile's name has at most {_MAX_NAME} characters, no slash or colon.",
            field="name",
        )
    return name


def _edit(view: TenantView, author: str | None, notes: str | None) -> Edit:
    return Edit(at=view.at, author=author or view.caller.name, notes=notes or "")


def _answer(view: TenantView, stored: Published, *, status: int = 200) -> Response:
    view.warnings += stored.warnings
    answer = ConfigAnswer(
        namespace=stored.profile.namespace.name,
        config=whole(stored.version.config, environment()),
        metadata=metadata(stored.profile, stored.version),
    )
    response = view.answer(answer, status=status)
    response["ETag"] = etag(stored.version.number)
    return response


def _out(row: Profile) -> ProfileOut:
    return ProfileOut(
        name=row.name,
        in_force=row.in_force,
        version=row.published_number,
        updated_at=row.published_at.isoformat() if row.published_at else None,
        updated_by=row.published_by,
    )


def _version(row: ProfileVersion, profile: Profile) -> VersionOut:
    return VersionOut(
        version=row.number,
        is_published=row.number == profile.published_number,
        author=row.author,
        source=row.source,
        notes=row.notes,
        created_at=row.created_at.isoformat(),
    )
