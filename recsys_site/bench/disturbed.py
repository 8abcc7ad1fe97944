"""What becomes of answer times while staff and batch work share the cores."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory

import psutil
from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
)
from django.contrib.sessions.backends.db import SessionStore

from .latency import requests_for
from .load import closed_loop, open_loop
from .report import Figure
from .servers import serving
from .shops import ORG, Shop, namespace_of, some_users

RATE = 100
BATCH_EVENTS = 2_000_000
NICENESS = 10
BACKEND = "django.contrib.auth.backends.ModelBackend"


def measure(shop: Shop, *, seconds: float, workers: int) -> list[Figure]:
    """Compare 100 requests a second in quiet with the same under other work."""
    with ExitStack() as running:
        serve = running.enter_context(
            serving("recsys_site.wsgi_serve:application", workers=workers)
        )
        desk = running.enter_context(serving("recsys_site.wsgi:application", workers=1))
        target = requests_for(
            shop.name, org=str(ORG), users=some_users(shop), port=serve.port
        )
        closed_loop(target, clients=2, seconds=3)
        quiet = open_loop(target, rate=RATE, seconds=seconds, seed=1)
        with _admin_list(shop, port=desk.port), _import(), _export(shop):
            busy = open_loop(target, rate=RATE, seconds=seconds, seed=1)
    ratio = busy.quantile_ms(0.99) / max(quiet.quantile_ms(0.99), 1e-9)
    rows = [
        ("quiet, 100/s, p99", quiet.quantile_ms(0.99), "ms", ""),
        ("while list, import, export run, p99", busy.quantile_ms(0.99), "ms", ""),
        ("p99 disturbed against quiet", ratio, "×", "≤ 2"),
    ]
    return [
        Figure(section=shop.name, name=name, value=value, unit=unit, goal=goal)
        for name, value, unit, goal in rows
    ]


@contextmanager
def _import() -> Iterator[None]:
    command = ("seed_dataset", "--namespace", f"noise-{os.getpid()}")
    with (
        TemporaryDirectory() as folder,
        _command(
            *command,
            *("--items", "5000", "--users", "50000"),
            *("--events", str(BATCH_EVENTS), "--output-dir", folder),
        ),
    ):
        yield


@contextmanager
def _export(shop: Shop) -> Iterator[None]:
    with _command("export_dataset", "--namespace", shop.name):
        yield


@contextmanager
def _command(*arguments: str) -> Iterator[None]:
    """Run a command of the product meanwhile, as nice as batch work should be."""
    process = psutil.Popen(
        [sys.executable, "manage.py", *arguments, "--org-id", str(ORG)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    process.nice(NICENESS)
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def _admin_list(shop: Shop, *, port: int) -> Iterator[None]:
    """Let somebody reload the list of items all the time."""
    cookie = _session()
    over = threading.Event()
    page = f"/admin/catalog/item/?ns={namespace_of(shop).pk}"

    def reload() -> None:
        while not over.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", page, headers={"Cookie": cookie})
            connection.getresponse().read()
            connection.close()

    reader = threading.Thread(target=reload)
    reader.start()
    try:
        yield
    finally:
        over.set()
        reader.join()


def _session() -> str:
    """Sign a member of staff in and return the cookie."""
    staff, _ = get_user_model().objects.get_or_create(
        username="bench", defaults={"is_staff": True, "is_superuser": True}
    )
    session = SessionStore()
    session[SESSION_KEY] = str(staff.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = staff.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
