from django.apps import AppConfig

from . import alert_tally


class RulesConfig(AppConfig):
    name = "rules"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        alert_tally.register()
