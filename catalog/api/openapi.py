"""How a view says what it takes and answers, for /schema, /docs and the tests.

Structs are the only description: requests are decoded by them, answers encoded from
them, and the OpenAPI schema is derived from them. A view writes::

    class SegmentsDryRun(TenantView):
        @documented(
            summary="Which segment a user falls into",
            request=DryRun,                 # a msgspec Struct; None without a body
            answer=DryRunAnswer,            # a Struct, or list[Struct]
            example_request={"user_id": "u1"},
            example_answer={"matched": True, "segment_id": "vip"},
            parameters=[query("namespace", "Whose segments.")],
            status=200,                     # of the answer
            errors=(404,),                  # beside 400, 401, 403, 413 and 503
        )
        def post(self, request: Request) -> Response: ...

The docstring of the method, else of the view, becomes the description; a field's
docstring does not reach the schema, so say it with
`Annotated[int, msgspec.Meta(description="...", ge=1)]`. Fields typed `Any` or
`dict[str, Any]` are free-form.

A test refuses every /v1 operation that lacks an example for its request or answer,
and one that sends each example request through `conform`. After a change run
`manage.py write_reference`; CI runs `manage.py check_openapi`.
"""

from __future__ import annotations

import enum
import http
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, get_args

import msgspec
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)

from .errors import ErrorBody

_REFERENCE = "#/components/schemas/{name}"
_ALWAYS = (400, 401, 403, 503)
_EXAMPLE_ERRORS = {
    400: ("invalid_json_type", "k: Expected `int`, got `str`."),
    401: ("unauthorized", "Send a valid key as X-API-Key or Bearer token."),
    403: ("forbidden", "This key lacks the scope ingest."),
    404: ("not_found", "There is nothing at this address."),
    409: ("idempotency_key_in_use", "The first call with this key is still running."),
    410: ("snapshot_expired", "The snapshot of that decision is gone."),
    412: ("version_conflict", "Somebody else published in between."),
    413: ("body_too_large", "A body may have at most 8388608 bytes."),
    422: ("idempotency_key_reuse", "This Idempotency-Key was sent with another body."),
    503: ("service_unavailable", "The database cannot be reached. Try again."),
}
HEADERS = [
    OpenApiParameter(
        "X-Org-ID",
        OpenApiTypes.UUID,
        OpenApiParameter.HEADER,
        required=True,
        description="The organisation for which the call is made.",
    ),
    OpenApiParameter(
        "X-Request-Id",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description="At most 128 printable characters; returned, logged and traced.",
    ),
]
_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same key and body within 24 h get the first answer again.",
)

type Direction = Literal["request", "response"]
type Answer = type[msgspec.Struct] | Any


def query(
    name: str,
    description: str,
    *,
    kind: Any = OpenApiTypes.STR,
    required: bool = False,
    choices: Sequence[str] | None = None,
) -> OpenApiParameter:
    """Describe a query parameter."""
    return OpenApiParameter(
        name,
        kind,
        OpenApiParameter.QUERY,
        required=required,
        description=description,
        enum=choices,
    )


def documented[F: Callable[..., Any]](  # noqa: PLR0913
    *,
    summary: str,
    answer: Answer,
    example_answer: Any,
    request: type[msgspec.Struct] | None = None,
    example_request: Any = None,
    parameters: Sequence[OpenApiParameter] = (),
    status: int = 200,
    errors: Sequence[int] = (),
    idempotent: bool = False,
) -> Callable[[F], F]:
    """Describe a handler method; see this module's docstring."""
    codes = sorted({*_ALWAYS, *errors, *((413,) if request else ())})
    if idempotent:
        codes = sorted({*codes, 409, 422})
    return extend_schema(
        summary=summary,
        request=request,
        parameters=[
            *HEADERS,
            *((_IDEMPOTENCY_KEY,) if idempotent else ()),
            *parameters,
        ],
        responses={
            status: OpenApiResponse(_body(answer), http.HTTPStatus(status).phrase),
            **{
                code: OpenApiResponse(ErrorBody, http.HTTPStatus(code).phrase)
                for code in codes
            },
        },
        examples=[
            *_request_example(example_request, request=request),
            OpenApiExample(
                "Answer", example_answer, response_only=True, status_codes=[str(status)]
            ),
            *map(_error_example, codes),
        ],
    )


class StructSchema(OpenApiSerializerExtension):
    """Lets drf-spectacular read msgspec's Structs."""

    target_class = "msgspec.Struct"
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: str) -> str:
        return str(self.target.__name__)

    def map_serializer(
        self, auto_schema: AutoSchema, direction: Direction
    ) -> dict[str, Any]:
        _, components = _schemas(self.target)
        own: dict[str, Any] = components[self.get_name(auto_schema, direction)]
        for struct in _structs_in(msgspec.inspect.type_info(self.target)):
            if struct is not self.target:
                # Any class that an extension knows will do.
                auto_schema.resolve_serializer(struct, direction)  # type: ignore[arg-type]
        return own


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
        return inspect.cleandoc(getattr(method, "__doc__", None) or "")


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


# Where msgspec's descriptions of types keep the types inside them.
_INNER = ("type", "types", "item_type", "item_types", "key_type", "value_type")


def _schemas(described: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the type's schema, and those of the Structs that it refers to."""
    (schema,), components = msgspec.json.schema_components(
        [described], ref_template=_REFERENCE, schema_hook=_schema_of_choices
    )
    return schema, components


def _schema_of_choices(described: type) -> dict[str, Any]:
    # Django's choices are enumerations that msgspec does not take for such.
    if issubclass(described, enum.Enum):
        return {"enum": [member.value for member in described]}
    raise NotImplementedError


def _body(answer: Answer) -> Any:
    if isinstance(answer, type) and issubclass(answer, msgspec.Struct):
        return answer
    if get_args(answer):
        return _schemas(answer)[0]
    return answer


def _request_example(example: Any, *, request: Any) -> list[OpenApiExample]:
    if request is None:
        return []
    return [OpenApiExample("Request", example, request_only=True)]


def _error_example(code: int) -> OpenApiExample:
    error, message = _EXAMPLE_ERRORS[code]
    body = ErrorBody(
        error=error,
        code=error,
        message=message,
        details={},
        correlation_id="0198c0de-0000-7000-8000-000000000000",
        timestamp="2026-03-01T12:00:00.000+00:00",
    )
    return OpenApiExample(
        http.HTTPStatus(code).phrase,
        msgspec.to_builtins(body),
        response_only=True,
        status_codes=[str(code)],
    )
