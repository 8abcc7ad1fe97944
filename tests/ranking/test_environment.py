"""What the environment says of knobs: read at the start, in force once published."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command

from ranking.queries import configurations
from tests.ranking.shops import Shop


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Have the environment read afresh, before and after."""
    forget()
    yield monkeypatch
    monkeypatch.undo()
    forget()


def forget() -> None:
    configurations.environment.cache_clear()
    configurations._overrides.cache_clear()


def knobs_of(shop: Shop, user_id: str) -> dict[str, dict[str, object]]:
    answer = shop.ask("/v1/recommendations/validate", user_id=user_id)
    knobs: dict[str, dict[str, object]] = answer["knobs"]
    return knobs


def test_a_blend_of_the_namespace_and_of_a_segment_is_used(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("BLEND_ALPHA", "0.9")
    environment.setenv("BLEND_WEIGHTS_OVERRIDES", "*=0.5|0.1|0.1, shop=0.6|0.2|0.2")
    environment.setenv("BLEND_SEGMENT_OVERRIDES", "vip=0.7|0.3|0.3")
    shop.sell({"item_id": "a"})
    users = [{"user_id": "ana", "traits": {"segment": "vip"}}, {"user_id": "ben"}]
    shop.ask("/v1/users:upsert", users=users)

    assert knobs_of(shop, "ben")["blend_alpha"] == {
        "value": 0.6,
        "source": "environment",
    }
    assert knobs_of(shop, "ana")["blend_alpha"] == {
        "value": 0.7,
        "source": "environment:vip",
    }
    config = shop.get("/v1/admin/recommendation/config", namespace="shop").json()
    assert config["config"]["blend_beta"] == 0.2


def test_a_change_of_the_environment_is_put_in_force_by_a_command(
    shop: Shop, environment: pytest.MonkeyPatch
) -> None:
    shop.sell({"item_id": "a"})
    assert knobs_of(shop, "ben")["blend_alpha"]["source"] == "default"
    environment.setenv("BLEND_WEIGHTS_OVERRIDES", "*=0.5|0.1|0.1")
    forget()

    said = [publish(shop) for _ in range(2)]

    assert knobs_of(shop, "ben")["blend_alpha"]["value"] == 0.5
    assert said == ["shop obeys the environment now.\n", "shop obeyed it already.\n"]


def publish(shop: Shop) -> str:
    said = StringIO()
    call_command("publish_environment", org_id=shop.org_id, stdout=said)
    return said.getvalue()


def test_no_process_starts_on_a_wrong_knob() -> None:
    started = subprocess.run(
        [sys.executable, "manage.py", "check"],
        check=False,
        capture_output=True,
        text=True,
        cwd=settings.BASE_DIR,
        env={**os.environ, "BLEND_SEGMENT_OVERRIDES": "vip=1|2|-3"},
    )

    assert started.returncode != 0
    assert "BLEND_SEGMENT_OVERRIDES must be name=alpha|beta|gamma" in started.stderr
    assert "'vip=1|2|-3'" in started.stderr
