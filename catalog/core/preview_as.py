"""Who looks, where and when: a visitor as whom pages show what would be served.

It stands in the address of every page, so that a link shows others the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

NAMES = ("as_surface", "as_who", "as_when")
_KINDS = ("segment", "user")
_LONGEST = 256


@dataclass(frozen=True, kw_only=True)
class PreviewAs:
    """A visitor. What is empty is not said: any surface, anybody, now."""

    surface: str = ""
    who: str = ""
    """Empty for an anonymous visitor, "segment:…" or "user:…"."""
    when: str = ""
    """A wall clock of the namespace's zone."""

    @property
    def is_said(self) -> bool:
        """Whether the address describes anybody at all."""
        return bool(self.surface or self.who or self.when)

    @property
    def segment(self) -> str | None:
        """The segment that the visitor belongs to."""
        return self._named("segment")

    @property
    def user_id(self) -> str | None:
        """The user that the visitor is."""
        return self._named("user")

    @property
    def audience(self) -> str:
        """Who it is, in words."""
        return self.segment or self.user_id or "an anonymous visitor"

    @property
    def words(self) -> str:
        """Say all that is said: "home · new_users · 27 Nov 09:00"."""
        moment = datetime.fromisoformat(self.when) if self.when else None
        clock = f"{moment.day} {moment:%b %H:%M}" if moment else ""
        who = self.segment or self.user_id or ""
        return " · ".join(filter(None, (self.surface, who, clock)))

    @property
    def query(self) -> str:
        """Return it as parameters of an address."""
        said = dict(zip(NAMES, (self.surface, self.who, self.when), strict=True))
        return urlencode({name: value for name, value in said.items() if value})

    def moment(self, time_zone: str, *, now: datetime) -> datetime:
        """Return the instant that is looked at, on a zone's wall clock.

        >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
        >>> asked = PreviewAs(when="2026-07-01T09:00")
        >>> asked.moment("Europe/Berlin", now=noon).isoformat()
        '2026-07-01T07:00:00+00:00'
        """
        if not self.when:
            return now
        local = datetime.fromisoformat(self.when)
        return local.replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC)

    def _named(self, kind: str) -> str | None:
        said, _, name = self.who.partition(":")
        return name if said == kind and name else None


def read_preview(sent: Mapping[str, str]) -> PreviewAs:
    """Read an address; what cannot be read is not said.

    >>> read_preview({"as_who": "user:", "as_user": "ana", "as_when": "soon"}).words
    'ana'
    """
    kind, _, name = sent.get("as_who", "").partition(":")
    name = (name or sent.get("as_user", "")).strip()[:_LONGEST]
    return PreviewAs(
        surface=sent.get("as_surface", "").strip()[:_LONGEST],
        who=f"{kind}:{name}" if kind in _KINDS and name else "",
        when=_wall_clock(sent.get("as_when", "")),
    )


def _wall_clock(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
        # Years beyond these have no instant in every zone.
        is_usual = 1990 <= moment.year <= 2100
    except ValueError:
        return ""
    return moment.replace(tzinfo=None).isoformat(timespec="minutes") if is_usual else ""
