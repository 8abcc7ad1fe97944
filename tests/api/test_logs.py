"""What is written to the log, and what is not."""

from __future__ import annotations

import pytest
from structlog import DropEvent

from recsys_site.logs import drop_rehearsed

PRIVATE = "~01a200bd-394a-72f3-9f5c-6777ee6d8aa2"


class TestARehearsal:
    def test_tells_nobody_of_rules_that_no_shop_has(self) -> None:
        with pytest.raises(DropEvent):
            drop_rehearsed(None, "info", {"namespace": PRIVATE})

    def test_still_tells_what_went_wrong(self) -> None:
        event = {"namespace": PRIVATE}

        assert drop_rehearsed(None, "warning", event) is event

    def test_silences_no_shop(self) -> None:
        event = {"namespace": "~tea"}

        assert drop_rehearsed(None, "info", event) is event
