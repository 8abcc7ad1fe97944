from __future__ import annotations

from datetime import datetime

from audit.core.keeping import Keeping
from catalog.models import ChangeKind, Namespace
from catalog.operations import record_change


def set_keeping(namespace: Namespace, wanted: Keeping, *, at: datetime) -> None:
    """Have a namespace keep other decisions than before, from the next drop on."""
    row = Namespace.objects.select_for_update(no_key=True).get(pk=namespace.pk)
    row.switches = {
        **row.switches,
        "keep_days": wanted.days,
        "traces_per_second": wanted.traces_per_second,
        "trace_sample": wanted.trace_sample,
    }
    row.save(update_fields=["switches"])
    namespace.switches = row.switches
    record_change(namespace, kind=ChangeKind.CONFIGURATION, count=1, at=at)
