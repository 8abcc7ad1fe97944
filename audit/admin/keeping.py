"""What is kept of answers: for how long, of whom it tells, and what vouches for it."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from audit.core.keeping import Keeping, keeping_of
from audit.models import AuditBatch
from audit.models.batches import PseudonymKey
from audit.operations import rotate_key
from audit.operations.keeping import set_keeping
from audit.pseudonyms import newest_version
from audit.queries.heads import exported_head
from audit.queries.keeping import keeping, size_of
from catalog.admin.page import PageAdmin, namespace_of
from catalog.permissions import can, can_everywhere, name_of
from catalog.recording import by_staff

_HERE = "admin:audit_auditbatch_changelist"


@admin.register(AuditBatch)
class KeepingAdmin(PageAdmin[AuditBatch]):
    list_title = "What is kept"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("keep/", view(self.keep), name="audit_keeping"),
            path("rotate/", view(self.rotate), name="audit_key_rotate"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditBatch]:
        # Batches are an org's, not a namespace's.
        return AuditBatch.objects.filter(org=namespace_of(request).org_id)

    def list_page(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        kept = keeping(namespace)
        keys = PseudonymKey.objects.order_by("-version")
        return self.page(
            request,
            "recsys/keeping.html",
            title=self.list_title,
            kept=kept,
            # Without the rounding of templates: saving anew must change nothing.
            rate=f"{kept.traces_per_second:.10g}",
            percent=f"{kept.trace_sample * 100:.10g}",
            size=size_of(namespace, at=timezone.now()),
            key_version=newest_version(namespace.org_id),
            key=keys.first(),
            head=exported_head(),
            may_keep=can(request.user, "operate", namespace),
            may_rotate=can_everywhere(request.user, "operate", namespace.org_id),
        )

    def keep(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        if request.method != "POST" or not can(request.user, "operate", namespace):
            raise PermissionDenied
        wanted = _sent(request, keeping(namespace))
        if wanted is None:
            messages.error(
                request,
                "Days go from 1 to 3,650, traces a second from 0, and the share from"
                " 0 to 100. Nothing was changed.",
            )
        else:
            with by_staff(request.user):
                set_keeping(namespace, wanted, at=timezone.now())
            messages.success(request, f"{namespace.name} keeps this from now on.")
        return HttpResponseRedirect(reverse(_HERE))

    def rotate(self, request: HttpRequest) -> HttpResponse:
        namespace = namespace_of(request)
        may = can_everywhere(request.user, "operate", namespace.org_id)
        if request.method != "POST" or not may:
            raise PermissionDenied
        version = rotate_key(
            namespace.org_id, by=name_of(request.user), at=timezone.now()
        )
        messages.success(
            request, f"User ids are hashed with version {version} of the key now."
        )
        return HttpResponseRedirect(reverse(_HERE))


def _sent(request: HttpRequest, now: Keeping) -> Keeping | None:
    """Return what the form says; None when it makes no sense."""
    try:
        sent = Keeping(
            days=int(request.POST["days"]),
            traces_per_second=float(request.POST["traces_per_second"]),
            trace_sample=float(request.POST["trace_percent"]) / 100,
        )
    except (KeyError, ValueError):
        return None
    switches = {
        "keep_days": sent.days,
        "traces_per_second": sent.traces_per_second,
        "trace_sample": sent.trace_sample,
    }
    # What reading would not take is not stored.
    return sent if keeping_of(switches, default=now) == sent else None
