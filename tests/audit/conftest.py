from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.spool import places, writer


@pytest.fixture
def spool_directory(tmp_path: Path, settings) -> Iterator[Path]:
    """An empty spool of this test's own."""
    settings.FILES_ROOT = tmp_path
    yield places.host_directory()
    writer.flush()
