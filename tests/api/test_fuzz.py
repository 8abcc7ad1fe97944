"""Requests made up from the schema, sensible and not: never a 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from requests import Request
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from catalog import access
from recsys_site.reference.routes import schema

ORG = "00000000-0000-0000-0000-0000000000aa"
_CONTRACT = schemathesis.openapi.from_dict(dict(schema()))
_OPERATIONS = [
    pytest.param(found.ok(), id=found.ok().label)
    for found in _CONTRACT.get_all_operations()
    if isinstance(found, Ok)
]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(settings: Any) -> Iterator[None]:
    settings.FIRST_BUILD_WAIT_SECONDS = 0
    access.forget_cached()
    yield
    access.forget_cached()


def send(case: Any) -> None:
    told = case.as_transport_kwargs(base_url="http://testserver")
    told.pop("cookies", None)
    request = Request(**told).prepare()
    headers: dict[str, Any] = {**request.headers, "X-Org-ID": ORG}
    kind = headers.pop("Content-Type", "application/json")
    # An error that we did not expect is raised here instead of answered with 500.
    answer = Client(raise_request_exception=True).generic(
        request.method or "GET",
        request.path_url,
        request.body or b"",
        content_type=kind,
        headers=headers,
    )
    assert answer.status_code < 500, answer.content


def fuzz(operation: Any, *, mode: GenerationMode, count: int) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @examples(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    def run(case: Any) -> None:
        send(case)

    run()


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("operation", _OPERATIONS)
def test_no_request_breaks_us(operation: Any, mode: GenerationMode) -> None:
    fuzz(operation, mode=mode, count=4)


@pytest.mark.prove
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("operation", _OPERATIONS)
def test_no_request_of_many_breaks_us(operation: Any, mode: GenerationMode) -> None:
    fuzz(operation, mode=mode, count=300)
