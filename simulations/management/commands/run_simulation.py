from __future__ import annotations

import getpass
import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from catalog.management import tenants
from catalog.management.following import do_here
from catalog.models import Run
from catalog.operations.namespaces import find_in_org
from catalog.tenancy import org_scope
from simulations.core.limits import GUARDRAILS
from simulations.core.simulation import SimulationRequest
from simulations.models import Simulation, Verdict
from simulations.operations.simulations import start_simulation
from simulations.queries.batches import BatchError, Entry, read_batch

from ._shops import (
    add_ignored_arguments,
    add_shop_arguments,
    given_in,
    note_ignored,
    refused,
    shop_in,
)

PASSED, FAILED, UNKNOWN = 0, 1, 2
_SKIPPABLE = ("reset", "seed", "quality", "scenarios")
_CODES = {
    Verdict.PASSED: PASSED,
    Verdict.FAILED: FAILED,
    Verdict.UNKNOWN: UNKNOWN,
}


class Command(BaseCommand):
    # The checks load every page and route.
    requires_system_checks = ()

    help = (
        "Make a shop in a private namespace, measure how well a profile ranks it, play"
        " the scenarios, hold everything to the guardrails, and write a bundle. Ends"
        " with 0 when it is fit to ship, 1 when it is not, 2 when that is not known."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--customer")
        which.add_argument("--batch-file", type=Path)
        parser.add_argument("--batch-name", default="batch")
        parser.add_argument("--namespace", default="demo")
        parser.add_argument("--org-id", type=UUID, default=tenants.DEMO_ORG)
        parser.add_argument("--env-profile", help="In place of the profile in force.")
        add_shop_arguments(parser)
        parser.add_argument("--quality-limit-users", type=int)
        parser.add_argument("--guardrails-file", help="Empty: hold to no limit.")
        for name in GUARDRAILS:
            parser.add_argument(f"--{name.replace('_', '-')}", type=float)
        for name in _SKIPPABLE:
            parser.add_argument(f"--skip-{name}", action="store_true")
        parser.add_argument("--reports-dir", type=Path)
        parser.add_argument("--json", action="store_true", help="Print JSON.")
        add_ignored_arguments(parser)

    def handle(self, **options: Any) -> None:
        note_ignored(options, self.stderr)
        if options["batch_file"] is None:
            done = self._simulate(_request(options), options["namespace"], options)
            self._tell([done], options)
            sys.exit(_CODES[Verdict(done.verdict)])
        self._batch(options)

    def _batch(self, options: Mapping[str, Any]) -> None:
        try:
            entries = read_batch(options["batch_file"])
        except BatchError as error:
            self.stderr.write(str(error))
            sys.exit(UNKNOWN)
        requests = [_of_entry(each, options) for each in entries]
        done = []
        for entry, request in zip(entries, requests, strict=True):
            namespace = entry.namespace or options["namespace"]
            done.append(self._simulate(request, namespace, options))
        path = _write_batch(done, options)
        self._tell(done, options)
        self.stderr.write(f"Batch: {path}")
        sys.exit(max((_CODES[Verdict(each.verdict)] for each in done), key=_weight))

    def _simulate(
        self, request: SimulationRequest, name: str, options: Mapping[str, Any]
    ) -> Simulation:
        if find_in_org(options["org_id"], name) is None:
            self.stderr.write(
                f"There was no namespace {name}: it is made, with the default profile."
            )
        namespace = tenants.find_or_create(options["org_id"], name)
        with org_scope(namespace.org_id):
            run = start_simulation(
                namespace,
                request,
                at=timezone.now(),
                requested_by=getpass.getuser(),
                announce=False,
            )
        return _simulation_of(do_here(run))

    def _tell(self, done: Sequence[Simulation], options: Mapping[str, Any]) -> None:
        if options["json"]:
            told = [_row(each) for each in done]
            self.stdout.write(json.dumps(told if len(told) > 1 else told[0], indent=2))
            return
        for each in done:
            self.stdout.write(
                f"{each.customer}: {each.headline} {each.duration_seconds:.1f} s."
                f"\n  {each.folder}/report.html"
            )


def _simulation_of(run: Run) -> Simulation:
    with org_scope(run.org_id):
        return Simulation.objects.get(pk=run.result["simulation_id"])


def _weight(code: int) -> int:
    """Order codes by how bad they are: what failed is worse than what is not known."""
    return (PASSED, UNKNOWN, FAILED).index(code)


def _request(options: Mapping[str, Any]) -> SimulationRequest:
    reports = options["reports_dir"]
    document = {
        "customer": options["customer"],
        "profile": options["env_profile"],
        "shop": msgspec.to_builtins(shop_in(options)),
        "skip": [name for name in _SKIPPABLE if options[f"skip_{name}"]],
        "limits": {
            name: options[name] for name in GUARDRAILS if options[name] is not None
        },
        "guardrails_file": options["guardrails_file"],
        "given": given_in(options["given"]),
        "max_users": options["quality_limit_users"],
        "reports_dir": None if reports is None else str(reports.absolute()),
    }
    return _converted(document)


def _of_entry(entry: Entry, options: Mapping[str, Any]) -> SimulationRequest:
    """Return what a batch's entry asks for, over what the command line says."""
    usual = msgspec.to_builtins(_request({**options, "customer": entry.customer}))
    told = msgspec.to_builtins(entry)
    shop = {
        **usual["shop"],
        **{
            name: told[name]
            for name in ("items", "users", "events", "seed", "fixture")
            if told[name] is not None
        },
    }
    own = {
        name: told[name]
        for name in ("profile", "max_users", "guardrails_file", "skip")
        if told[name]
    }
    return _converted(
        {
            **usual,
            **own,
            "shop": shop,
            "batch": options["batch_name"],
            "given": {**usual["given"], **told["given"]},
            "limits": {**usual["limits"], **told["limits"]},
        }
    )


def _converted(document: Mapping[str, Any]) -> SimulationRequest:
    try:
        return msgspec.convert(document, SimulationRequest)
    except msgspec.ValidationError as error:
        raise refused(f"This cannot be simulated: {error}.") from error


def _row(done: Simulation) -> dict[str, Any]:
    scenarios = done.report["scenarios"]
    status = "unknown"
    if scenarios:
        status = "pass" if all(each["passed"] for each in scenarios) else "fail"
    return {
        "customer": done.customer,
        "simulation_id": str(done.pk),
        "verdict": done.verdict,
        "headline": done.headline,
        "report_path": done.folder,
        "scenario_status": status,
        "seconds": done.duration_seconds,
        "figures": {each["metric"]: each["proposed"] for each in done.report["tiles"]},
    }


def _write_batch(done: Sequence[Simulation], options: Mapping[str, Any]) -> Path:
    root = Path(options["reports_dir"] or settings.REPORTS_ROOT) / "batches"
    root.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = root / f"{options['batch_name']}_{stamp}.json"
    document = {
        "batch": options["batch_name"],
        "timestamp": stamp,
        "manifest": str(options["batch_file"]),
        "runs": [_row(each) for each in done],
    }
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return path
