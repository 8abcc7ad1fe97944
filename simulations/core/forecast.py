"""What a full check found, as it is stored and shown."""

from __future__ import annotations

from msgspec import Struct

from .figures import Figures
from .judging import Judged
from .pages import Movement

REPORT_VERSION = 1
"""Raised when a field changes its meaning; pages show older reports as they can."""


class Shifted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item, brand or category that is shown more often with the change, or less."""

    key: str
    """Item id, or name of the group."""

    title: str = ""
    before: int
    after: int


class Shifting(Struct, frozen=True, kw_only=True):
    """Who gains and who loses positions, the most first."""

    gaining: tuple[Shifted, ...]
    losing: tuple[Shifted, ...]
    gaining_count: int
    losing_count: int


class Sample(Struct, frozen=True, kw_only=True):
    """The decisions that were replayed."""

    asked: int
    """How many were wanted at most."""

    found: int
    """Decisions of the scope that are stored, up to ``asked``."""

    replayed: int
    gone: int
    """Without a trace, or of users that were erased since."""

    refused: int
    """Requests that cannot be asked any more, say for a profile that is gone."""

    oldest_at: str | None
    newest_at: str | None
    surfaces: tuple[str, ...]
    """Empty: every surface."""

    segments: tuple[str, ...]
    """Empty: every segment."""


class Forecast(Struct, frozen=True, kw_only=True):
    """What a change does to the requests of real decisions."""

    moment: str
    """The instant on the wall clock for which they were ranked again."""

    acting: int
    """Rules of the change that act at that instant."""

    waiting: int
    """Rules that act only at other times, and so are not seen here."""

    movement: Movement
    before: Figures
    after: Figures
    items: Shifting
    brands: Shifting
    categories: Shifting
    expected_clicks: str
    """In words: an estimate with its interval and method, or why there is none."""

    snapshot: str
    seconds: float


class Report(Struct, frozen=True, kw_only=True):
    """All of a full check besides its verdict and findings."""

    version: int = REPORT_VERSION
    headline: str
    sample: Sample
    forecast: Forecast | None
    """None when nothing could be replayed; ``why_not`` says why."""

    why_not: str
    guardrails: tuple[Judged, ...]


NO_CLICK_DATA = (
    "There is not enough data to say what it does to clicks: no clicks are tied to"
    " decisions of this scope, and pages that were not drawn by chance cannot be"
    " weighed as if they had been."
)
"""Deterministic positions tell nothing about what others would have earned."""
