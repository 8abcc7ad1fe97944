"""The schema of a msgspec Struct, which is the only description of a body."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema

_REFERENCE = "#/components/schemas/{name}"
# Where msgspec's descriptions of types keep the types inside them.
_INNER = ("type", "types", "item_type", "item_types", "key_type", "value_type")

type Direction = Literal["request", "response"]


class StructSchema(OpenApiSerializerExtension):
    """Lets drf-spectacular read msgspec's Structs."""

    target_class = "msgspec.Struct"
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str:
        return str(self.target.__name__)

    def map_serializer(
        self, auto_schema: AutoSchema, direction: Direction
    ) -> dict[str, Any]:
        _, components = schemas(self.target)
        own: dict[str, Any] = components[self.get_name(auto_schema, direction)]
        for struct in _structs_in(msgspec.inspect.type_info(self.target)):
            if struct is not self.target:
                # Any class that an extension knows will do.
                auto_schema.resolve_serializer(struct, direction)  # type: ignore[arg-type]
        return own


def schemas(described: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the type's schema, and those of the Structs that it refers to."""
    (schema,), components = msgspec.json.schema_components(
        [described], ref_template=_REFERENCE, schema_hook=_schema_of_choices
    )
    return schema, components


def _structs_in(described: Any) -> Iterator[type[msgspec.Struct]]:
    """Yield each Struct that a described type holds, itself included."""
    waiting, seen = [described], set()
    while waiting:
        current = waiting.pop()
        if isinstance(current, tuple):
            waiting.extend(current)
        elif isinstance(current, msgspec.inspect.StructType):
            if current.cls not in seen:
                seen.add(current.cls)
                waiting.append(current.fields)
                yield current.cls
        elif isinstance(current, msgspec.inspect.Type | msgspec.inspect.Field):
            waiting.extend(getattr(current, name, None) for name in _INNER)


def _schema_of_choices(described: type) -> dict[str, Any]:
    # Django's choices are enumerations that msgspec does not take for such.
    if issubclass(described, enum.Enum):
        return {"enum": [member.value for member in described]}
    raise NotImplementedError
