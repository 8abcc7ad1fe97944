"""Write down what was measured: a table for people, JSON for programs, one picture."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import psutil

WIDTH, HEIGHT, MARGIN = 640, 320, 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number beside the one to reach."""

    section: str
    name: str
    value: float
    unit: str
    goal: str = ""

    def line(self) -> str:
        goal = f"  (to reach: {self.goal})" if self.goal else ""
        return (
            f"{self.section:<10} {self.name:<52} {self.value:>12,.2f} {self.unit}{goal}"
        )


def machine() -> dict[str, str | int]:
    """Say what the figures were measured on."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count() or 0,
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "load_average": f"{os.getloadavg()[0]:.1f}",
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def write(figures: Iterable[Figure], *, at: datetime, directory: Path) -> Path:
    """Write `<moment>.json` and return its path."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{at:%Y%m%dT%H%M%SZ}.json"
    document = {
        "at": at.isoformat(),
        "machine": machine(),
        "figures": [asdict(figure) for figure in figures],
    }
    path.write_text(json.dumps(document, indent=1) + "\n")
    return path


def draw_latency(points: Sequence[tuple[float, float, float]], *, path: Path) -> None:
    """Draw p50 and p99 in ms over the offered requests a second as an SVG."""
    top = max(p99 for _, _, p99 in points) * 1.1
    right = max(rate for rate, _, _ in points)

    def place(rate: float, ms: float) -> str:
        x = MARGIN + (WIDTH - 2 * MARGIN) * rate / right
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * ms / top
        return f"{x:.1f},{y:.1f}"

    lines = []
    for column, name, colour in ((1, "p50", "#3d42c4"), (2, "p99", "#b3261e")):
        track = " ".join(place(point[0], point[column]) for point in points)
        x, y = place(points[-1][0], points[-1][column]).split(",")
        lines.append(
            f'<polyline points="{track}" fill="none" stroke="{colour}"/>'
            f'<text x="{x}" y="{y}" dx="4" fill="{colour}">{name}</text>'
        )
    ticks = "".join(
        f'<text x="{place(rate, 0).split(",")[0]}" y="{HEIGHT - MARGIN + 18}" '
        f'text-anchor="middle">{rate:g}</text>'
        for rate, _, _ in points
    )
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" '
        f'fill="#fff"/><text x="{MARGIN}" y="20">Answer time in ms (up to {top:.0f}) '
        f"over offered requests a second</text>{ticks}{''.join(lines)}</svg>\n"
    )
