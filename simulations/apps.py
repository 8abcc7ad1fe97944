from django.apps import AppConfig
from django.core.checks import register

from .checks import check_guardrails_file


class SimulationsConfig(AppConfig):
    name = "simulations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(check_guardrails_file)
