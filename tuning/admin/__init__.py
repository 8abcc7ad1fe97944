"""Sweeps and proposals in the admin."""

from . import proposals, sweeps

__all__ = ["proposals", "sweeps"]
