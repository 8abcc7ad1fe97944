"""A worker of a sweep in a process of its own: `-m` SWEEP ORG FILES_ROOT SECONDS.

It tarries for so long whenever it looks at the clock, which it does with a trial in
hand: else it would be done before somebody could kill it.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from catalog.operations.runs import Unattended  # noqa: E402
from catalog.tenancy import org_scope  # noqa: E402
from tests.support.databases import SESSION_DATABASE  # noqa: E402
from tests.support.template import point_django_at  # noqa: E402
from tuning.models import Sweep  # noqa: E402
from tuning.operations import trial_leases  # noqa: E402
from tuning.operations.working import work_on  # noqa: E402


def main() -> None:
    point_django_at(SESSION_DATABASE)
    sweep_id, org_id, files_root, seconds = sys.argv[1:]
    settings.FILES_ROOT = files_root
    # A test cannot wait for twenty seconds after each kill.
    trial_leases.LEASE = timedelta(seconds=3)
    trial_leases.SECONDS_BETWEEN_BEATS = 0.5
    with org_scope(UUID(org_id)):
        sweep = Sweep.objects.select_related("namespace").get(pk=UUID(sweep_id))
    clock = partial(tarrying_clock, float(seconds))
    work_on(sweep, handle=Unattended(), clock=clock)


def tarrying_clock(seconds: float) -> datetime:
    time.sleep(seconds)
    return timezone.now()


if __name__ == "__main__":
    main()
