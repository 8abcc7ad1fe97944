"""Pages that list what was made, the newest first, and how another one is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from catalog.models import Run

from .lists import newest_first
from .page import Chip, PageAdmin


class NewestAdmin[M: Model](PageAdmin[M]):
    """A list by `created_at`, each row beside its verdict in two words."""

    list_template: ClassVar[str]
    unread: ClassVar[tuple[str, ...]] = ()
    """Large columns that the list does not show."""

    joined: ClassVar[tuple[str, ...]] = ()
    """What the list shows of other tables."""

    def chip_of(self, row: M) -> Chip:
        raise NotImplementedError

    def chips_of(self, row: M) -> Sequence[Chip]:
        """Return all that stands in chips beside a row, the verdict first."""
        return [self.chip_of(row)]

    def beside(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the page needs beside its rows."""
        return {}

    def list_page(self, request: HttpRequest) -> HttpResponse:
        rows = self.get_queryset(request).defer(*self.unread)
        if self.joined:
            rows = rows.select_related(*self.joined)
        page = newest_first(
            rows,
            moment="created_at",
            after=request.GET.get("after", ""),
        )
        return self.page(
            request,
            self.list_template,
            title=self.list_title,
            page=page,
            rows=[(each, *self.chips_of(each)) for each in page.rows],
            **self.beside(request),
        )


def watch(run: Run) -> HttpResponseRedirect:
    """Send whoever started a Run to its page."""
    return HttpResponseRedirect(reverse("admin:catalog_run_change", args=[run.pk]))
