from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from catalog.core.event_types import DEFAULTS, numbers_by_word
from catalog.operations.runs import RunFailedError


class ImportRequest(msgspec.Struct, kw_only=True, frozen=True):
    """What to import and how to read it: the parameters of an import's Run."""

    format: str
    file: str
    sha256: str
    currency: str
    # Where times without a zone were written. There is no default.
    time_zone: str | None = None
    encoding: str = "utf-8"
    # For tables: what the rows are, and which column is which field.
    kind: str = "events"
    columns: dict[str, str] = {}
    event_type: str | None = None
    # The namespace's event types when the import was started: what is read must not
    # change when a killed import goes on.
    types: dict[str, int] = msgspec.field(
        default_factory=lambda: numbers_by_word(DEFAULTS)
    )
    # An event may lie at most a day after it.
    asked_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    # For Online Retail: postage and the like are kept as items.
    keep_fees: bool = False

    @property
    def path(self) -> Path:
        return Path(self.file)

    def to_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> ImportRequest:
        request = msgspec.convert(plain, cls)
        if not request.path.exists():
            raise RunFailedError(
                f"{request.file} is not on this machine. Put it there, or start the "
                f"import where it is."
            )
        return request
