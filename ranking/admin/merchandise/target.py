"""What the Merchandise page looks at: a surface, as somebody, at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from catalog.models import Namespace
from ranking.core.request import Request

VIEWS = {"live": "Live", "draft": "With this draft", "side": "Side by side"}
COLUMNS = (2, 3, 4, 5, 6)
SIZES = (12, 24, 48, 96)
_MOST_TEXT = 256


@dataclass(frozen=True, kw_only=True)
class Target:
    """A page of the shop, and how it is shown here. Every field is in the address."""

    surface: str = "home"
    who: str = ""
    """Empty for an anonymous visitor, "segment:…" or "user:…"."""
    when: str = ""
    """A wall clock of the namespace's zone; empty for now."""
    view: str = "side"
    columns: int = 3
    size: int = 24
    draft: str = ""

    @property
    def segment(self) -> str | None:
        return self._who_after("segment:")

    @property
    def user_id(self) -> str | None:
        return self._who_after("user:")

    @property
    def draft_id(self) -> UUID | None:
        try:
            return UUID(self.draft)
        except ValueError:
            return None

    @property
    def address(self) -> str:
        """Return the query of the page's address; what is usual is left out."""
        said = {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if getattr(self, each.name) != each.default
        }
        return f"?{urlencode(said)}" if said else "?"

    @property
    def audience(self) -> str:
        """Say for whom, as in "3 of 24 positions change for new_users"."""
        return self.segment or self.user_id or "anonymous visitors"

    def _who_after(self, kind: str) -> str | None:
        if not self.who.startswith(kind):
            return None
        return self.who.removeprefix(kind) or None

    def moment(self, namespace: Namespace, *, now: datetime) -> datetime:
        """Return the instant that is looked at."""
        if not self.when:
            return now
        local = datetime.fromisoformat(self.when)
        return local.replace(tzinfo=ZoneInfo(namespace.time_zone)).astimezone(UTC)

    def request(self, namespace: Namespace) -> Request:
        """Return what the shop would ask for this page."""
        return Request(
            namespace=namespace.name,
            surface=self.surface,
            user_id=self.user_id,
            k=self.size,
            include_reasons=True,
        )


def read_target(sent: Mapping[str, str]) -> Target:
    """Read an address or a form; what cannot be read is as usual."""
    usual = Target()
    who = sent.get("who", "")[:_MOST_TEXT]
    if who == "user:":
        who = f"user:{sent.get('user', '').strip()[:_MOST_TEXT]}"
    return Target(
        surface=sent.get("surface", "").strip()[:_MOST_TEXT] or usual.surface,
        who=who if who.partition(":")[0] in ("segment", "user") else "",
        when=_wall_clock(sent.get("when", "")),
        view=sent["view"] if sent.get("view") in VIEWS else usual.view,
        columns=_one_of(COLUMNS, sent.get("columns", ""), usual.columns),
        size=_one_of(SIZES, sent.get("size", ""), usual.size),
        draft=sent.get("draft", "")[:36],
    )


def _one_of(known: tuple[int, ...], sent: str, usual: int) -> int:
    return int(sent) if sent in map(str, known) else usual


def _wall_clock(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")
