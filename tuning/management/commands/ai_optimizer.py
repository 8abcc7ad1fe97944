from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.core.management.base import BaseCommand, CommandError

from catalog.management import tenants
from catalog.tenancy import org_scope
from tuning.core.goals import Objective
from tuning.core.space import Parameter
from tuning.models import Sweep
from tuning.operations.advice import Known, NothingKnownError, advise, known_of, of_runs

_RANGES = {
    "alpha": ("BLEND_ALPHA", "blend_alpha", (0.2, 0.5)),
    "beta": ("BLEND_BETA", "blend_beta", (0.3, 0.6)),
    "gamma": ("BLEND_GAMMA", "blend_gamma", (0.1, 0.4)),
    "mmr": ("MMR_LAMBDA", "mmr_lambda", (0.1, 0.4)),
    "fanout": ("POPULARITY_FANOUT", "popularity_fanout", (300.0, 900.0)),
}


def span(text: str) -> tuple[float, float]:
    """Read a range such as 0.2,0.5."""
    try:
        low, high = (float(each) for each in text.split(","))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no range such as 0.2,0.5") from None
    return low, high


class Command(BaseCommand):
    help = (
        "Suggest what to try next, from trials that are there: those of the namespace's"
        " sweeps, or the run_###.json files of a folder. Ends with 0, or with 2 when"
        " there is nothing to learn from."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        # Files need no namespace.
        tenants.add_arguments(parser, is_required=False)
        parser.add_argument("--sweep", type=UUID, help="Learn from this one first.")
        parser.add_argument(
            "--runs-dir", type=Path, help="Learn from run_###.json files instead."
        )
        parser.add_argument(
            "--objective",
            action="append",
            metavar="METRIC[:minimize]",
            help="With --runs-dir; segment_ndcg_lift by default.",
        )
        parser.add_argument("--suggestions", type=int, default=3)
        parser.add_argument("--seed", type=int, default=2025)
        for name, (_, knob, usual) in _RANGES.items():
            parser.add_argument(
                f"--{name}-range",
                type=span,
                default=usual,
                help=f"With --runs-dir: low,high of {knob}.",
            )
        parser.add_argument("--output", type=Path, help="Write the suggestions here.")
        parser.add_argument("--json", action="store_true")

    def handle(self, **options: Any) -> None:
        try:
            known = self._known(options)
        except NothingKnownError as error:
            self.stderr.write(str(error))
            raise SystemExit(2) from None
        advice = advise(known, count=options["suggestions"], seed=options["seed"])
        first = advice["objectives"][0]["metric"]
        document = {"objective": first, **advice}
        text = json.dumps(document, indent=2)
        if options["output"] is not None:
            options["output"].write_text(text + "\n", encoding="utf-8")
        self.stdout.write(text if options["json"] else _words(document))

    def _known(self, options: Mapping[str, Any]) -> Known:
        if options["runs_dir"] is not None:
            return _of_folder(options)
        if options["namespace"] is None:
            raise CommandError("Give --namespace, or --runs-dir with files of runs.")
        namespace = tenants.find(options["org_id"], options["namespace"])
        with org_scope(namespace.org_id):
            sweep = None
            if options["sweep"] is not None:
                rows = Sweep.objects.filter(namespace=namespace)
                sweep = rows.filter(pk=options["sweep"]).first()
                if sweep is None:
                    raise NothingKnownError(f"There is no sweep {options['sweep']}.")
            return known_of(namespace, sweep=sweep)


def _of_folder(options: Mapping[str, Any]) -> Known:
    paths = sorted(options["runs_dir"].rglob("run_*.json"))
    if not paths:
        raise NothingKnownError(f"There is no run_###.json in {options['runs_dir']}.")
    try:
        documents = [msgspec.json.decode(path.read_bytes()) for path in paths]
    except msgspec.DecodeError as error:
        raise CommandError(f"A run is no JSON: {error}") from error
    parameters = [
        (env, Parameter(knob=knob, low=low, high=high))
        for name, (env, knob, _) in _RANGES.items()
        for low, high in [options[f"{name}_range"]]
    ]
    objectives = [
        Objective(
            metric=each.partition(":")[0],
            direction="minimize" if each.endswith(":minimize") else "maximize",
        )
        for each in options["objective"] or ["segment_ndcg_lift"]
    ]
    return of_runs(documents, parameters=parameters, objectives=objectives)


def _words(document: Mapping[str, Any]) -> str:
    lines = [f"Learnt from {document['samples_used']} trials. {document['notes'][0]}"]
    for number, each in enumerate(document["suggestions"], start=1):
        values = ", ".join(f"{name} {value}" for name, value in each["values"].items())
        lines += [f"{number}. {values}", *(f"   {why}" for why in each["reasons"])]
    return "\n".join(lines)
