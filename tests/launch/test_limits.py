from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from recsys_site.limits import task_limits


def test_a_task_is_told_to_end_before_it_is_killed_and_sent_to_another() -> None:
    transport: Any = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    redelivered = transport["visibility_timeout"]
    soft, hard = settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT

    assert 0 < soft < hard < redelivered


@pytest.mark.parametrize(("soft", "hard"), [("60", "60"), ("0", "60"), ("90", "60")])
def test_limits_that_make_no_sense_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, soft: str, hard: str
) -> None:
    monkeypatch.setenv("RECSYS_TASK_SOFT_LIMIT", soft)
    monkeypatch.setenv("RECSYS_TASK_HARD_LIMIT", hard)

    with pytest.raises(ImproperlyConfigured, match=f"SOFT_LIMIT \\({soft}\\)"):
        task_limits()
