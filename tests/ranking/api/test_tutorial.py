"""The tutorial, followed to the letter by a machine."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from tests.ranking.builds import build
from tests.ranking.shops import ids_of

PAGE = Path(settings.BASE_DIR) / "docs/tutorial/first-recommendation.md"
CALL = re.compile(r"POST http://localhost:8000(\S+).*?-d '(\{.*?\})'\n```", re.S)


def test_tutorial_ends_with_what_it_promises(shop):
    send_items, send_events, ask = CALL.findall(PAGE.read_text())
    books = replace(shop, name="books")

    for path, body in (send_items, send_events):
        assert shop.post(path, json.loads(body)).status_code == 202
    build(books)
    answer = shop.post(ask[0], json.loads(ask[1])).json()

    assert "snow-crash" in ids_of(answer)[:2]
    assert all(item["reasons"] for item in answer["items"])
    assert answer["decision_id"]
