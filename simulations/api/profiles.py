"""The profile that a call names."""

from __future__ import annotations

from catalog.core.faults import refuse
from catalog.core.nearest import hint
from catalog.models import Namespace
from ranking.models import Profile


def require_profile(namespace: Namespace, name: str | None) -> None:
    """Raise 400 where a profile is asked for that there is not."""
    rows = Profile.objects.filter(namespace=namespace)
    if name is None or rows.filter(name=name).exists():
        return
    known = list(rows.order_by("name").values_list("name", flat=True)[:50])
    raise refuse(
        "profile_not_found",
        f"There is no profile {name}. {hint(name, known)}".rstrip(),
        field="profile",
    )
