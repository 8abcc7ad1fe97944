"""The profile in force: `/v1/admin/recommendation/config` and `…/presets`."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import openapi
from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.parameters import clean_name
from catalog.api.view import TenantView
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.models import Namespace, Scope
from ranking.core.knobs import DEFAULTS, KnobError
from ranking.models import Profile, ProfileVersion
from ranking.operations.documents import whole
from ranking.operations.profiles import (
    Edit,
    Published,
    VersionConflictError,
    find_version,
    profile_in_force,
    publish_profile,
)
from ranking.queries.configurations import environment

from .bodies import DEFAULT_NAMESPACE

NAMESPACE = openapi.query("namespace", f"{DEFAULT_NAMESPACE} when absent.")


class ConfigBody(Struct, kw_only=True):
    """A configuration to publish."""

    namespace: str | None = None
    config: Annotated[
        dict[str, Any] | None,
        Meta(description="Any subset of the knobs; absent ones keep their default."),
    ] = None
    author: str | None = None
    notes: str | None = None
    metadata: Annotated[
        dict[str, Any] | None,
        Meta(description="Ignored: what GET answers may be sent back unchanged."),
    ] = None


class Metadata(Struct, kw_only=True):
    version: int
    profile: str
    updated_at: str | None
    updated_by: str
    source: str
    notes: str


class ConfigAnswer(Struct, kw_only=True):
    """The configuration in force, every knob of it."""

    namespace: str
    config: dict[str, Any]
    metadata: Metadata
    warnings: list[str] | UnsetType = UNSET


class PresetsAnswer(Struct):
    mmr_presets: dict[str, float]


EXAMPLE_ANSWER = {
    "namespace": "demo",
    "config": {"half_life_days": 14.0, "blend_alpha": 0.3, "surfaces": {}},
    "metadata": {
        "version": 3,
        "profile": "default",
        "updated_at": "2026-03-01T12:00:00+00:00",
        "updated_by": "ana",
        "source": "api",
        "notes": "Shorter memory for the sale.",
    },
}
EXAMPLE_REQUEST = {
    "namespace": "demo",
    "config": {"half_life_days": 7, "mmr_lambda": 0.4},
    "author": "ana",
    "notes": "Shorter memory for the sale.",
}


class ConfigView(TenantView):
    scopes = {"GET": Scope.READ, "POST": Scope.CONFIGURE}

    @documented(
        summary="The configuration in force",
        answer=ConfigAnswer,
        example_answer=EXAMPLE_ANSWER,
        parameters=[NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        name = clean_name(request.query_params.get("namespace") or DEFAULT_NAMESPACE)
        namespace = self.namespace(name)
        profile = profile_in_force(namespace) if namespace else None
        if profile is None:
            return _response(self, _defaults(name))
        version = find_version(profile, profile.published_number)
        return _response(self, _answer(name, profile, version))

    @documented(
        summary="Publish a configuration",
        request=ConfigBody,
        answer=ConfigAnswer,
        example_request=EXAMPLE_REQUEST,
        example_answer=EXAMPLE_ANSWER,
        errors=(404, 412),
        idempotent=True,
    )
    def post(self, request: Request) -> Response:
        body, self.warnings = decode(request, ConfigBody)
        if body.config is None:
            raise refuse("missing_config", "Send the configuration.", field="config")
        namespace = self.writable_namespace(body.namespace or DEFAULT_NAMESPACE)
        published = publish(
            namespace,
            None,
            body.config,
            edit=Edit(
                at=self.at,
                author=body.author or self.caller.name,
                notes=body.notes or "",
            ),
            expected=expected_version(request),
        )
        self.warnings += published.warnings
        return _response(
            self, _answer(namespace.name, published.profile, published.version)
        )


class PresetsView(TenantView):
    @documented(
        summary="A good diversity setting by surface",
        answer=PresetsAnswer,
        example_answer={"mmr_presets": {"home": 0.25, "email": 0.3}},
        parameters=[NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        """Advice for the form: nothing ranks by it until a surface bundle holds it."""
        name = request.query_params.get("namespace") or DEFAULT_NAMESPACE
        namespace = self.namespace(name)
        profile = profile_in_force(namespace) if namespace else None
        config: dict[str, Any] = {}
        if profile is not None:
            config = find_version(profile, profile.published_number).config
        presets = config.get("mmr_presets", dict(DEFAULTS.mmr_presets))
        return self.answer(PresetsAnswer(mmr_presets=presets))


def publish(
    namespace: Namespace,
    name: str | None,
    config: dict[str, Any],
    *,
    edit: Edit,
    expected: int | None,
) -> Published:
    """Publish, with the operation's refusals in the words of the API."""
    try:
        return publish_profile(
            namespace, name, config=config, edit=edit, expected=expected
        )
    except KnobError as error:
        raise wrong_knob("invalid_config", error) from None
    except VersionConflictError as error:
        raise conflict(error) from None


def wrong_knob(code: str, error: KnobError) -> ApiError:
    return ApiError(code, f"{error}.", details=error.as_details())


def conflict(error: VersionConflictError) -> ApiError:
    return ApiError(
        "version_conflict",
        f"Somebody else published: {error}.",
        status=412,
        details={"current_version": error.current},
    )


def expected_version(request: Request) -> int | None:
    """Return the version that `If-Match` names; None without the header or for *."""
    sent = request.headers.get("If-Match", "").strip()
    if sent in ("", "*"):
        return None
    number = sent.removeprefix("W/").strip('"').removeprefix("v")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise refuse(
            "invalid_if_match",
            "If-Match must name a version as GET's ETag does.",
            field="If-Match",
        )
    return int(number)


def etag(version: int) -> str:
    return f'"{version}"'


def metadata(profile: Profile, version: ProfileVersion) -> Metadata:
    at = profile.published_at
    return Metadata(
        version=version.number,
        profile=profile.name,
        updated_at=at.isoformat() if at else None,
        updated_by=profile.published_by,
        source=version.source,
        notes=version.notes,
    )


def _answer(name: str, profile: Profile, version: ProfileVersion) -> ConfigAnswer:
    return ConfigAnswer(
        namespace=name,
        config=whole(version.config, environment()),
        metadata=metadata(profile, version),
    )


def _defaults(name: str) -> ConfigAnswer:
    return ConfigAnswer(
        namespace=name,
        config=whole({}, environment()),
        metadata=Metadata(
            version=0,
            profile="default",
            updated_at=None,
            updated_by="",
            source="env" if environment() else "default",
            notes="",
        ),
    )


def _response(view: TenantView, answer: ConfigAnswer) -> Response:
    response = view.answer(answer)
    response["ETag"] = etag(answer.metadata.version)
    return response
