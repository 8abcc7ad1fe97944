"""The hot routes without any record of what they answer: for comparison alone."""

from __future__ import annotations

import os
from importlib import import_module

os.environ["RECSYS_PROCESS"] = "serve"

from recsys_site.wsgi import application


def _nothing(*_: object, **__: object) -> None:
    """Keep nothing."""


# Only now are there apps to import.
answering = import_module("ranking.serve.answering")
vars(answering).update(keep=_nothing)

__all__ = ["application"]
