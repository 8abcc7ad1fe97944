from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.management import tenants
from catalog.management.following import do_here
from catalog.tenancy import org_scope
from ranking.core.experiments import METRICS
from ranking.models import Experiment
from simulations.operations.experiments import (
    AnalysisRequest,
    NotStartedError,
    start_analysis,
)

_EXIT_CODES = {"ship": 0, "hold": 2, "stop": 3}


class Command(BaseCommand):
    help = "Say what an experiment shows. Exit code 0 for ship, 2 for hold, 3 for stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        tenants.add_arguments(parser)
        parser.add_argument("experiment", help="Its name.")
        parser.add_argument("--metric", choices=METRICS, help="The planned one else.")
        parser.add_argument("--correction", choices=("holm", "bh"), default="holm")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(
        self,
        *,
        namespace: str,
        org_id: UUID,
        experiment: str,
        as_json: bool,
        **options: Any,
    ) -> None:
        found = tenants.find(org_id, namespace)
        request = AnalysisRequest(
            name=experiment, metric=options["metric"], correction=options["correction"]
        )
        with org_scope(org_id):
            row = (
                Experiment.objects.select_related("namespace")
                .filter(namespace=found, name=experiment)
                .first()
            )
            if row is None:
                raise CommandError(f"{namespace} has no experiment {experiment}.")
            try:
                run = start_analysis(
                    row, request, at=timezone.now(), by="analyse_experiment"
                )
            except NotStartedError as error:
                raise CommandError(str(error)) from None
        result = do_here(run).result
        words = [f"{result['verdict'].upper()}: {experiment}", *result["reasons"]]
        self.stdout.write(
            json.dumps(result, indent=2)
            if as_json
            else "\n".join([*words, *result["notes"]])
        )
        raise SystemExit(_EXIT_CODES[result["verdict"]])
