"""A small HTTP load generator: open loop (Poisson arrivals) and closed loop.

Open loop means that requests leave on schedule whether or not earlier ones returned,
and that latency counts from the scheduled instant: a stalled server cannot hide its
stall by slowing the client down (coordinated omission).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

CONNECTIONS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where requests go and how the n-th one looks on the wire."""

    host: str
    port: int
    request: Callable[[int], bytes]


@dataclass(slots=True)
class Latencies:
    """What came back: seconds per answered request, and what was no 2xx."""

    seconds: list[float] = field(default_factory=list)
    failures: int = 0
    elapsed: float = 0.0

    def quantile_ms(self, q: float) -> float:
        return float(np.quantile(self.seconds, q) * 1000) if self.seconds else 0.0

    def per_second(self) -> float:
        return len(self.seconds) / self.elapsed if self.elapsed else 0.0

    def summary(self) -> dict[str, float]:
        return {
            "p50_ms": round(self.quantile_ms(0.5), 2),
            "p99_ms": round(self.quantile_ms(0.99), 2),
            "p999_ms": round(self.quantile_ms(0.999), 2),
            "per_second": round(self.per_second(), 1),
            "failures": self.failures,
        }


def post(path: str, body: bytes, *, host: str, org: str) -> bytes:
    """Return a POST of JSON as bytes, ready to be written to a socket."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nX-Org-ID: {org}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Connection:
    """One keep-alive connection; reopened when the server closed it."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, payload: bytes) -> bool:
        """Send one request and read its answer. True for a 2xx."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(
                self._target.host, self._target.port
            )
        reader, writer = self._streams
        writer.write(payload)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_content_length(head))
        if b"connection: close" in head.lower():
            self.close()
        return head[9:10] == b"2"

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def _measured(
    connection: _Connection, payload: bytes, *, since: float, into: Latencies
) -> None:
    try:
        answered = await connection.ask(payload)
    except (OSError, asyncio.IncompleteReadError):
        connection.close()
        answered = False
    if answered:
        into.seconds.append(time.perf_counter() - since)
    else:
        into.failures += 1


async def _open(target: Target, *, rate: float, seconds: float, seed: int) -> Latencies:
    result = Latencies()
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(_Connection(target))
    gaps = random.Random(seed)  # noqa: S311  arrivals, no secret
    running: set[asyncio.Task[None]] = set()

    async def one(payload: bytes, since: float) -> None:
        connection = await free.get()
        await _measured(connection, payload, since=since, into=result)
        free.put_nowait(connection)

    begin = due = time.perf_counter()
    count = 0
    while due - begin < seconds:
        due += gaps.expovariate(rate)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(one(target.request(count), due))
        running.add(task)
        task.add_done_callback(running.discard)
        count += 1
    await asyncio.gather(*running)
    result.elapsed = time.perf_counter() - begin
    while not free.empty():
        free.get_nowait().close()
    return result


async def _closed(target: Target, *, clients: int, seconds: float) -> Latencies:
    result = Latencies()
    begin = time.perf_counter()
    numbers = iter(range(10**9))

    async def client() -> None:
        connection = _Connection(target)
        while (since := time.perf_counter()) - begin < seconds:
            payload = target.request(next(numbers))
            await _measured(connection, payload, since=since, into=result)
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    result.elapsed = time.perf_counter() - begin
    return result


def open_loop(target: Target, *, rate: float, seconds: float, seed: int) -> Latencies:
    """Offer `rate` requests a second, at random instants, for so many seconds."""
    return asyncio.run(_open(target, rate=rate, seconds=seconds, seed=seed))


def closed_loop(target: Target, *, clients: int, seconds: float) -> Latencies:
    """Let so many clients ask as fast as they are answered."""
    return asyncio.run(_closed(target, clients=clients, seconds=seconds))
