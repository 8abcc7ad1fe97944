"""An icon that the sprite does not hold is an empty place, and nothing says so."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
SPRITE = TEMPLATES / "static" / "recsys" / "icons.svg"
NAMED = re.compile(r'{% (?:icon|chip "[a-z]*") "([a-z-]+)"')


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(re.findall(r' id="([a-z-]+)"', SPRITE.read_text()))

    missing = {
        (path.name, name)
        for path in TEMPLATES.rglob("*.html")
        for name in NAMED.findall(path.read_text())
        if name not in drawn
    }

    assert missing == set()
