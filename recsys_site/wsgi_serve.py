"""The hot routes alone, one thread a process, as many processes as cores."""

from __future__ import annotations

import os

os.environ["RECSYS_PROCESS"] = "serve"

from recsys_site.wsgi import application

__all__ = ["application"]
