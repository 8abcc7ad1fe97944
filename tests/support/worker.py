"""A worker in a process of its own, on the test session's database: `-m` RUN ORG."""

from __future__ import annotations

import os
import sys
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from catalog.operations import runs  # noqa: E402
from tests.support.databases import SESSION_DATABASE  # noqa: E402
from tests.support.template import point_django_at  # noqa: E402


def main() -> None:
    point_django_at(SESSION_DATABASE)
    # The kinds of Run that only a test module knows are named by that module.
    for name in os.environ.get("RECSYS_TEST_EXECUTORS", "").split():
        kind, path = name.split("=")
        settings.RUN_EXECUTORS[kind] = path
    runs.execute(UUID(sys.argv[1]), org_id=UUID(sys.argv[2]), clock=timezone.now)


main()
