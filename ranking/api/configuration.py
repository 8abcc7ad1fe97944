"""The profile in force: `/v1/admin/recommendation/config` and `…/presets`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.errors import ApiError
from catalog.api.openapi import documented
from catalog.api.versions import expected_version
from catalog.api.wire import decode
from catalog.core.faults import refuse
from catalog.models import Namespace, Scope
from ranking.core.knobs import DEFAULTS, KnobError
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

from .configuration_bodies import (
    EXAMPLE_ANSWER,
    EXAMPLE_REQUEST,
    ConfigAnswer,
    ConfigBody,
    Metadata,
    answered,
    tagged,
    wrong_knob,
)
from .view import NAMESPACE, SettingsView


class PresetsAnswer(Struct):
    mmr_presets: dict[str, float]


class ConfigView(SettingsView):
    scopes = {"GET": Scope.READ, "POST": Scope.CONFIGURE}

    @documented(
        summary="The configuration in force",
        answer=ConfigAnswer,
        example_answer=EXAMPLE_ANSWER,
        parameters=[NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        name, namespace = self.asked_namespace(request)
        found = _in_force(namespace)
        return answered(self, found) if found else tagged(self, _defaults(name))

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
        namespace = self.stored_in(body.namespace)
        published = publish(
            namespace,
            None,
            body.config,
            edit=self.edit(body.author, body.notes),
            expected=expected_version(request),
        )
        return answered(self, published)


class PresetsView(SettingsView):
    @documented(
        summary="A good diversity setting by surface",
        answer=PresetsAnswer,
        example_answer={"mmr_presets": {"home": 0.25, "email": 0.3}},
        parameters=[NAMESPACE],
        errors=(404,),
    )
    def get(self, request: Request) -> Response:
        """Advice for the form: nothing ranks by it until a surface bundle holds it."""
        _, namespace = self.asked_namespace(request)
        found = _in_force(namespace)
        config: Mapping[str, Any] = found.version.config if found else {}
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
        raise ApiError(
            "version_conflict",
            f"Somebody else published: {error}.",
            status=412,
            details={"current_version": error.current},
        ) from None


def _in_force(namespace: Namespace | None) -> Published | None:
    profile = profile_in_force(namespace) if namespace else None
    if profile is None:
        return None
    return Published(profile, find_version(profile, profile.published_number))


def _defaults(name: str) -> ConfigAnswer:
    return ConfigAnswer(
        namespace=name,
        config=whole({}, environment(name)),
        metadata=Metadata(
            version=0,
            profile="default",
            updated_at=None,
            updated_by="",
            source="env" if environment(name) else "default",
            notes="",
        ),
    )
