"""Refuse an OpenAPI document that is old or that the generator complains about."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from recsys_site.reference.pages import FOLDER
from recsys_site.reference.routes import openapi, schema


class Command(BaseCommand):
    help = "Check that the OpenAPI document is valid, complete and in step."

    def handle(self, **_options: Any) -> None:
        GENERATOR_STATS.reset()
        document = schema()
        if GENERATOR_STATS:
            GENERATOR_STATS.emit_summary()
            raise CommandError("A view is not described: see above.")
        validate_schema(document)
        path = settings.BASE_DIR / FOLDER / "openapi.yaml"
        if not path.exists() or path.read_text() != openapi():
            raise CommandError(f"{path.name} is old. Run `manage.py write_reference`.")
        self.stdout.write(f"{path.name} is in step.")
