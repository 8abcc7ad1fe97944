"""CSV files of rules: tried by a worker, looked at, then put into a change set."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

import msgspec
from django.contrib import messages
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from catalog.admin.page import Crumb, PageAdmin, namespace_of
from catalog.admin.runs import STATE_CHIPS
from catalog.models import Namespace, Run, RunState
from catalog.permissions import can, require
from rules.core.sentences import sentence
from rules.models import Rule
from rules.operations.change_sets import Purpose
from rules.operations.csv_rows import COLUMNS, row_of
from rules.operations.csv_trials import FoundLine
from rules.operations.importing import (
    PAGE_SIZE,
    TRY_KIND,
    counts_of,
    page_of,
    start_applying,
    start_dry_run,
)
from rules.queries.contents import contents_of
from rules.queries.items import titles

from .attempts import attempt, edit_of

_LATEST = 20
_MOST_EXPORTED = 100_000


class RuleImportPages(PageAdmin[Rule]):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("export/", view(self.export), name="rules_rule_export"),
            path("import/", view(self.imports), name="rules_rule_import"),
            path(
                "import/<uuid:key>/", view(self.imported), name="rules_rule_import_page"
            ),
            path(
                "import/<uuid:key>/apply/",
                view(require_POST(self.apply)),
                name="rules_rule_import_apply",
            ),
            *super().get_urls(),
        ]

    def wanted(self, request: HttpRequest) -> QuerySet[Rule]:
        raise NotImplementedError

    def imports(self, request: HttpRequest) -> HttpResponse:
        self.require_view(request)
        namespace = namespace_of(request)
        if request.method == "POST":
            return self._upload(request)
        runs = Run.objects.filter(namespace=namespace, kind=TRY_KIND)
        return self.page(
            request,
            "recsys/rule_imports.html",
            title="Import rules",
            crumbs=self.lists(),
            rows=[
                (run, STATE_CHIPS[RunState(run.state)], counts_of(run))
                for run in runs.order_by("-created_at")[:_LATEST]
            ],
            columns=COLUMNS,
            may_edit=can(request.user, "edit", namespace),
        )

    def _upload(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        require(request.user, "edit", namespace)
        edit = edit_of(request, namespace)
        file = request.FILES.get("file")
        page = reverse("admin:rules_rule_import")
        if file is None:
            messages.error(request, "Choose a file.")
            return HttpResponseRedirect(page)
        run = attempt(
            request,
            lambda: start_dry_run(
                namespace,
                file.read(),
                filename=file.name or "rules.csv",
                actor=edit.actor,
                at=edit.at,
            ),
        )
        if run is None:
            return HttpResponseRedirect(page)
        return HttpResponseRedirect(
            reverse("admin:rules_rule_import_page", args=[run.pk])
        )

    def _run(self, request: HttpRequest, key: str) -> Run:
        self.require_view(request)
        run = Run.objects.filter(
            namespace=namespace_of(request), kind=TRY_KIND, pk=key
        ).first()
        if run is None:
            raise Http404("No such import in this namespace.")
        return run

    def imported(self, request: HttpRequest, key: str) -> HttpResponse:
        run = self._run(request, key)
        only = request.GET.get("only", "")
        text = request.GET.get("p", "")
        number = int(text) if text.isdigit() and len(text) < 8 else 1
        counts = counts_of(run)
        size = counts.get(only, 0) if only else sum(counts.values())
        here = reverse("admin:rules_rule_import")
        return self.page(
            request,
            "recsys/rule_import.html",
            title=str(run.parameters.get("filename", "Import")),
            crumbs=[*self.lists(), Crumb(title="Import", url=here)],
            run=run,
            chip_of_state=STATE_CHIPS[RunState(run.state)],
            is_open=run.state in (RunState.QUEUED, RunState.RUNNING),
            counts=counts,
            only=only,
            lines=_titled(namespace_of(request), page_of(run, number, only=only)),
            number=number,
            pages=max((size - 1) // PAGE_SIZE + 1, 1),
            earlier=number - 1 if number > 1 else None,
            further=number + 1 if number * PAGE_SIZE < size else None,
            may_edit=can(request.user, "edit", namespace_of(request)),
        )

    def apply(self, request: HttpRequest, key: str) -> HttpResponse:
        run = self._run(request, key)
        namespace = namespace_of(request)
        edit = edit_of(request, namespace)
        title = f"Import of {run.parameters.get('filename', 'rules')}"
        purpose = Purpose(title=title[:200], reason=edit.reason)
        started = attempt(
            request,
            lambda: start_applying(
                namespace, run, purpose=purpose, actor=edit.actor, at=edit.at
            ),
        )
        if started is None:
            page = reverse("admin:rules_rule_import_page", args=[run.pk])
            return HttpResponseRedirect(page)
        return HttpResponseRedirect(
            reverse("admin:catalog_run_change", args=[started.pk])
        )

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """Answer with the rules that the list's address asks for."""
        self.require_view(request)
        rules = list(self.wanted(request).order_by("created_at", "pk")[:_MOST_EXPORTED])
        pairs = zip(rules, contents_of(rules), strict=True)
        rows = [row_of(str(rule.pk), content) for rule, content in pairs]
        name = f"rules-{namespace_of(request).name}.csv"
        return StreamingHttpResponse(
            map(_line, [COLUMNS, *rows]),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _line(cells: Sequence[str]) -> str:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _titled(namespace: Namespace, lines: Sequence[FoundLine]) -> list[FoundLine]:
    """Return lines whose sentences name items by title, as far as they are known."""
    named = titles(namespace, [each.content for each in lines if each.content])
    return [
        msgspec.structs.replace(
            each, sentence=sentence(each.content.rule, titles=named)
        )
        if each.content
        else each
        for each in lines
    ]
