"""Calls that go on while something is broken, and what came of each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

import msgspec

ORG = "00000000-0000-0000-0000-0000000000cc"
_GIVE_UP_SECONDS = 30
_NO_ANSWER = 0


@dataclass(frozen=True, kw_only=True)
class Reply:
    at: float
    """When it was asked for, by `time.monotonic`."""
    seconds: float
    status: int
    """0 for none."""
    headers: Mapping[str, str]
    body: Any

    @property
    def degraded(self) -> list[str]:
        return self.body.get("degraded", []) if self.status == 200 else []


def post(base: str, path: str, body: Mapping[str, Any]) -> Reply:
    address = urlsplit(base)
    connection = HTTPConnection(
        str(address.hostname), address.port, timeout=_GIVE_UP_SECONDS
    )
    started = time.monotonic()
    headers: dict[str, str] = {}
    try:
        connection.request(
            "POST",
            path,
            msgspec.json.encode(body),
            {"X-Org-ID": ORG, "Content-Type": "application/json"},
        )
        response = connection.getresponse()
        status, headers = response.status, dict(response.getheaders())
        answer = msgspec.json.decode(response.read() or b"{}")
    except (OSError, HTTPException) as error:
        status, answer = _NO_ANSWER, {"error": str(error)}
    finally:
        connection.close()
    return Reply(
        at=started,
        seconds=time.monotonic() - started,
        status=status,
        headers=headers,
        body=answer,
    )


@dataclass
class Load:
    """Threads that each call one thing, one call after the other."""

    _threads: list[threading.Thread] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)

    def add(self, call: Callable[[int], Reply], *, every_seconds: float) -> list[Reply]:
        """Call from now on, and return where the replies will be found."""
        replies: list[Reply] = []

        def go_on() -> None:
            turn = 0
            while not self._ended.is_set():
                replies.append(call(turn))
                turn += 1
                self._ended.wait(every_seconds)

        thread = threading.Thread(target=go_on)
        self._threads.append(thread)
        thread.start()
        return replies

    def end(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()
