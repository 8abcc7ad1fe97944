from __future__ import annotations

import getpass
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand
from django.utils import timezone

from catalog.demo.fixtures import FixtureError
from catalog.management import tenants
from catalog.operations.namespaces import find_in_org
from ranking.operations.profiles import NoSuchVersionError
from simulations.models import ScenarioRun
from simulations.operations.scenario_runs import (
    run_scenarios,
)
from simulations.operations.scenarios import ScenarioRequest, UnknownScenarioError
from simulations.queries.scenario_files import ScenarioError

from ._shops import (
    add_ignored_arguments,
    add_shop_arguments,
    given_in,
    note_ignored,
    refused,
    shop_in,
    write_scenarios_csv,
)

PASSED, FAILED, NOT_PLAYED = 0, 1, 2


class Command(BaseCommand):
    # The checks load every page and route.
    requires_system_checks = ()

    help = (
        "Play the scenarios S1 to S10, and a customer's own, in a private shop that is"
        " gone afterwards. Ends with 0 when all pass, 1 when one fails, 2 when they"
        " cannot be played."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        tenants.add_arguments(parser)
        add_shop_arguments(parser)
        add_ignored_arguments(parser)
        parser.add_argument(
            "--customer", default="", help="Play this customer's own, too."
        )
        parser.add_argument("--only", nargs="+", default=[], metavar="ID")
        parser.add_argument("--env-profile", help="In place of the profile in force.")
        parser.add_argument(
            "--output-dir",
            type=Path,
            help="Write scenarios.csv, scenario_summary.json and the evidence here.",
        )
        parser.add_argument("--json", action="store_true", help="Print JSON.")

    def handle(self, **options: Any) -> None:
        note_ignored(options, self.stderr)
        request = ScenarioRequest(
            customer=options["customer"],
            only=tuple(options["only"]),
            profile=options["env_profile"],
            shop=shop_in(options),
            given=given_in(options["given"]),
        )
        namespace = find_in_org(options["org_id"], options["namespace"])
        if namespace is None:
            raise refused(
                f"There is no namespace {options['namespace']} in"
                f" {options['org_id']}: scenarios are played as one of them is served."
            )
        try:
            done = run_scenarios(
                namespace, request, at=timezone.now(), requested_by=getpass.getuser()
            )
        except (
            FixtureError,
            NoSuchVersionError,
            ScenarioError,
            UnknownScenarioError,
        ) as error:
            self.stderr.write(str(error))
            sys.exit(NOT_PLAYED)
        if options["output_dir"] is not None:
            write_evidence(options["output_dir"], done)
        self.stdout.write(
            json.dumps(summary_of(done), indent=2) if options["json"] else _table(done)
        )
        sys.exit(PASSED if done.total and done.passed == done.total else FAILED)


def summary_of(done: ScenarioRun) -> dict[str, Any]:
    """Return all but the evidence."""
    return {
        "id": str(done.pk),
        "headline": done.headline,
        "passed": done.passed,
        "total": done.total,
        "seconds": done.duration_seconds,
        "scenarios": [
            {key: value for key, value in each.items() if key != "steps"}
            for each in done.results
        ],
    }


def write_evidence(folder: Path, done: ScenarioRun) -> None:
    evidence = folder / "evidence"
    evidence.mkdir(parents=True, exist_ok=True)
    for each in done.results:
        path = evidence / f"scenario_{each['id'].lower()}.json"
        path.write_bytes(msgspec.json.format(msgspec.json.encode(each), indent=2))
    summary = folder / "scenario_summary.json"
    summary.write_text(json.dumps(summary_of(done), indent=2) + "\n")
    write_scenarios_csv(folder / "scenarios.csv", done.results)


def _table(done: ScenarioRun) -> str:
    lines = [
        f"  {'pass' if each['passed'] else 'FAIL'}  {each['id']:<4} {each['name']}"
        + ("" if each["passed"] else f"\n        {each['observed']}")
        for each in done.results
    ]
    told = f"{done.headline} {done.duration_seconds:.1f} s."
    return "\n".join([told, *lines])
