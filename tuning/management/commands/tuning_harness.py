from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

import msgspec
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.core.faults import BadInputError
from catalog.demo.fixtures import FixtureError
from catalog.management import tenants
from catalog.management.following import do_here
from catalog.models import Namespace
from catalog.operations.runs import RunFailedError, Unattended
from catalog.tenancy import org_scope
from ranking.operations.profiles import NoSuchVersionError
from simulations.core.guardrails import GuardrailsError
from simulations.core.scenarios.shops import ShopRequest
from simulations.core.splits import SplitError
from tuning.core.spec import STRATEGIES, SweepSpec, spec_of
from tuning.models import Sweep
from tuning.operations.apart import Apart, swept_apart
from tuning.operations.harness_files import bundle, write_files
from tuning.operations.sweeps import start_sweep
from tuning.operations.working import work_on

KNOBS = {
    "alphas": "blend_alpha",
    "betas": "blend_beta",
    "gammas": "blend_gamma",
    "mmrs": "mmr_lambda",
    "fanouts": "popularity_fanout",
    "profile_boosts": "profile_boost",
    "profile_min_events": "profile_min_events_for_boost",
    "starter_blend_weights": "profile_starter_blend_weight",
}
USUAL = {
    "alphas": [0.2, 0.3, 0.4],
    "betas": [0.3, 0.5, 0.7],
    "gammas": [0.1, 0.2, 0.3],
    "mmrs": [0.15, 0.25],
    "fanouts": [400, 600, 800],
}

# What clients of the reference's tool still send, and what needs nobody's attention.
_IGNORED = ("base-url", "sleep-ms", "request-timeout", "event-count", "user-count")


def numbers(text: str) -> list[float]:
    """Read a list such as 0.2,0.5."""
    try:
        return [float(each) for each in text.split(",") if each.strip()]
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no list such as 0.2,0.5") from None


