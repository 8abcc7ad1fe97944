from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from recsys_site import embedded
from recsys_site.embedded.configured import prepare_configured


class Command(BaseCommand):
    help = (
        "Make the database ready: look whether the configured servers are fit, create "
        "extensions, give the three roles their rights, and migrate as the owner. Safe "
        "to repeat; before the start of every new version."
    )

    def handle(self, **_options: Any) -> None:
        try:
            prepare_configured(embedded.addresses())
        except embedded.ServerError as error:
            raise CommandError(str(error)) from None
        call_command("migrate", database="owner", interactive=False, verbosity=0)
        self.stdout.write("The database is ready.")
