from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig

from . import celery, logs


class SiteConfig(AppConfig):
    name = "recsys_site"

    # Whoever starts a Run sends its message through this application.
    celery = celery.app

    def ready(self) -> None:
        logs.configure()


class AdminConfig(SimpleAdminConfig):
    # The site finds its pages when somebody asks for them: commands and the hot routes
    # start without.
    default_site = "recsys_site.admin_site.RecsysAdminSite"
