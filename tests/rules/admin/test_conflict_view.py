"""The view of conflicts: the newest rules judged now, all others as a worker did."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from rules.admin import standing
from rules.operations.alerts import keep_incidents
from tests.admin.conftest import Shops
from tests.rules.admin.conftest import Publish
from tests.rules.admin.forms import say


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    settings.FILES_ROOT = tmp_path


def shown(client: Client) -> set[str]:
    answer = client.get(say("rules_rule_changelist"), {"view": "conflicts"})
    return {row.rule.name for row in answer.context["rows"]}


def test_holds_rules_that_are_older_than_those_judged_at_once(
    ben: Client, shops: Shops, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(name="Pinned", target=["lamp"])
    publish(name="Hidden", action="BLOCK", target=["lamp"])
    assert shown(ben) == {"Pinned", "Hidden"}
    monkeypatch.setattr(standing, "_MOST_LOOKED_AT", 0)
    publish(name="Another", action="BLOCK", target=["chair"])

    before = shown(ben)
    keep_incidents(shops.ours, at=timezone.now())

    assert before == set()
    assert shown(ben) == {"Pinned", "Hidden"}
