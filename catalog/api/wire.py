"""Bodies in and out: JSON by msgspec, whatever content type a client names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import msgspec
from django.conf import settings
from django.http import HttpRequest
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from catalog.core.json_text import conform, parse, unknown_fields

from .errors import ApiError

_encoder = msgspec.json.Encoder(uuid_format="canonical", decimal_format="number")


def decode[T: msgspec.Struct](request: Request, wanted: type[T]) -> tuple[T, list[str]]:
    """Return the body as a Struct, and one warning for each field nobody reads.

    Raises `BadInputError` (400, naming field and index) or `ApiError` (413); both
    become the answer when a view lets them pass.
    """
    value = parse(body_of(request))
    return conform(value, wanted), warnings_about(unknown_fields(value, wanted))


def warnings_about(fields: list[str]) -> list[str]:
    return [f"{name} is not a field of this call and was ignored." for name in fields]


def body_of(request: Request) -> bytes:
    """Return the raw body, or raise 413 without reading what is too large.

    A body in chunks is 411: Django reads as much as was announced, which is nothing.
    """
    return read_body(request._request)


def read_body(request: HttpRequest) -> bytes:
    sent = request.META
    if "HTTP_TRANSFER_ENCODING" in sent and not sent.get("CONTENT_LENGTH"):
        raise _length_required()
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if _announced_length(request) > limit or len(request.body) > limit:
        raise too_large(limit)
    return request.body


def too_large(limit: int) -> ApiError:
    return ApiError(
        "body_too_large",
        f"A body may have at most {limit} bytes.",
        status=413,
        details={"limit": limit},
    )


def _length_required() -> ApiError:
    return ApiError(
        "length_required",
        "Send Content-Length: a body in chunks of unknown length is not read.",
        status=411,
        details={"field": "Content-Length"},
    )


def encode(value: Any) -> bytes:
    return value if isinstance(value, bytes) else _encoder.encode(value)


class JsonParser(BaseParser):
    media_type = "*/*"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return parse(stream.read())


class JsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else encode(data)


def _announced_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
