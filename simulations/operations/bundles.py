"""A simulation as a folder: metadata, a README, a page with charts, artifacts."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
from django.conf import settings
from django.template.loader import render_to_string

from simulations.core.charts import charts_of
from simulations.core.metrics import exposure_ratio
from simulations.core.simulation import SimulationReport

from .simulation_steps import Simulated

_STAMP = "%Y%m%dT%H%M%SZ"


def write_bundle(sim: Simulated, report: SimulationReport) -> Path:
    """Write everything that is known, however far the simulation came."""
    folder = _folder(sim)
    artifacts = folder / "artifacts"
    artifacts.mkdir(parents=True, exist_ok=True)
    written = _artifacts(sim, artifacts)
    _json(folder / "simulation_metadata.json", _metadata(sim, report, written))
    text = render_to_string("simulations/readme.txt", _context(report, written))
    (folder / "README.md").write_text(text, encoding="utf-8")
    page = render_to_string("simulations/report.html", _context(report, written))
    (folder / "report.html").write_text(page, encoding="utf-8")
    return folder


def _context(report: SimulationReport, written: list[str]) -> dict[str, Any]:
    return {"report": report, "charts": charts_of(report), "artifacts": written}


def _folder(sim: Simulated) -> Path:
    """Make a folder of its own: a second simulation in one second gets a number."""
    root = Path(sim.request.reports_dir or settings.REPORTS_ROOT) / sim.request.customer
    stamp = sim.at.astimezone(UTC).strftime(_STAMP)
    for number in range(1, 1000):
        folder = root / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f"{root} holds a thousand simulations of {stamp}.")


def _artifacts(sim: Simulated, folder: Path) -> list[str]:
    written: list[str] = []

    def keep(name: str, content: Any) -> None:
        if content:
            _json(folder / name, content)
            written.append(name)

    keep("seed_manifest.json", sim.manifest)
    keep("seed_segments.json", sim.segments)
    if sim.evaluated is not None:
        keep("quality_metrics.json", msgspec.to_builtins(sim.evaluated.report))
        pq.write_table(
            sim.evaluated.per_user, folder / "per_user.parquet", compression="zstd"
        )
        written.append("per_user.parquet")
    if sim.played:
        keep("scenario_summary.json", _scenario_summary(sim))
        _scenarios_csv(sim, folder / "scenarios.csv")
        written.append("scenarios.csv")
        for each in sim.played:
            keep(f"scenario_{each.id.lower()}.json", msgspec.to_builtins(each))
    if sim.compared is not None:
        keep("recommendation_dump.json", _dump(sim))
    return written


def _scenario_summary(sim: Simulated) -> dict[str, Any]:
    return {
        "passed": sum(each.passed for each in sim.played),
        "total": len(sim.played),
        "scenarios": [
            {
                key: value
                for key, value in msgspec.to_builtins(each).items()
                if key != "steps"
            }
            for each in sim.played
        ],
    }


def _scenarios_csv(sim: Simulated, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        names = ("id", "name", "input", "expected", "observed")
        writer.writerow([*names, "result"])
        for each in sim.played:
            told = [getattr(each, name) for name in names]
            writer.writerow([*told, "pass" if each.passed else "fail"])


def _dump(sim: Simulated) -> dict[str, Any]:
    assert sim.compared is not None
    assert sim.rehearsal is not None
    facts = sim.rehearsal.items
    categories: Counter[str] = Counter()
    for _, items in sim.compared.shown:
        categories.update(facts[item].category or "" for item in items if item in facts)
    categories.pop("", None)
    return {
        "k": len(max((items for _, items in sim.compared.shown), key=len, default=())),
        "users": [
            {"user_id": user, "items": items} for user, items in sim.compared.shown
        ],
        "category_counts": dict(categories.most_common()),
        "category_exposure_ratio": exposure_ratio(list(categories.values())),
        "brand_exposure_ratio": sim.compared.lists.after.brand_exposure_ratio,
    }


def _metadata(
    sim: Simulated, report: SimulationReport, written: list[str]
) -> dict[str, Any]:
    inputs = msgspec.to_builtins(sim.request)
    return {
        "customer": report.customer,
        "timestamp": _told(sim.at),
        "namespace": report.namespace,
        "org_id": str(sim.namespace.org_id),
        "verdict": report.verdict,
        "headline": report.headline,
        "profile": report.proposed,
        "base": report.base,
        "inputs": inputs,
        "inputs_hash": _hash(inputs),
        "versions": report.versions,
        "steps": msgspec.to_builtins(report.steps),
        "artifacts": [{"name": name, "path": f"artifacts/{name}"} for name in written],
    }


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _hash(inputs: Mapping[str, Any]) -> str:
    encoded = msgspec.json.encode(inputs, order="deterministic")
    return hashlib.sha256(encoded).hexdigest()


def _json(path: Path, content: Any) -> None:
    path.write_bytes(
        msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
    )
