from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from catalog.management import tenants
from catalog.tenancy import org_scope
from rules.operations.actors import of_job
from rules.operations.switching import switch_rules


class Command(BaseCommand):
    help = "Switch all rules and overrides of a namespace off, or on again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        tenants.add_arguments(parser)
        parser.add_argument("to", choices=["off", "on"])
        parser.add_argument("--reason", required=True, help="Kept in the change log.")

    def handle(self, **options: Any) -> None:
        namespace = tenants.find(options["org_id"], options["namespace"])
        with org_scope(namespace.org_id):
            switch_rules(
                namespace,
                on=options["to"] == "on",
                reason=options["reason"],
                actor=of_job("switch_rules"),
                at=timezone.now(),
            )
        self.stdout.write(f"The rules of {namespace.name} are {options['to']}.")
