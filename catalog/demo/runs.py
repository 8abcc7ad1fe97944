"""Seeding as a Run: the same shop from the same request, wherever it is done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from catalog.core.moments import microseconds
from catalog.importers.storing import Store, store_all
from catalog.models import Namespace, Run, RunState
from catalog.operations.runs import (
    LeasedHandle,
    Outcome,
    RunDetails,
    RunFailedError,
    start_run,
)

from .evidence import manifest_of, segments_of
from .fixtures import Fixture, FixtureError, read_fixture
from .plan import plan_of
from .shop import Shop, Size, make_shop

KIND = "seed"


class SeedRequest(msgspec.Struct, kw_only=True, frozen=True):
    """Which shop to make: the parameters of a seeding's Run."""

    items: int
    users: int
    events: int
    seed: int
    fixture: str | None = None
    """A file of items, users or events. What it does not hold is made up."""
    folder: str | None = None
    """Where the evidence goes."""
    asked_at: datetime

    def to_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def known(self) -> Fixture:
        """Return what is not made up, or raise `FixtureError`."""
        if self.fixture is None:
            return Fixture()
        return read_fixture(Path(self.fixture), at=self.asked_at)

    def shop(self) -> Shop:
        return make_shop(
            size=Size(items=self.items, users=self.users, events=self.events),
            seed=self.seed,
            fixture=self.known(),
            at_us=microseconds(self.asked_at),
        )


def start_seed(
    namespace: Namespace, request: SeedRequest, *, details: RunDetails
) -> Run:
    """Start a seeding inside the org's scope, or return the same one that is not over.

    So a killed one goes on when it is asked for again.
    """
    same = {
        f"parameters__{name}": value
        for name, value in request.to_json().items()
        if name != "asked_at"
    }
    unfinished = Run.objects.filter(
        namespace=namespace,
        kind=KIND,
        state__in=[RunState.QUEUED, RunState.RUNNING],
        **same,
    )
    details["parameters"] = request.to_json()
    return unfinished.order_by("-created_at", "-id").first() or start_run(
        namespace, kind=KIND, at=request.asked_at, **details
    )


def execute_seed(handle: LeasedHandle) -> Outcome:
    request = msgspec.convert(handle.parameters, SeedRequest)
    try:
        shop = request.shop()
    except FixtureError as error:
        raise RunFailedError(str(error)) from error
    namespace = handle.namespace
    store = Store(namespace=namespace, handle=handle, at=handle.run.created_at)
    place = store_all(plan_of(shop), store=store)
    manifest = manifest_of(
        namespace,
        shop,
        seed=request.seed,
        events=place.events,
        at=request.asked_at,
    )
    folder = Path(request.folder or settings.FILES_ROOT / "seeds" / str(namespace.pk))
    write_evidence(folder, manifest=manifest, segments=segments_of(shop))
    return Outcome(result={"manifest": manifest, "folder": str(folder)})


def write_evidence(
    folder: Path, *, manifest: Mapping[str, Any], segments: Mapping[str, Any]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("seed_manifest.json", manifest),
        ("seed_segments.json", segments),
    ):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n")
