from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.core.management.base import BaseCommand
from django.utils import timezone

from catalog.models import Namespace
from simulations.core.guard_reports import (
    NOT_CHECKED,
    exit_code,
    junit_of,
    table_of,
)
from simulations.core.guardrails import Guardrails, GuardrailsError
from simulations.core.limits import GUARDRAILS, Limit
from simulations.operations.guarding import Guarded
from simulations.operations.guardrail_runs import judge_namespace
from simulations.queries.guardrails_file import guardrails

_FLAGS = {
    "min_ndcg": "min_segment_lift_ndcg",
    "min_mrr": "min_segment_lift_mrr",
    "min_catalog_coverage": "min_catalog_coverage",
}


class Command(BaseCommand):
    help = (
        "Replay the newest decisions as they would be answered now, and hold them, and"
        " what stored evaluations and scenarios tell, to guardrails.yml. Ends with 0"
        " when all are kept, 1 when one is broken, 2 when there is nothing to check,"
        " one could not be computed, or the file cannot be read."
    )
    # An unreadable file is told by this command itself, with its own exit code.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--namespace", help="Its name; all namespaces without it.")
        parser.add_argument("--org-id", type=UUID, help="Of this organisation only.")
        parser.add_argument(
            "--customer", help="Whose entry of the file; the namespace's without it."
        )
        parser.add_argument(
            "--decisions", type=int, default=1_000, help="How many to replay at most."
        )
        parser.add_argument(
            "--only",
            nargs="+",
            choices=list(GUARDRAILS),
            metavar="GUARDRAIL",
            help="Check these alone, say what a replay can tell.",
        )
        for flag in _FLAGS:
            parser.add_argument(f"--{flag.replace('_', '-')}", type=float)
        parser.add_argument(
            "--evaluate",
            action="store_true",
            help="Measure what no replay tells where stored evidence is missing or"
            " old: an evaluation, and the scenario of new users.",
        )
        parser.add_argument(
            "--explain", action="store_true", help="Say which limit holds, and why."
        )
        parser.add_argument("--json", type=Path, help="Write the results here.")
        parser.add_argument("--junit", type=Path, help="Write JUnit XML here.")

    def handle(self, **options: Any) -> None:
        try:
            file = guardrails()
        except GuardrailsError as error:
            self.stderr.write(str(error))
            sys.exit(NOT_CHECKED)
        asked = {
            f"--{flag.replace('_', '-')}": (name, options[flag])
            for flag, name in _FLAGS.items()
            if options[flag] is not None
        }
        for flag, (name, value) in asked.items():
            if fault := GUARDRAILS[name].fault_of(value):
                self.stderr.write(f"{flag} {fault}.")
                sys.exit(NOT_CHECKED)
        namespaces = _namespaces(options["namespace"], options["org_id"])
        if not namespaces:
            self.stderr.write("There is no such namespace: nothing to check.")
            sys.exit(NOT_CHECKED)
        limits = {each.pk: _limits(file, each, options) for each in namespaces}
        if options["explain"]:
            for namespace in namespaces:
                self.stdout.write(_explained(namespace, limits[namespace.pk]))
            return
        found = [self._guard(each, limits[each.pk], options) for each in namespaces]
        _write(found, json=options["json"], junit=options["junit"])
        sys.exit(exit_code([judged for each in found for judged in each.judged]))

    def _guard(
        self,
        namespace: Namespace,
        limits: Mapping[str, Limit],
        options: Mapping[str, Any],
    ) -> Guarded:
        guarded, _ = judge_namespace(
            namespace,
            limits,
            at=timezone.now(),
            may_measure=options["evaluate"],
            most=options["decisions"],
        )
        title = f"{namespace.name}: {guarded.requests:,} requests replayed."
        self.stdout.write(f"{title} {guarded.why_not}".rstrip())
        self.stdout.write(table_of(guarded.judged) or "  No limit holds here.")
        return guarded


def _namespaces(name: str | None, org_id: UUID | None) -> list[Namespace]:
    rows = Namespace.objects.order_by("org_id", "name")
    if name is not None:
        rows = rows.filter(name=name)
    if org_id is not None:
        rows = rows.filter(org_id=org_id)
    return list(rows)


def _limits(
    file: Guardrails, namespace: Namespace, options: Mapping[str, Any]
) -> dict[str, Limit]:
    limits = file.of(namespace.name, customer=options["customer"])
    for flag, name in _FLAGS.items():
        if options[flag] is not None:
            limits[name] = Limit(
                stop=options[flag], source=f"--{flag.replace('_', '-')}"
            )
    only = options["only"] or GUARDRAILS
    return {name: limit for name, limit in limits.items() if name in only}


def _explained(namespace: Namespace, limits: Mapping[str, Limit]) -> str:
    lines = [f"{namespace.name}:"]
    for name, limit in limits.items():
        told = [
            f"{word} {value:g}"
            for word, value in (("warn", limit.warn), ("stop", limit.stop))
            if value is not None
        ]
        by = GUARDRAILS[name].needs
        needs = f"; needs {by}" if by else ""
        lines.append(f"  {name}: {', '.join(told)} ({limit.source}{needs})")
    return "\n".join(lines)


def _write(found: Sequence[Guarded], *, json: Path | None, junit: Path | None) -> None:
    if json is not None:
        told = {each.namespace: each for each in found}
        json.write_bytes(msgspec.json.format(msgspec.json.encode(told)) + b"\n")
    if junit is not None:
        suites = {each.namespace: each.judged for each in found}
        junit.write_text(junit_of(suites) + "\n", encoding="utf-8")
