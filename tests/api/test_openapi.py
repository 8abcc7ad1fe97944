"""The schema tells the truth, with an example for every request and answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import yaml
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.drainage import GENERATOR_STATS

from catalog.core.json_text import conform
from catalog.models import Scope
from recsys_site.reference.routes import schema

METHODS = ("get", "post", "put", "patch", "delete")
DOCUMENT = schema()


def operations() -> Iterator[Any]:
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield pytest.param(item[method], id=f"{method} {path}")


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    body = operation.get("requestBody")
    if body:
        yield "request", body["content"]["application/json"]
    for status, answer in operation["responses"].items():
        for content in answer.get("content", {}).values():
            yield f"answer {status}", content


def struct_named(name: str) -> type[msgspec.Struct] | None:
    waiting: list[type[msgspec.Struct]] = [msgspec.Struct]
    while waiting:
        current = waiting.pop()
        if current.__name__ == name:
            return current
        waiting += current.__subclasses__()
    return None


@pytest.mark.parametrize("operation", [*operations()])
def test_every_request_and_answer_has_an_example(operation: dict[str, Any]) -> None:
    for what, content in contents(operation):
        assert content.get("examples"), f"{operation['operationId']}: {what}"


@pytest.mark.parametrize("operation", [*operations()])
def test_every_operation_says_what_it_does(operation: dict[str, Any]) -> None:
    assert operation.get("summary")


@pytest.mark.parametrize("operation", [*operations()])
def test_every_example_is_what_its_schema_says(operation: dict[str, Any]) -> None:
    for _, content in contents(operation):
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        struct = struct_named(name) if name else None
        if struct is not None:
            for example in content["examples"].values():
                conform(example["value"], struct)


@pytest.mark.parametrize("operation", [*operations()])
def test_every_operation_says_who_may_call_it(operation: dict[str, Any]) -> None:
    keyed = {key: scope for way in operation["security"] for key, scope in way.items()}

    assert keyed.pop("OrgId") == []
    assert set(keyed) == {"ApiKey", "Bearer"}
    for (scope,) in keyed.values():
        assert scope in Scope.values
        assert f"`{scope}`" in operation["description"]


def test_every_operation_is_under_a_heading_that_is_explained() -> None:
    explained = {tag["name"] for tag in DOCUMENT["tags"]}

    for parameter in operations():
        assert set(parameter.values[0]["tags"]) <= explained


def test_every_way_to_authorize_is_defined() -> None:
    schemes = DOCUMENT["components"]["securitySchemes"]

    assert {
        scheme.get("name", scheme.get("scheme")) for scheme in schemes.values()
    } == {
        "X-API-Key",
        "bearer",
        "X-Org-ID",
    }


def test_every_v1_route_is_in_the_schema() -> None:
    routed = {
        str(pattern.pattern)
        for pattern in get_resolver().url_patterns
        if str(pattern.pattern).startswith("v1/")
    }

    assert len(routed) == len([path for path in DOCUMENT["paths"] if "/v1/" in path])


def test_operations_are_named_once() -> None:
    names = [parameter.values[0]["operationId"] for parameter in operations()]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_the_readers_need_no_inline_script(path: str, client: Client) -> None:
    answer = client.get(path)
    page = answer.content.decode()

    assert answer.status_code == 200
    assert "<style" not in page
    assert "style=" not in page
    for script in page.split("<script")[1:]:
        assert script.lstrip().startswith("src="), script[:80]


def test_redoc_loads_nothing_from_its_maker(client: Client) -> None:
    page = client.get("/redoc").content.decode()
    script = client.get("/redoc.js")

    assert 'src="/redoc.js"' in page
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "cdn.redoc" not in script.content.decode()


def test_the_schema_is_served_as_openapi_31(client: Client) -> None:
    answer = client.get("/schema")

    assert answer.status_code == 200
    assert yaml.safe_load(answer.content)["openapi"].startswith("3.1")


def test_the_generator_has_nothing_to_complain_about() -> None:
    GENERATOR_STATS.reset()
    schema()

    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache
