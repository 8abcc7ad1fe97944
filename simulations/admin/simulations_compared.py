"""Several simulations side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from catalog.admin.page import Chip
from simulations.core.simulation import SimulationReport, Tile
from simulations.models import Simulation, Verdict

from .comparing import Cell, Line, Part, SideBySide, told_apart
from .words import STATE_CHIPS, figure_words

VERDICT_CHIPS = {
    Verdict.PASSED: Chip(words="Fit to ship", icon="check", kind="good"),
    Verdict.FAILED: Chip(words="Not fit", icon="block", kind="bad"),
    Verdict.UNKNOWN: Chip(words="Not computed", icon="help", kind="warn"),
}


def compared_simulations(chosen: Sequence[Simulation]) -> SideBySide:
    reports = [msgspec.convert(each.report, SimulationReport) for each in chosen]
    return SideBySide(
        caution=_caution(reports),
        parts=[
            Part(title="What was simulated", lines=_facts(chosen, reports)),
            Part(
                title="Quality",
                lines=_tiles(reports),
                about="below each figure its difference from popularity in the same"
                " shop, with the 95 % interval",
            ),
            Part(title="Guardrails", lines=_guardrails(reports)),
            Part(title="Scenarios", lines=_scenarios(reports)),
        ],
    )


def _caution(reports: Sequence[SimulationReport]) -> str:
    shops = [each.inputs.get("shop") for each in reports]
    if any(shop != shops[0] for shop in shops):
        return (
            "These are different shops: what is higher in one column is not better for"
            " it. Simulate with equal seed, sizes and fixture to compare profiles."
        )
    return ""


def _facts(
    chosen: Sequence[Simulation], reports: Sequence[SimulationReport]
) -> list[Line]:
    facts: dict[str, Callable[[SimulationReport], str]] = {
        "Profile": lambda one: one.proposed,
        "Lists compared with": lambda one: one.base,
        "Shop": lambda one: _shop(one.inputs.get("shop", {})),
        "Split at": lambda one: str(one.split.get("cut", "–"))[:16].replace("T", " "),
        "Engine": lambda one: str(one.versions.get("engine", "–")),
    }
    return [
        (
            "Verdict",
            [Cell(chip=VERDICT_CHIPS[Verdict(each.verdict)]) for each in chosen],
        ),
        *(
            (title, told_apart([fact(one) for one in reports]))
            for title, fact in facts.items()
        ),
    ]


def _shop(shop: dict[str, Any]) -> str:
    told = [
        f"{shop[name]:,} {name}"
        for name in ("items", "users", "events")
        if shop.get(name) is not None
    ]
    if shop.get("fixture"):
        told.append(str(shop["fixture"]))
    return ", ".join([*told, f"seed {shop.get('seed', '–')}"])


def _tiles(reports: Sequence[SimulationReport]) -> list[Line]:
    titles = {tile.metric: tile.title for each in reports for tile in each.tiles}
    return [
        (
            title,
            [
                _tile({one.metric: one for one in each.tiles}.get(metric))
                for each in reports
            ],
        )
        for metric, title in titles.items()
    ]


def _tile(tile: Tile | None) -> Cell:
    if tile is None or tile.proposed is None:
        return Cell(words="–")
    note = ""
    if tile.difference is not None:
        note = f"{tile.difference:+.4f}"
        if tile.low is not None and tile.high is not None:
            note += f" ({tile.low:+.4f} to {tile.high:+.4f})"
    return Cell(words=f"{tile.proposed:.4f}", note=note.replace("-", "−"))


def _guardrails(reports: Sequence[SimulationReport]) -> list[Line]:
    titles = {
        judged.name: judged.title for each in reports for judged in each.guardrails
    }
    lines: list[Line] = []
    for name, title in titles.items():
        cells = []
        for each in reports:
            judged = next((one for one in each.guardrails if one.name == name), None)
            cells.append(
                Cell(
                    chip=STATE_CHIPS[judged.state],
                    words=figure_words(judged, judged.after),
                )
                if judged
                else Cell(words="no limit")
            )
        lines.append((title, cells))
    return lines


_PASS = Chip(words="Pass", icon="check", kind="good")
_FAIL = Chip(words="Fail", icon="block", kind="bad")


def _scenarios(reports: Sequence[SimulationReport]) -> list[Line]:
    names = {played.id: played.name for each in reports for played in each.scenarios}
    lines: list[Line] = [
        (
            "Passed",
            [
                Cell(
                    words=f"{sum(one.passed for one in each.scenarios)} of"
                    f" {len(each.scenarios)}"
                )
                for each in reports
            ],
        )
    ]
    for key, name in names.items():
        passed = [
            {one.id: one.passed for one in each.scenarios}.get(key) for each in reports
        ]
        if len(set(passed)) == 1 and passed[0]:
            continue
        cells = [
            Cell(words="not played")
            if each is None
            else Cell(chip=_PASS if each else _FAIL)
            for each in passed
        ]
        lines.append((f"{key} {name}", cells))
    return lines
