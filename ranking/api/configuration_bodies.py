"""The configuration as clients send it and get it, and the version they mean."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.versions import etag
from catalog.api.view import TenantView
from ranking.core.knobs import KnobError
from ranking.operations.documents import whole
from ranking.operations.profiles import Published
from ranking.queries.configurations import environment


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


def answered(view: TenantView, stored: Published, *, status: int = 200) -> Response:
    """Answer with a version of a profile, every knob of it."""
    view.warnings += stored.warnings
    profile, version = stored.profile, stored.version
    published_at = profile.published_at
    body = ConfigAnswer(
        namespace=profile.namespace.name,
        config=whole(version.config, environment(profile.namespace.name)),
        metadata=Metadata(
            version=version.number,
            profile=profile.name,
            updated_at=published_at.isoformat() if published_at else None,
            updated_by=profile.published_by,
            source=version.source,
            notes=version.notes,
        ),
    )
    return tagged(view, body, status=status)


def tagged(view: TenantView, body: ConfigAnswer, *, status: int = 200) -> Response:
    """Answer with the version as ETag, which `If-Match` may name later."""
    response = view.answer(body, status=status)
    response["ETag"] = etag(body.metadata.version)
    return response


def wrong_knob(code: str, error: KnobError) -> ApiError:
    return ApiError(code, f"{error}.", details=error.as_details())
