"""Reports side by side: chosen in their list, the oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from catalog.admin.newest import NewestAdmin
from catalog.admin.page import Chip

from .figures_shown import Whisker

MOST_COMPARED = 6


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one report says in one line."""

    words: str = ""
    chip: Chip | None = None
    note: str = ""
    whisker: Whisker | None = None


type Line = tuple[str, Sequence[Cell]]


@dataclass(frozen=True, kw_only=True)
class Part:
    title: str
    lines: Sequence[Line]
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """Some reports, and whether their figures may be compared at all."""

    caution: str
    """Why not; empty where they may."""

    parts: Sequence[Part]


def told_apart(values: Sequence[str]) -> list[Cell]:
    """Return a line's cells; what is not like the first is marked in words."""
    return [
        Cell(words=value, note="" if value == values[0] else "differs")
        for value in values
    ]


class ComparingAdmin[M: Model](NewestAdmin[M]):
    """A list whose rows can be laid side by side."""

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "compare/",
                self.admin_site.admin_view(self.compare),
                name=self._address("compare"),
            ),
            *super().get_urls(),
        ]

    def side_by_side(self, chosen: Sequence[M]) -> SideBySide:
        raise NotImplementedError

    def title_of(self, row: M) -> str:
        """Return what heads its column."""
        return str(row)

    def compare(self, request: HttpRequest) -> HttpResponse:
        self.require_view(request)
        chosen = self._chosen(request)
        if len(chosen) < 2:
            messages.warning(request, "Choose at least two to compare.")
            return HttpResponseRedirect(reverse(f"admin:{self._address('changelist')}"))
        name = str(self.opts.verbose_name_plural)
        return self.page(
            request,
            "recsys/side_by_side.html",
            title=f"{len(chosen)} {name} side by side",
            crumbs=self.lists(),
            chosen=[
                (
                    self.title_of(row),
                    reverse(f"admin:{self._address('change')}", args=[row.pk]),
                    row,
                )
                for row in chosen
            ],
            shown=self.side_by_side(chosen),
        )

    def _chosen(self, request: HttpRequest) -> list[M]:
        asked = request.GET.getlist("id")
        if len(asked) > MOST_COMPARED:
            messages.warning(
                request, f"The first {MOST_COMPARED} of {len(asked)} are shown."
            )
        try:
            rows: Any = self.get_queryset(request).filter(pk__in=asked[:MOST_COMPARED])
            return list(rows.order_by("created_at", "pk"))
        except ValidationError:
            return []

    def _address(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"
