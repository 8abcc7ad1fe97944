"""The decorator that describes a handler method."""

from __future__ import annotations

import http
from collections.abc import Callable, Sequence
from typing import Any, get_args

import msgspec
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)

from catalog.api.errors import ErrorBody

from .structs import schemas

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

type Answer = type[msgspec.Struct] | Any


class File(str):
    """An answer that is no JSON: its media type."""

    __slots__ = ()


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
    """Describe a handler method; see the package's docstring."""
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
            (status, _media_type(answer)): OpenApiResponse(
                _body(answer), http.HTTPStatus(status).phrase
            ),
            **{
                code: OpenApiResponse(ErrorBody, http.HTTPStatus(code).phrase)
                for code in codes
            },
        },
        examples=[
            *_request_example(example_request, request=request),
            OpenApiExample(
                "Answer",
                example_answer,
                response_only=True,
                status_codes=[str(status)],
                media_type=_media_type(answer),
            ),
            *map(_error_example, codes),
        ],
    )


def _media_type(answer: Answer) -> str:
    return str(answer) if isinstance(answer, File) else "application/json"


def _body(answer: Answer) -> Any:
    if isinstance(answer, File):
        return OpenApiTypes.BINARY
    if isinstance(answer, type) and issubclass(answer, msgspec.Struct):
        return answer
    if get_args(answer):
        return schemas(answer)[0]
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
