import os
from typing import override

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured

from .core.knobs import KnobError, parse_blend_overrides, parse_environment


class RankingConfig(AppConfig):
    name = "ranking"
    default_auto_field = "django.db.models.BigAutoField"

    @override
    def ready(self) -> None:
        """Refuse to start on a knob that the environment sets to what it is not."""
        try:
            parse_environment(os.environ)
            parse_blend_overrides(os.environ)
        except KnobError as error:
            raise ImproperlyConfigured(f"In the environment, {error}.") from error
