from __future__ import annotations

from uuid import UUID

import pytest

from audit.models import AuditBatch, Decision, DecisionPrivate, Erasure
from audit.queries import get_decision
from catalog.tenancy import NoOrgInContextError

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Decision, DecisionPrivate, AuditBatch, Erasure])
def test_nobody_reads_before_saying_whose(model) -> None:
    with pytest.raises(NoOrgInContextError):
        model.objects.count()


def test_a_decision_is_not_found_before_saying_whose() -> None:
    with pytest.raises(NoOrgInContextError):
        get_decision(UUID("01890a5d-ac96-774b-bcce-b302099a8057"))
