from __future__ import annotations

import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.management import tenants
from catalog.management.following import do_here
from catalog.tenancy import org_scope
from simulations.core.evaluation import EvaluationSpec, Report, spec_of
from simulations.core.minima import Minima, broken
from simulations.core.report_text import text_of
from simulations.models import Evaluation
from simulations.operations.evaluations import start_evaluation
from simulations.queries.evaluations import report_of

BELOW, IMPOSSIBLE = 1, 2
_IGNORED = ("--base-url", "--sleep-ms", "--env-file")
_MINIMA = {
    "min-segment-lift-ndcg": "Least lift of NDCG over popularity in each segment.",
    "min-segment-lift-mrr": "Least lift of MRR over popularity in each segment.",
    "min-catalog-coverage": "Least share of the catalog that anybody is shown.",
    "min-long-tail-share": "Least share of places for items outside the head.",
}


class Command(BaseCommand):
    help = (
        "Measure what a namespace's ranking would have shown before a split against"
        " what users chose after it, beside baselines, and keep the report. Ends with"
        " 0 when all minima that were given are kept, 1 when one is not (a figure that"
        " cannot be computed keeps none), 2 when nothing could be evaluated."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        tenants.add_arguments(parser)
        parser.add_argument("--name", default="", help="To find the evaluation by.")
        _add_split(parser)
        _add_question(parser)
        for flag, words in _MINIMA.items():
            parser.add_argument(f"--{flag}", type=float, help=words)
        parser.add_argument("--min-users", type=int, default=1, help="Else it ends 2.")
        parser.add_argument("--json", action="store_true", help="Print the report.")
        parser.add_argument("--output", type=Path, help="Write it here, as JSON.")
        for flag in _IGNORED:
            parser.add_argument(flag, help="Accepted and ignored: nothing is sent.")
        parser.add_argument("--insecure", action="store_true", help="Ignored.")

    def handle(self, **options: Any) -> None:
        namespace = tenants.find(options["org_id"], options["namespace"])
        try:
            spec = _spec(options)
            with org_scope(namespace.org_id):
                run = start_evaluation(
                    namespace,
                    spec,
                    at=timezone.now(),
                    requested_by="run_quality_eval",
                    announce=False,
                )
            done = do_here(run)
        except (CommandError, msgspec.ValidationError) as error:
            self.stderr.write(str(error))
            sys.exit(IMPOSSIBLE)
        with org_scope(namespace.org_id):
            evaluation = Evaluation.objects.get(pk=done.result["evaluation_id"])
        self._tell(evaluation, options)

    def _tell(self, evaluation: Evaluation, options: dict[str, Any]) -> None:
        report = report_of(evaluation)
        written = msgspec.json.format(
            msgspec.json.encode({"id": evaluation.pk, "report": report})
        )
        if options["output"]:
            options["output"].write_bytes(written + b"\n")
        self.stdout.write(written.decode() if options["json"] else text_of(report))
        for flag in _IGNORED:
            if options[flag[2:].replace("-", "_")] is not None:
                self.stderr.write(f"{flag} is ignored: the engine runs in process.")
        sys.exit(self._verdict(report, options))

    def _verdict(self, report: Report, options: dict[str, Any]) -> int:
        if report.counts["users"] < options["min_users"]:
            self.stderr.write(
                f"{report.counts['users']} users are fewer than --min-users"
                f" {options['min_users']}."
            )
            return IMPOSSIBLE
        names = [name.replace("-", "_") for name in _MINIMA]
        minima = Minima(**{name: options[name] for name in names})
        faults = broken(report, minima)
        for fault in faults:
            self.stderr.write(fault)
        return BELOW if faults else 0


def _add_split(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--split", choices=("time", "leave_last_out", "user_folds"), default="time"
    )
    parser.add_argument("--quantile", type=float, default=0.75)
    parser.add_argument("--split-at", type=datetime.fromisoformat, help="ISO moment.")
    parser.add_argument("--folds", type=int, default=1)
    parser.add_argument("--step", type=float, default=0.1)
    parser.add_argument("--until-quantile", type=float, default=1.0)


def _add_question(parser: ArgumentParser) -> None:
    parser.add_argument("--task", choices=("served", "all", "new"), default="served")
    parser.add_argument("--relevance", choices=("weights", "binary"), default="weights")
    parser.add_argument("--k", type=int, default=20)
    parser.add_argument("--ks", default="10,20", help="Where measures cut.")
    parser.add_argument("--min-events", type=int, default=1)
    parser.add_argument("--limit-users", type=int, help="Ask so many, drawn by seed.")
    parser.add_argument("--surface")
    parser.add_argument("--profile")
    parser.add_argument(
        "--override",
        nargs="+",
        default=[],
        metavar="KNOB=VALUE",
        help="As JSON.",
    )
    parser.add_argument("--with-rules", action="store_true")
    parser.add_argument("--baselines", help="Names, separated by commas.")
    parser.add_argument("--compare-to", nargs="+", default=[], metavar="EVALUATION")
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)


def _spec(options: dict[str, Any]) -> EvaluationSpec:
    document: dict[str, Any] = {
        "split": {
            "kind": options["split"],
            "at": options["split_at"],
            **{k: options[k] for k in ("quantile", "folds", "step", "until_quantile")},
        },
        "ks": [int(cut) for cut in options["ks"].split(",")],
        "max_users": options["limit_users"],
        "overrides": dict(_override(each) for each in options["override"]),
        "compare_to": options["compare_to"],
        **{name: options[name] for name in _AS_GIVEN},
    }
    if options["baselines"] is not None:
        named = options["baselines"].split(",")
        document["baselines"] = [each for each in named if each]
    return spec_of(document)


_AS_GIVEN = (
    *("name", "task", "relevance", "k", "min_events", "surface", "profile"),
    *("with_rules", "draws", "seed"),
)


def _override(text: str) -> tuple[str, Any]:
    name, found, value = text.partition("=")
    if not found:
        raise CommandError(f"--override {text} is not KNOB=VALUE.")
    try:
        return name, msgspec.json.decode(value)
    except msgspec.DecodeError:
        return name, value
