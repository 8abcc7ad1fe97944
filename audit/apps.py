from django.apps import AppConfig

from . import metrics


class AuditConfig(AppConfig):
    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        metrics.register()