class Command(BaseCommand):
    help = (
        "Search for better knobs, in this process, and write summary.json, run_###.json"
        " and report.html. Lists of values are a grid with --grid, else the ends of"
        " ranges. Ends with 0 when the best trial keeps the guardrails on unseen"
        " events, 1 when it breaks one, 2 when nothing could be tried."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        tenants.add_arguments(parser)
        parser.add_argument("--profile-name", help="The one in force by default.")
        parser.add_argument("--segment", help="Tune its bundle in the profile alone.")
        for name in KNOBS:
            parser.add_argument(f"--{name.replace('_', '-')}", type=numbers)
        parser.add_argument("--samples", type=int, default=5, help="Trials to make.")
        parser.add_argument("--grid", action="store_true", help="Every combination.")
        parser.add_argument("--strategy", choices=list(STRATEGIES))
        parser.add_argument(
            "--objective",
            action="append",
            metavar="METRIC[:minimize]",
            help="ndcg@10 by default; repeat it for several.",
        )
        parser.add_argument("--seed", type=int, default=1234)
        parser.add_argument("--limit-users", type=int, default=1_000)
        parser.add_argument("--pruning", action="store_true")
        parser.add_argument(
            "--spec", type=Path, help="A whole specification as JSON, instead."
        )
        parser.add_argument(
            "--join", type=UUID, help="Do trials of a sweep that is at work already."
        )
        parser.add_argument(
            "--fixture-path",
            help="Tune on a namespace of its own that is made of this file or shipped"
            " template, of which nothing is left but the files that are written.",
        )
        parser.add_argument("--output-dir", type=Path)
        parser.add_argument("--bundle", action="store_true", help="One zip of all.")
        parser.add_argument("--reset-namespace", action="store_true")
        parser.add_argument("--json", action="store_true")
        for name in _IGNORED:
            parser.add_argument(f"--{name}", help="Accepted and without effect.")

    def handle(self, **options: Any) -> None:
        self._mention(options)
        if options["fixture_path"] is not None:
            self._apart(options)
            return
        namespace = self._namespace(options)
        if options["join"] is not None:
            self._join(namespace, options["join"])
            return
        spec = _spec(options)
        try:
            with org_scope(namespace.org_id):
                sweep = start_sweep(
                    namespace,
                    spec,
                    at=timezone.now(),
                    requested_by=getpass.getuser(),
                )
        except (NoSuchVersionError, GuardrailsError, BadInputError) as error:
            self._give_up(str(error))
        self._do(sweep)
        _end(self._report(sweep, options, named=namespace.name))

    def _mention(self, options: Mapping[str, Any]) -> None:
        ignored = [f"--{each}" for each in _IGNORED if options[each.replace("-", "_")]]
        if ignored:
            self.stderr.write(f"{', '.join(ignored)}: accepted, without effect here.")

    def _namespace(self, options: Mapping[str, Any]) -> Namespace:
        if options["reset_namespace"]:
            raise CommandError(
                "--reset-namespace would leave nothing to tune on: sweeps judge by what"
                " users did. Run reset_namespace and seed_dataset first, or give"
                " --fixture-path."
            )
        return tenants.find(options["org_id"], options["namespace"])

    def _apart(self, options: Mapping[str, Any]) -> None:
        """Sweep a shop that is made of a fixture, and leave nothing but files."""
        apart = Apart(
            owner=tenants.find_or_create(options["org_id"], options["namespace"]),
            shop=ShopRequest(fixture=options["fixture_path"]),
            at=timezone.now(),
        )
        try:
            with swept_apart(
                apart, _spec(options), requested_by=getpass.getuser()
            ) as sweep:
                code = self._report(sweep, options, named=options["namespace"])
        except (FixtureError, GuardrailsError, RunFailedError, BadInputError) as error:
            self._give_up(str(error))
        _end(code)

    def _join(self, namespace: Namespace, sweep_id: UUID) -> None:
        with org_scope(namespace.org_id):
            sweep = (
                Sweep.objects.select_related("namespace")
                .filter(pk=sweep_id, namespace=namespace)
                .first()
            )
        if sweep is None:
            self._give_up(f"There is no sweep {sweep_id} in {namespace.name}.")
        try:
            done = work_on(sweep, handle=Unattended(), clock=timezone.now)
        except (RunFailedError, SplitError) as error:
            self._give_up(str(error))
        self.stdout.write(f"{done} trials were done here.")

    def _do(self, sweep: Sweep) -> None:
        assert sweep.run is not None
        try:
            do_here(sweep.run)
        except CommandError as error:
            self._give_up(str(error))

    def _report(self, sweep: Sweep, options: Mapping[str, Any], *, named: str) -> int:
        with org_scope(sweep.org_id):
            done = Sweep.objects.select_related("namespace").get(pk=sweep.pk)
        # Files tell of the shop by the name that was asked for, private or not.
        done.namespace.name = named
        stamp = f"{done.created_at:%Y%m%dT%H%M%SZ}"
        usual = Path("results") / "tuning_runs" / f"{named}_{stamp}"
        folder: Path = options["output_dir"] or usual
        summary = write_files(done, folder, segment=options["segment"])
        told = {
            "sweep_id": str(done.pk),
            "headline": summary["headline"],
            "best": summary["best"],
            "output_dir": str(folder),
        }
        if options["bundle"]:
            told["bundle"] = str(bundle(done, folder, folder / "bundle.zip"))
        words = f"{summary['headline']}\nSee {folder / 'report.html'}."
        self.stdout.write(json.dumps(told, indent=2) if options["json"] else words)
        verdict = done.outcome.get("evidence", {}).get("verdict")
        return {"pass": 0, "stop": 1}.get(verdict, 2)

    def _give_up(self, words: str) -> NoReturn:
        self.stderr.write(words)
        raise SystemExit(2)


def _end(code: int) -> None:
    if code:
        raise SystemExit(code)


def _spec(options: Mapping[str, Any]) -> SweepSpec:
    try:
        if options["spec"] is not None:
            return msgspec.json.decode(options["spec"].read_bytes(), type=SweepSpec)
        return spec_of(_document(options))
    except (msgspec.ValidationError, msgspec.DecodeError, OSError) as error:
        raise CommandError(f"This is no sweep: {error}") from error


def _document(options: Mapping[str, Any]) -> dict[str, Any]:
    sent = {name: options[name] for name in KNOBS if options[name]}
    lists: Mapping[str, Any] = sent or USUAL
    strategy = options["strategy"] or ("grid" if options["grid"] else "random")
    parameters = [
        _parameter(KNOBS[name], values, options, is_grid=strategy == "grid")
        for name, values in lists.items()
    ]
    # The first trial is the profile as it is; --samples counts those beside it.
    budget = options["samples"] + 1
    if strategy == "grid":
        budget = 2_000
    return {
        "name": f"Harness, {strategy}",
        "profile": options["profile_name"],
        "parameters": parameters,
        "strategy": strategy,
        "objectives": [
            _objective(each) for each in options["objective"] or ["ndcg@10"]
        ],
        "budget": budget,
        "seed": options["seed"],
        "pruning": options["pruning"],
        "evaluation": {
            "split": {"quantile": 0.6, "until_quantile": 0.75},
            "baselines": ["popularity"],
            "max_users": options["limit_users"],
        },
    }


def _parameter(
    knob: str, values: Sequence[float], options: Mapping[str, Any], *, is_grid: bool
) -> dict[str, Any]:
    where = {"knob": knob, "segment": options["segment"]}
    if is_grid or len(set(values)) == 1:
        return {**where, "choices": list(dict.fromkeys(values))}
    return {**where, "low": min(values), "high": max(values)}


def _objective(text: str) -> dict[str, str]:
    metric, _, direction = text.partition(":")
    return {"metric": metric, "direction": direction or "maximize"}
