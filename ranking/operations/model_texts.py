"""Texts from a language model behind any OpenAI-compatible endpoint."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, build_opener

import structlog
from django.conf import settings

from ranking.core.breaker import Breaker

log = structlog.get_logger(__name__)

_MOST_BYTES = 1_000_000
_MOST_TOKENS = 900
_FAILURES = 3
_PAUSE_SECONDS = 30.0

_breaker = Breaker(failures=_FAILURES, pause_seconds=_PAUSE_SECONDS)
# A model that sends a byte now and then would hold its caller for ever.
_callers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="explain")


class NoTextError(Exception):
    """There is no text from the model. The message is a code for `warnings`."""


def is_configured() -> bool:
    return bool(settings.EXPLAIN_MODEL_URL and settings.EXPLAIN_MODEL)


def ask_model(messages: list[dict[str, str]]) -> str:
    """Return what the model writes.

    Raises
    ------
    NoTextError
        ``llm_disabled``, ``llm_circuit_open``, or ``llm_error: …``.
    """
    if not is_configured():
        raise NoTextError("llm_disabled")
    if not _breaker.allows(now=time.monotonic()):
        raise NoTextError("llm_circuit_open")
    future = _callers.submit(_post, messages)
    try:
        text = future.result(timeout=settings.EXPLAIN_TIMEOUT_SECONDS)
    except (OSError, HTTPException, ValueError, LookupError, TypeError) as error:
        future.cancel()
        _breaker.failed(now=time.monotonic())
        log.warning("explain_model_failed", error=repr(error))
        raise NoTextError(f"llm_error: {_in_words(error)}") from error
    _breaker.succeeded()
    return text


def _post(messages: list[dict[str, str]]) -> str:
    body = {
        "model": settings.EXPLAIN_MODEL,
        "messages": messages,
        "temperature": 0,
        "max_tokens": _MOST_TOKENS,
    }
    headers = {"Content-Type": "application/json"}
    if settings.EXPLAIN_MODEL_KEY:
        headers["Authorization"] = f"Bearer {settings.EXPLAIN_MODEL_KEY}"
    request = Request(  # noqa: S310 the operator's own setting, checked at start
        f"{settings.EXPLAIN_MODEL_URL.rstrip('/')}/chat/completions",
        data=json.dumps(body).encode(),
        headers=headers,
    )
    timeout = settings.EXPLAIN_TIMEOUT_SECONDS
    try:
        with build_opener().open(request, timeout=timeout) as response:
            found: dict[str, Any] = json.loads(response.read(_MOST_BYTES))
    except HTTPError as error:
        # It holds the connection, and is kept as the cause of what is said.
        error.close()
        raise
    text = found["choices"][0]["message"]["content"]
    if not isinstance(text, str) or not text.strip():
        raise ValueError("an empty text")
    return text


def _in_words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, URLError):
        return str(error.reason)
    return type(error).__name__
