"""A shop with two tastes and a past that can be split."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.ranking.conftest import serving_connections, shop
from tests.ranking.shops import Shop, items
from tuning.core.spec import SweepSpec, spec_of

__all__ = ["serving_connections", "shop"]

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = ("tea", "coffee")


@pytest.fixture
def no_guardrails(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "guardrails.yml"
    settings.GUARDRAILS_FILE = path
    return path


@pytest.fixture
def past(shop: Shop, no_guardrails: Path) -> Shop:
    """Two kinds of things; each user keeps to one of them for 20 days."""
    for kind in KINDS:
        shop.sell(*items([f"{kind}{n}" for n in range(20)], tags=[kind], category=kind))
    events = [
        {
            "user_id": f"{kind}-lover{user}",
            "item_id": f"{kind}{(user * 3 + day * (1 + user % 3)) % 20}",
            "type": "click",
            "ts": (START + timedelta(days=day, minutes=user)).isoformat(),
        }
        for day in range(20)
        for kind in KINDS
        for user in range(12)
    ]
    shop.ask("/v1/events:batch", events=events)
    shop.ask(
        "/v1/users:upsert",
        users=[
            {"user_id": f"{kind}-lover{user}", "traits": {"segment": kind}}
            for kind in KINDS
            for user in range(12)
        ],
    )
    return shop


def sweep_spec(**changes: Any) -> SweepSpec:
    """Return a small sweep over two knobs."""
    document = {
        "parameters": [
            {"knob": "blend_alpha", "low": 0, "high": 1},
            {"knob": "blend_beta", "low": 0, "high": 1},
        ],
        "strategy": "random",
        "budget": 6,
        "batch": 3,
        "evaluation": {
            "split": {"quantile": 0.6, "until_quantile": 0.8},
            "baselines": ["popularity"],
            "task": "all",
            "max_users": 20,
        },
    }
    return spec_of(document | changes)
