"""What the Merchandise page looks at: a surface, as somebody, at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from catalog.core.preview_as import PreviewAs, read_preview
from catalog.models import Namespace
from ranking.admin.visitors import HOME
from ranking.core.request import Request

VIEWS = {"live": "Live", "draft": "With this draft", "side": "Side by side"}
COLUMNS = (2, 3, 4, 5, 6)
SIZES = (12, 24, 48, 96)
_VIEW, _COLUMNS, _SIZE = "side", 3, 24


@dataclass(frozen=True, kw_only=True)
class Target:
    """A page of the shop, and how it is shown here. All of it is in the address."""

    visitor: PreviewAs
    view: str = _VIEW
    columns: int = _COLUMNS
    size: int = _SIZE
    draft: str = ""

    @property
    def surface(self) -> str:
        return self.visitor.surface or HOME

    @property
    def title(self) -> str:
        return f"{self.surface.capitalize()}, as the shop shows it"

    @property
    def segment(self) -> str | None:
        return self.visitor.segment

    @property
    def draft_id(self) -> UUID | None:
        try:
            return UUID(self.draft)
        except ValueError:
            return None

    @property
    def address(self) -> str:
        """Return the query of the page's address; what is usual is left out."""
        own = {
            "view": self.view if self.view != _VIEW else "",
            "columns": self.columns if self.columns != _COLUMNS else "",
            "size": self.size if self.size != _SIZE else "",
            "draft": self.draft,
        }
        said = urlencode({name: value for name, value in own.items() if value})
        return "?" + "&".join(filter(None, (self.visitor.query, said)))

    @property
    def audience(self) -> str:
        """Say for whom, as in "3 of 24 positions change for new_users"."""
        return self.segment or self.visitor.user_id or "anonymous visitors"

    def moment(self, namespace: Namespace, *, now: datetime) -> datetime:
        """Return the instant that is looked at."""
        return self.visitor.moment(namespace.time_zone, now=now)

    def request(self, namespace: Namespace) -> Request:
        """Return what the shop would ask for this page."""
        return Request(
            namespace=namespace.name,
            surface=self.surface,
            user_id=self.visitor.user_id,
            k=self.size,
        )


def read_target(sent: Mapping[str, str]) -> Target:
    """Read an address or a form; what cannot be read is as usual."""
    return Target(
        visitor=read_preview(sent),
        view=sent["view"] if sent.get("view") in VIEWS else _VIEW,
        columns=_one_of(COLUMNS, sent.get("columns", ""), _COLUMNS),
        size=_one_of(SIZES, sent.get("size", ""), _SIZE),
        draft=sent.get("draft", "")[:36],
    )


def _one_of(known: tuple[int, ...], sent: str, usual: int) -> int:
    return int(sent) if sent in map(str, known) else usual
