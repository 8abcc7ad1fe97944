"""Celery's doors: ids and a moment in, one call. Discovered by name."""

from .runs import execute_run, resend_unclaimed_runs

__all__ = ["execute_run", "resend_unclaimed_runs"]
