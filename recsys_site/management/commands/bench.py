from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from recsys_site.bench import (
    auditing,
    core,
    decisions,
    disturbed,
    evaluation,
    forecast,
    ingest,
    latency,
    pages,
    report,
    rules,
    shops,
    sweeps,
)

IN_PROCESS = {"core": core.measure, "rules": rules.measure}
ON_PROCESSES = {"auditing": auditing.measure, "disturbed": disturbed.measure}
SECTIONS = ("ingest", "build", "core", "rules", "latency", "auditing", "disturbed")
# Shops are filled for these and not built again; measured only when asked for.
STANDING = {
    "evaluation": evaluation.measure,
    "forecast": forecast.measure,
    "pages": pages.measure,
}
# Takes gigabytes of disk, or shops of its own: measured only when asked for.
LARGE = ("decisions", "sweep")


class Command(BaseCommand):
    help = (
        "Measure this machine: ingestion, builds, the ranking core and answer times "
        "under load, on real processes. Fills namespaces of an org of its own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--shops",
            nargs="+",
            choices=sorted(shops.SHOPS),
            default=["demo", "retail", "ten-thousand"],
            help="Which shops to measure; `million` takes ten minutes to fill.",
        )
        parser.add_argument(
            "--only",
            nargs="+",
            choices=(*SECTIONS, *STANDING, *LARGE),
            default=SECTIONS,
            help="`decisions` fills the last seven days with made-up decisions and"
            " takes them away again, `pages` opens every page of the admin amid a"
            " million decisions and ten thousand rules, `forecast` checks a change"
            " fully, `evaluation` judges three cuts with all baselines, `sweep` times a"
            " hundred trials on 100,000 items against the same over HTTP: these run"
            " only when they are named.",
        )
        parser.add_argument(
            "--decisions",
            type=int,
            default=5_000_000,
            help="How many to search among; five million take 6 GB.",
        )
        parser.add_argument("--seconds", type=float, default=15, help="For each load.")
        parser.add_argument("--output-dir", type=Path, default=Path("bench-results"))

    def handle(
        self,
        *,
        only: list[str],
        seconds: float,
        output_dir: Path,
        **options: Any,
    ) -> None:
        at = timezone.now()
        figures: list[report.Figure] = []
        needs_shops = set(only) - {"ingest", *LARGE}
        names = options["shops"] if needs_shops else []
        measured = _figures(names, only, seconds, output_dir)
        if "sweep" in only:
            measured = chain(sweeps.measure(), measured)
        if "decisions" in only:
            measured = chain(decisions.measure(options["decisions"]), measured)
        for figure in measured:
            self.stdout.write(figure.line())
            figures.append(figure)
        path = report.write(figures, at=at, directory=output_dir)
        self.stdout.write(f"Written to {path}.")


def _figures(
    names: list[str], only: list[str], seconds: float, output_dir: Path
) -> Iterator[report.Figure]:
    if "ingest" in only:
        yield from ingest.measure("ingest", org=str(shops.ORG), seconds=seconds)
        if shops.RETAIL_FILE.exists():
            yield from ingest.measure_import(shops.RETAIL_FILE, org=str(shops.ORG))
    for shop in [shops.SHOPS[name] for name in names]:
        yield from _of_standing(shop, only)
        if set(only) & set(SECTIONS):
            yield from _of_shop(shop, only, seconds=seconds, output_dir=output_dir)


def _of_standing(shop: shops.Shop, only: list[str]) -> Iterator[report.Figure]:
    for section in [section for section in STANDING if section in only]:
        shops.require_built(shop)
        yield from STANDING[section](shop)


def _of_shop(
    shop: shops.Shop, only: list[str], *, seconds: float, output_dir: Path
) -> Iterator[report.Figure]:
    built = shops.prepare(shop)
    if "build" in only:
        yield from built
    for section in [section for section in IN_PROCESS if section in only]:
        yield from IN_PROCESS[section](shop)
    if "latency" in only:
        yield from _latency(shop, seconds=seconds, output_dir=output_dir)
    for section in [section for section in ON_PROCESSES if section in only]:
        yield from ON_PROCESSES[section](
            shop, seconds=seconds, workers=os.cpu_count() or 1
        )


def _latency(
    shop: shops.Shop, *, seconds: float, output_dir: Path
) -> list[report.Figure]:
    found, curve = latency.measure(
        shop.name,
        org=str(shops.ORG),
        users=shops.some_users(shop),
        seconds=seconds,
        workers=os.cpu_count() or 1,
    )
    output_dir.mkdir(parents=True, exist_ok=True)
    report.draw_latency(curve, path=output_dir / f"latency-{shop.name}.svg")
    return found
