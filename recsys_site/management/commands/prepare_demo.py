from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from catalog.models import Namespace
from catalog.recording import by_command
from recsys_site import demo, embedded
from recsys_site.schedules import install_schedules


class Command(BaseCommand):
    help = (
        "Make the demo: its shop, profile, segments, signals, staff logins and "
        "schedules. What is there already stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--lived-in",
            action="store_true",
            help="Also rules for its gift page, something to approve, and visitors.",
        )

    def handle(self, *, lived_in: bool, **_options: Any) -> None:
        at = timezone.now()
        if added := install_schedules():
            self.stdout.write(f"Scheduled {added} tasks.")
        with by_command("prepare_demo"):
            namespace = demo.make_namespace()
        if events := demo.seed_if_empty(namespace, at=at):
            self.stdout.write(f"Stored the demo shop with {events:,} events.")
        with by_command("prepare_demo"):
            is_new = demo.configure(namespace, at=at)
        if is_new:
            self.stdout.write("Published a starter profile and five segments.")
        if demo.build_if_none(namespace, at=at):
            self.stdout.write("Built its signals and embeddings.")
        file = embedded.state_directory() / "credentials.json"
        with by_command("prepare_demo"):
            made = demo.make_logins(namespace, file=file)
        if made:
            self.stdout.write(f"Made logins for {', '.join(made)}: {file}")
        if lived_in and demo.is_untouched(namespace):
            self._bring_to_life(namespace, at=at)
        self.stdout.write("The demo shop is ready.")

    def _bring_to_life(self, namespace: Namespace, *, at: datetime) -> None:
        rules = demo.steer(namespace, at=at)
        self.stdout.write(f"Made {rules} rules for its gift page.")
        visits = demo.let_visitors_in(namespace, at=at)
        self.stdout.write(f"Answered its first {visits} visitors.")
