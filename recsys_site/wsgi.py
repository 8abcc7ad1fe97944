"""The desk: admin, API and docs, for any WSGI server."""

from __future__ import annotations

import os
import time

# Before NumPy is loaded. One thread multiplies matrices: for a request's small ones
# several only wait for each other, and replays compare answers to the byte.
for _library in ("OPENBLAS", "MKL", "BLIS", "OMP"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")

from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()

# Only now can models be imported, and with them what keeps signals fresh.
from catalog.postgresql import pulse  # noqa: E402
from ranking import keeper  # noqa: E402
from ranking.serve import warming  # noqa: E402

pulse.start()
if settings.PROCESS == "desk":
    keeper.start()
# The server begins to answer when this module is loaded.
warming.warm_up(wall_seconds=time.time())
warming.settle()
