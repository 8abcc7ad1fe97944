"""The desk of rules: Ana drafts, Ben publishes, Chloe looks, Oscar switches off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.tenancy import org_scope
from rules.models import Rule
from tests.admin.conftest import LogIn, Shops, log_in, make_item, shops
from tests.rules.admin.forms import form, say

__all__ = ["log_in", "make_item", "shops"]

type Publish = Callable[..., Rule]


@pytest.fixture
def ana(log_in: LogIn) -> Client:
    return log_in("merchandiser")


@pytest.fixture
def ben(log_in: LogIn) -> Client:
    return log_in("publisher")


@pytest.fixture
def chloe(log_in: LogIn) -> Client:
    return log_in("viewer")


@pytest.fixture
def oscar(log_in: LogIn) -> Client:
    return log_in("operator")


@pytest.fixture
def publish(shops: Shops, ben: Client) -> Publish:
    """Have Ben publish a rule through the form."""

    def make(**fields: Any) -> Rule:
        answer = ben.post(say("rules_rule_add"), form(do="publish", **fields))
        assert answer.status_code == 302, errors_in(answer)
        with org_scope(shops.ours.org_id):
            rules = Rule.objects.select_related("version", "namespace")
            return rules.order_by("-created_at", "-pk")[0]

    return make


def errors_in(answer: Any) -> Any:
    return answer.context and answer.context.get("errors")
