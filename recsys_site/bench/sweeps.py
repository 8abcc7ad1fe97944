"""A hundred trials on 100,000 items, against the same evaluation over HTTP.

Two namespaces hold the same made-up shop: in one a sweep judges by what came after a
cut; the other knows nothing after it, so that what its servers answer is what trials
would have shown.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.core.filters import Filter
from catalog.core.moments import from_microseconds
from catalog.demo.runs import SeedRequest, start_seed
from catalog.management.following import do_here
from catalog.models import Event, Item, Namespace
from catalog.operations.deletes import delete_events, delete_items
from catalog.operations.namespaces import create_namespace, find_in_org
from catalog.tenancy import org_scope
from ranking.models import DEFAULT_PROFILE
from tuning.core.spec import spec_of
from tuning.models import Sweep, Trial
from tuning.operations.asked import AskedFold
from tuning.operations.bench import Bench
from tuning.operations.measured import measured
from tuning.operations.sweeps import create_sweep
from tuning.operations.working import shelf_of_sweep

from .report import Figure
from .servers import serving
from .shops import ORG

SECTION = "sweep"
SWEPT, PAST = "sweep", "sweep-past"
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
ITEMS, USERS, EVENTS, SEED = 100_000, 20_000, 400_000, 20251103
TRIALS, ASKED, SAMPLE, CLIENTS = 100, 1_000, 2, 8
PAUSE_SECONDS = 0.2
"""Between two requests of the reference's harness, by default."""

type I64 = NDArray[np.int64]

SPEC = spec_of(
    {
        "name": "bench",
        "parameters": [
            {"knob": "blend_alpha", "low": 0, "high": 1},
            {"knob": "blend_beta", "low": 0, "high": 1},
            {"knob": "blend_gamma", "low": 0, "high": 1},
            {"knob": "mmr_lambda", "low": 0.3, "high": 0.95},
            {"knob": "profile_boost", "low": 0, "high": 1.5},
            {"knob": "popularity_fanout", "choices": [400, 600, 800]},
        ],
        "strategy": "gp",
        "budget": TRIALS,
        "batch": 20,
        "workers": 2,
        "seed": 7,
        "evaluation": {
            "split": {"quantile": 0.75},
            "max_users": ASKED,
            "baselines": ["popularity"],
        },
    }
)


def measure() -> list[Figure]:
    """Time a sweep by two processes, and a sample of its trials over HTTP."""
    namespace = _made(SWEPT)
    sweep, seconds = _swept(namespace)
    with org_scope(ORG):
        trials = list(Trial.objects.filter(sweep=sweep).order_by("number"))
    with Bench.opened(
        namespace,
        SPEC,
        profile=DEFAULT_PROFILE,
        document={},
        at=AT,
        shelf=shelf_of_sweep(sweep),
    ) as bench:
        (asked,) = bench.asked({})
        _prepare_past(until=from_microseconds(bench.folds[0].cut_us))
        over_http = [_over_http(asked, each) for each in trials[-SAMPLE:]]
        same = sum(
            measured([asked], [lists], SPEC).metrics == trial.metrics
            for (lists, _), trial in zip(over_http, trials[-SAMPLE:], strict=True)
        )
        n_users = len(asked)
    return _figures(
        seconds=seconds,
        of_http=float(np.mean([each for _, each in over_http])),
        n_users=n_users,
        same=same,
    )


def _figures(
    *, seconds: float, of_http: float, n_users: int, same: int
) -> list[Figure]:
    ours = seconds / TRIALS
    # One after another, each with a pause; what answering takes is in `of_http`.
    of_reference = n_users * PAUSE_SECONDS + of_http
    rows = (
        (f"{TRIALS} trials, {n_users:,} users, {ITEMS:,} items", seconds, "s", "≤ 60"),
        ("one of them", ours, "s", ""),
        (f"one over HTTP, {CLIENTS} clients", of_http, "s", ""),
        ("quicker than over HTTP", of_http / ours, "×", "≥ 5"),
        ("quicker than with the usual pauses", of_reference / ours, "×", "≥ 100"),
        (f"of {SAMPLE} trials, same metrics over HTTP", same, "trials", f"{SAMPLE}"),
    )
    return [
        Figure(section=SECTION, name=name, value=value, unit=unit, goal=goal)
        for name, value, unit, goal in rows
    ]


