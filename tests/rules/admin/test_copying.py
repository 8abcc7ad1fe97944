"""Rules copied to another namespace, and conflicts mended with one button."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from catalog.models import Membership, Namespace
from catalog.tenancy import org_scope
from rules.models import ChangeSet, ChangeSetItem, Rule
from rules.queries.contents import read
from tests.admin.conftest import Shops
from tests.factories.tenants import make_namespace
from tests.rules.admin.conftest import Publish
from tests.rules.admin.forms import say


@pytest.fixture
def second(shops: Shops, ben: Client) -> Namespace:
    """Another namespace of the same org, in which Ben drafts."""
    found = make_namespace("second", org_id=shops.ours.org_id)
    staff = get_user_model().objects.get(username="publisher")
    Membership.objects.create(
        staff=staff, org=shops.ours.org, namespace=found, role="merchandiser"
    )
    return found


def copy(client: Client, rule: Rule, target: Namespace) -> Any:
    values = {"rule": [str(rule.pk)], "target": str(target.pk), "reason": "Winter"}
    return client.post(say("rules_rule_copy"), values)


def copies(target: Namespace) -> list[ChangeSetItem]:
    with org_scope(target.org_id):
        rows = ChangeSetItem.objects.filter(namespace=target)
        return list(rows.select_related("rule", "change_set"))


def test_a_copy_is_a_draft_that_says_the_same(
    ben: Client, shops: Shops, second: Namespace, publish: Publish
) -> None:
    rule = publish(name="Lamp", target=["lamp"], priority="7")
    answer = copy(ben, rule, second)

    [item] = copies(second)
    said = read(item.content).rule
    assert (said.name, said.priority) == ("Lamp", 7)
    assert said.id == str(item.rule_id) != str(rule.pk)
    assert item.rule.state == "draft"
    assert item.change_set.title == "1 rule copied from ours"
    assert item.change_set.reason == "Winter"
    assert answer["Location"].endswith(f"?ns={second.pk}")


def test_the_list_offers_namespaces_in_which_one_may_draft(
    ben: Client, chloe: Client, second: Namespace, publish: Publish
) -> None:
    publish(name="Lamp")

    assert "Copy to …" in ben.get(say("rules_rule_changelist")).content.decode()
    assert "Copy to …" not in chloe.get(say("rules_rule_changelist")).content.decode()


def test_nothing_is_copied_to_where_one_may_not_draft(
    ben: Client, shops: Shops, publish: Publish
) -> None:
    rule = publish(name="Lamp")
    hidden = make_namespace("hidden", org_id=shops.ours.org_id)

    copy(ben, rule, hidden)
    copy(ben, rule, shops.theirs)
    copy(ben, rule, shops.ours)

    assert copies(hidden) == []
    with org_scope(shops.ours.org_id):
        assert ChangeSet.objects.count() == 1


def test_a_conflict_is_mended_with_one_button(ben: Client, publish: Publish) -> None:
    pinned = publish(name="Pinned", target=["lamp"])
    hidden = publish(name="Hidden", action="BLOCK", target=["lamp"])
    page = reverse("admin:rules_rule_change", args=[pinned.pk])
    before = ben.get(page, {"tab": "conflicts"}).content.decode()

    ben.post(reverse("admin:rules_rule_act", args=[pinned.pk]), {"act": "pause"})

    assert "Pause Pinned" in before
    assert "Pause Hidden" not in before
    after = ben.get(
        reverse("admin:rules_rule_change", args=[hidden.pk]), {"tab": "conflicts"}
    )
    assert "At odds with no rule in force" in after.content.decode()
