"""The desk: admin, API and docs. `granian --interface wsgi recsys_site.wsgi:application`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")

application = get_wsgi_application()
