"""Reads of stored evaluations."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import msgspec
from django.conf import settings
from django.core.exceptions import ValidationError

from catalog.models import Namespace
from simulations.core.evaluation import Report
from simulations.models import Evaluation

FILE_GONE = (
    "Its file is not on this machine: it was removed, or a worker wrote it on another "
    "whose RECSYS_FILES_ROOT is not shared. Run the evaluation again."
)


def report_of(evaluation: Evaluation) -> Report:
    """Return the stored report as a value."""
    return msgspec.convert(evaluation.report, Report)


def per_user_path(evaluation: Evaluation) -> Path:
    """Return where the lists of an evaluation's users lie."""
    return Path(settings.FILES_ROOT) / evaluation.per_user_file


def find_evaluation(namespace: Namespace, key: str | UUID) -> Evaluation | None:
    """Return one of a namespace, None when there is none. Inside the org's scope."""
    try:
        return Evaluation.objects.filter(namespace=namespace, pk=key).first()
    except (ValidationError, ValueError):
        return None
