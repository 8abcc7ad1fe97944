"""Write down what a sweep found: the profile, its evidence, and the report to read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from django.template.loader import render_to_string

from catalog.tenancy import org_scope
from ranking.core.pipeline import ENGINE_VERSION
from tuning.models import Sweep, Trial
from tuning.operations.finishing import verify
from tuning.queries.sweeps import shown_sweep

from .shops import AT, ShopToTune
from .sweeping import config_of

PROFILES = Path("fixtures/profiles")
REPORTS = Path("docs/reports/default-profiles")
_TOLD = ("catalog_coverage@20", "long_tail_share@20", "category_entropy@10")


def document_of(shop: ShopToTune, sweep: Sweep) -> dict[str, Any]:
    """Return the profile and its evidence as the shipped file has them."""
    outcome: Mapping[str, Any] = sweep.outcome
    evidence = outcome["evidence"]
    built_in = verify(sweep, shop.spec, shop.built_in, at=AT)
    return {
        "profile": shop.name,
        "title": shop.title,
        "config": config_of(shop, sweep),
        "evidence": {
            "engine": ENGINE_VERSION,
            "headline": outcome["headline"],
            "trials": sweep.budget,
            "best": outcome["best"],
            "kept_guardrails": outcome["feasible"],
            "importance": outcome["importance"],
            "users": evidence["users"],
            "confidence": evidence["confidence"],
            "verdict": evidence["verdict"],
            "lifts": evidence["lifts"],
            "figures": {
                name: [evidence["before"].get(name), evidence["after"].get(name)]
                for name in (*evidence["lifts"], *_TOLD)
            },
            "guardrails": [
                [before, after]
                for before, after in zip(
                    evidence["verdicts_before"], evidence["verdicts"], strict=True
                )
            ],
            "segments": evidence["segments"],
            "built_in": {
                "lifts": built_in["lifts"],
                "figures": {name: built_in["after"].get(name) for name in _TOLD},
                "verdict": built_in["verdict"],
            },
            "hand_set": {**shop.hand_set, **shop.kept},
            "spec": sweep.spec,
        },
    }


def write_profile(shop: ShopToTune, sweep: Sweep, *, root: Path) -> dict[str, Any]:
    """Write the shipped file and the report. Inside the sweep's block."""
    document = document_of(shop, sweep)
    _write(root / PROFILES / f"{shop.name}.json", msgspec.json.encode(document))
    with org_scope(sweep.org_id):
        trials = list(Trial.objects.filter(sweep=sweep).order_by("number"))
        context = shown_sweep(sweep, trials)
    page = render_to_string("recsys/sweep_report.html", context)
    path = root / REPORTS / f"{shop.name}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return document


def _write(path: Path, encoded: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(encoded) + b"\n")
