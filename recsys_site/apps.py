from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig

from . import logs


class SiteConfig(AppConfig):
    name = "recsys_site"

    def ready(self) -> None:
        logs.configure()


class AdminConfig(DjangoAdminConfig):
    default_site = "recsys_site.admin_site.RecsysAdminSite"