def _made(name: str) -> Namespace:
    """Return a namespace with the shop, the same in each."""
    namespace = find_in_org(ORG, name) or create_namespace(ORG, name)
    Namespace.objects.filter(pk=namespace.pk).update(clock="data")
    request = SeedRequest(
        items=ITEMS, users=USERS, events=EVENTS, seed=SEED, asked_at=AT
    )
    with org_scope(ORG):
        if Event.objects.filter(namespace=namespace).exists():
            return namespace
        run = start_seed(
            namespace, request, details={"requested_by": "bench", "announce": False}
        )
    do_here(run)
    return namespace


def _prepare_past(*, until: datetime) -> None:
    """Make the shop that knows nothing after a moment, with signals as of then."""
    past = _made(PAST)
    with org_scope(ORG):
        later = Event.objects.filter(namespace=past, ts__gt=until)
        if later.exists():
            delete_events(past, Filter(created_after=until), at=AT)
            delete_items(past, Filter(created_after=until), at=AT)
        # What was in stock at the cut is not known, so trials take all of it for it.
        Item.objects.filter(namespace=past).update(available=True, stock=None)
    _command("build_signals", "--wait", namespace=PAST)


def _swept(namespace: Namespace) -> tuple[Sweep, float]:
    with org_scope(ORG):
        sweep = create_sweep(namespace, SPEC, at=AT, requested_by="bench")
    started = time.perf_counter()
    joined = ("tuning_harness", "--join", str(sweep.pk))
    workers = [_start(*joined, namespace=SWEPT) for _ in range(SPEC.workers)]
    for worker in workers:
        if worker.wait():
            raise subprocess.CalledProcessError(worker.returncode, joined)
    return sweep, time.perf_counter() - started


def _start(*command: str, namespace: str) -> subprocess.Popen[bytes]:
    tenant = ("--org-id", str(ORG), "--namespace", namespace)
    return subprocess.Popen(
        [sys.executable, "manage.py", *command, *tenant], stdout=subprocess.DEVNULL
    )


def _command(*command: str, namespace: str) -> None:
    process = _start(*command, namespace=namespace)
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, command)


def _over_http(asked: AskedFold, trial: Trial) -> tuple[I64, float]:
    """Ask the servers for everybody's list with a trial's values.

    Returns
    -------
    lists : array of shape (u, k)
        Rows of the world that the trial ranked in, -1 for what is not in it.
    seconds : float
        From the first request to the last answer.
    """
    bodies = [_body(pool.request.user_id, trial.values) for pool in asked.pools]
    # A loaded server leaves out what takes too long; a trial never does.
    patient = {"RECSYS_REQUEST_DEADLINE_MS": "60000"}
    with serving("recsys_site.wsgi_serve:application", workers=2, **patient) as server:
        _ask(server.port, bodies[:100])
        started = time.perf_counter()
        parts = np.array_split(np.arange(len(bodies)), CLIENTS)
        with ThreadPoolExecutor(CLIENTS) as clients:
            answers = clients.map(
                lambda part: _ask(server.port, [bodies[n] for n in part]), parts
            )
            shown = [ids for part in answers for ids in part]
        seconds = time.perf_counter() - started
    return _rows(asked, shown), seconds


def _body(user_id: str | None, values: Mapping[str, Any]) -> bytes:
    document = {
        "namespace": PAST,
        "user_id": user_id,
        "k": SPEC.evaluation.k,
        "overrides": values,
    }
    return json.dumps(document).encode()


def _ask(port: int, bodies: Sequence[bytes]) -> list[list[str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"X-Org-ID": str(ORG), "Content-Type": "application/json"}
    shown = []
    for body in bodies:
        connection.request("POST", "/v1/recommendations", body, headers)
        answer = connection.getresponse()
        document = json.loads(answer.read())
        if answer.status != http.HTTPStatus.OK or document.get("degraded"):
            raise RuntimeError(f"Not answered in full: {document}")
        shown.append([each["item_id"] for each in document["items"]])
    connection.close()
    return shown


def _rows(asked: AskedFold, shown: Sequence[Sequence[str]]) -> I64:
    lists = asked.nothing()
    for line, ids in enumerate(shown):
        lists[line, : len(ids)] = asked.stage.world.rows_of_ids(tuple(ids))
    return lists
