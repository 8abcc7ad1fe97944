"""What of their decisions namespaces keep."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings

from audit.core.keeping import Keeping, keeping_of
from catalog.models import Namespace


def default_keeping() -> Keeping:
    return Keeping(traces_per_second=settings.AUDIT_TRACES_PER_SECOND)


def keeping(namespace: Namespace) -> Keeping:
    return keeping_of(namespace.switches, default=default_keeping())


def keeping_by_namespace(numbers: Collection[int]) -> dict[int, Keeping]:
    """Return what namespaces keep, by number; unknown ones are left out."""
    found = Namespace.objects.filter(pk__in=numbers).values_list("pk", "switches")
    default = default_keeping()
    return {number: keeping_of(switches, default=default) for number, switches in found}
