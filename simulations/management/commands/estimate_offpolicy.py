from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.management import tenants
from catalog.management.following import do_here
from catalog.tenancy import org_scope
from ranking.management.commands._arguments import moment
from simulations.operations.offpolicy import (
    MOST,
    USUAL,
    NoTargetError,
    OffPolicyRequest,
    start_estimate,
)
from simulations.operations.offpolicy_runs import REWARDS


class Command(BaseCommand):
    help = (
        "Estimate what other policies would have earned, from decisions made by chance."
        " Exit code 0 with an estimate, 2 where every one is refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        tenants.add_arguments(parser)
        parser.add_argument(
            "--source", choices=("bandit", "exploration"), required=True
        )
        parser.add_argument(
            "--profile", help="With exploration: whose choices; the one in force else."
        )
        parser.add_argument("--surface", help="This surface alone.")
        parser.add_argument("--since", type=moment, help="90 days ago by default.")
        parser.add_argument("--until", type=moment)
        parser.add_argument(
            "--decisions", type=int, default=USUAL, help=f"At most, up to {MOST:,}."
        )
        parser.add_argument("--reward", choices=sorted(REWARDS), default="click")
        parser.add_argument("--clip", type=float, default=10.0)
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(
        self,
        *,
        namespace: str,
        org_id: UUID,
        as_json: bool,
        decisions: int,
        clip: float,
        **options: Any,
    ) -> None:
        if not 1 <= decisions <= MOST:
            raise CommandError(f"--decisions is from 1 to {MOST:,}.")
        if clip < 1:
            raise CommandError("--clip is at least 1.")
        chosen: dict[str, str | datetime | None] = {
            name: options[name]
            for name in ("source", "profile", "surface", "since", "until", "reward")
        }
        request = OffPolicyRequest(decisions=decisions, clip=clip, **chosen)  # type: ignore[arg-type]
        found = tenants.find(org_id, namespace)
        with org_scope(org_id):
            try:
                run = start_estimate(
                    found, request, at=timezone.now(), by="estimate_offpolicy"
                )
            except NoTargetError as error:
                raise CommandError(str(error)) from None
        result = do_here(run).result
        self.stdout.write(json.dumps(result, indent=2) if as_json else _words(result))
        if all(target["refusals"] for target in result["targets"]):
            raise SystemExit(2)


def _words(result: dict[str, Any]) -> str:
    lines = [f"{target['target']}: {target['verdict']}" for target in result["targets"]]
    notes = {note for target in result["targets"] for note in target["notes"]}
    return "\n".join([*lines, *result["notes"], *sorted(notes)])
