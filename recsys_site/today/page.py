from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.models import Namespace
from catalog.permissions import Staff


@dataclass(frozen=True, kw_only=True)
class Today:
    at: datetime


def read_today(staff: Staff, namespace: Namespace, *, at: datetime) -> Today:
    return Today(at=at)
