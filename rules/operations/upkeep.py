"""What time does to rules and overrides. Serving looks at the windows itself."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from catalog.models import Namespace
from catalog.tenancy import org_scope
from rules.models import IN_FORCE, Rule, RuleState, Source

from .actors import of_job, recorded
from .override_states import expire_overrides

_JOB = of_job("rules upkeep", source=Source.JOB)


def keep_states(namespace: Namespace, *, at: datetime) -> int:
    """Have states say what the clock says; return how many rules changed theirs."""
    with org_scope(namespace.org_id), recorded(_JOB, reason="its window"):
        ended = Q(state__in=IN_FORCE, ends_at__lte=at)
        begun = Q(state=RuleState.SCHEDULED, starts_at__lte=at)
        rules = Rule.objects.filter(namespace=namespace)
        n_ended = rules.filter(ended).update(state=RuleState.EXPIRED, updated_at=at)
        n_begun = rules.filter(begun).update(state=RuleState.LIVE, updated_at=at)
        expire_overrides(namespace, at=at)
    return n_ended + n_begun
