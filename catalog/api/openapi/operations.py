"""What every operation has: a name, a group, and who may call it."""

from __future__ import annotations

import inspect
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from catalog.models import Scope

_SCOPES = "; ".join(f"`{scope.value}`: {scope.label.lower()}" for scope in Scope)
_ORG = "OrgId"
SECURITY_SCHEMES: dict[str, dict[str, str]] = {
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "A key of the organisation. Not asked for while the platform "
        f"runs with RECSYS_AUTH=off. Scopes: {_SCOPES}.",
    },
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The same key as `Authorization: Bearer`.",
    },
    _ORG: {
        "type": "apiKey",
        "in": "header",
        "name": "X-Org-ID",
        "description": "UUID of the organisation for which the call is made. "
        "Always needed, also while no key is asked for.",
    },
}
_KEYS = tuple(name for name in SECURITY_SCHEMES if name != _ORG)


class OperationSchema(AutoSchema):
    """Names operations by their view, and groups them by what they are about."""

    def get_operation_id(self) -> str:
        return f"{self.method.lower()}{type(self.view).__name__.removesuffix('View')}"

    def map_parsers(self) -> list[str]:
        # We read JSON under any content type; clients should say what it is.
        return ["application/json"]

    def get_tags(self) -> list[str]:
        parts = [
            part for part in self.path.split("/") if part not in ("", "v1", "admin")
        ]
        return [parts[0].partition(":")[0]]

    def get_description(self) -> str:  # type: ignore[override]
        method = getattr(self.view, self.method.lower(), None)
        told = inspect.cleandoc(getattr(method, "__doc__", None) or "")
        scope = self._scope()
        needs = f"Needs the scope `{scope}`." if scope else ""
        return "\n\n".join(filter(None, (told, needs)))

    def get_auth(self) -> list[dict[str, Any]]:
        """Return the two ways to send a key, each with the scope it must have."""
        scope = self._scope()
        if scope is None:
            return []
        for name, scheme in SECURITY_SCHEMES.items():
            self.registry.register_on_missing(
                ResolvedComponent(
                    name=name,
                    type=ResolvedComponent.SECURITY_SCHEMA,
                    object=name,
                    schema=scheme,
                )
            )
        return [{key: [scope], _ORG: []} for key in _KEYS]

    def _scope(self) -> str | None:
        scopes = getattr(self.view, "scopes", {})
        return str(scopes[self.method]) if self.method in scopes else None
