"""One JSON object a line, from structlog and from libraries alike."""

from __future__ import annotations

import structlog
from structlog.typing import EventDict, WrappedLogger

from catalog.core.private import is_private

_OF_NOTE = ("warning", "error", "critical", "exception")


def drop_rehearsed(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Drop what happens in a private namespace: no rule of a shop was published."""
    if method not in _OF_NOTE and is_private(str(event.get("namespace", ""))):
        raise structlog.DropEvent
    return event


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def json_formatter() -> structlog.stdlib.ProcessorFormatter:
    return structlog.stdlib.ProcessorFormatter(
        processor=structlog.processors.JSONRenderer(), foreign_pre_chain=_SHARED
    )


def configure() -> None:
    """Send structlog's events through the standard library's handlers."""
    structlog.configure(
        processors=[
            drop_rehearsed,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
