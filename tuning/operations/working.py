"""Do a sweep's trials, one after another, until none is left.

Any number of processes may do so at once: each trial is a row that one of them holds
by a lease. What they suggest does not depend on who they are (`tuning.core.schedule`).
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from django.conf import settings

from catalog.core.nearest import hint
from catalog.models import Run
from catalog.operations.runs import LeasedHandle, RunFailedError, RunHandle
from catalog.tenancy import org_scope
from ranking.core.pipeline import ENGINE_VERSION
from simulations.core.limits import Limit
from simulations.core.splits import SplitError
from simulations.operations.fold_users import NothingToEvaluateError
from tuning.core.goals import gains_of, held_to, violation_of
from tuning.core.schedule import generations, shall_end
from tuning.core.spec import SweepSpec, spec_of
from tuning.core.suggesting import Suggestion, Tried
from tuning.models import OVER, Sweep, Trial, TrialState

from . import trial_leases
from .bench import Bench
from .measured import Measured
from .sampling import suggest
from .shelf import Shelf

type Clock = Callable[[], datetime]
type Step = Trial | Literal["wait", "over"]

SECONDS_BETWEEN_LOOKS = 0.2


class OtherDataError(RunFailedError):
    """The namespace is not what it was when the sweep began."""


def work_on(sweep: Sweep, *, handle: RunHandle, clock: Clock) -> int:
    """Do trials until the sweep has none left, and return how many were done here.

    Called outside any transaction.
    """
    spec = spec_of(sweep.spec)
    handle.progress(0.0, "Reading events and items")
    done = 0
    with open_bench(sweep, spec, at=clock()) as bench:
        _recognise(sweep, bench)
        while True:
            handle.check_cancelled()
            step = next_step(sweep, spec, bench=bench, at=clock())
            if step == "over":
                return done
            if step == "wait":
                time.sleep(SECONDS_BETWEEN_LOOKS)
                continue
            done += _try(sweep, spec, step, bench=bench, handle=handle, clock=clock)


def open_bench(sweep: Sweep, spec: SweepSpec, *, at: datetime) -> Bench:
    """Read what a sweep's trials share, with refusals in the words of a Run."""
    shelf = shelf_of_sweep(sweep)
    shelf.take()
    try:
        return Bench.opened(
            sweep.namespace,
            spec,
            profile=sweep.profile,
            document=sweep.document,
            at=at,
            shelf=shelf,
        )
    except SplitError as error:
        raise RunFailedError(str(error)) from error


def shelf_of_sweep(sweep: Sweep) -> Shelf:
    """Return where the workers of a sweep on this host share what they build."""
    return Shelf(Path(settings.FILES_ROOT) / "sweeps" / str(sweep.pk))


def _recognise(sweep: Sweep, bench: Bench) -> None:
    seen = f"{ENGINE_VERSION}-{bench.fingerprint}"[:64]
    with org_scope(sweep.org_id):
        Sweep.objects.filter(pk=sweep.pk, fingerprint="").update(fingerprint=seen)
        known = Sweep.objects.values_list("fingerprint", flat=True).get(pk=sweep.pk)
    if known != seen:
        raise OtherDataError(
            "Events, items, rules or the ranking itself changed since the sweep began,"
            " so that its further trials could not be compared with those it has."
            " Start it again as a new sweep; what it found so far stays."
        )


def next_step(sweep: Sweep, spec: SweepSpec, *, bench: Bench, at: datetime) -> Step:
    """Take a trial; plan the next ones when all are over; say when to wait or stop."""
    with org_scope(sweep.org_id):
        trial = trial_leases.claim(sweep, owner=_owner(), at=at)
        if trial is not None:
            trial.sweep = sweep
            return trial
        rows = list(Trial.objects.filter(sweep=sweep).order_by("number"))
        # Somebody may have ended it with fewer than its spec asked for.
        budget = Sweep.objects.values_list("budget", flat=True).get(pk=sweep.pk)
    if any(row.state not in OVER for row in rows):
        return "wait"
    if len(rows) >= budget:
        return "over"
    planned = _planned(sweep, spec, rows, bench=bench)
    with org_scope(sweep.org_id):
        trial_leases.plan(sweep, planned)
    return next_step(sweep, spec, bench=bench, at=at)


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:100]


def _planned(
    sweep: Sweep, spec: SweepSpec, rows: Sequence[Trial], *, bench: Bench
) -> list[Trial]:
    generation = next(
        n for n, numbers in enumerate(generations(spec)) if numbers.start == len(rows)
    )
    numbers = generations(spec)[generation]
    found = suggest(spec, generation, tried_of(spec, rows))
    if generation == 0:
        found = [Suggestion(values=bench.start_values()), *found]
    return [
        Trial(
            org_id=sweep.org_id,
            namespace_id=sweep.namespace_id,
            sweep=sweep,
            number=number,
            values=msgspec.to_builtins(each.values),
            expected=_expected(each),
        )
        for number, each in zip(numbers, found, strict=True)
    ]


def _expected(suggestion: Suggestion) -> dict[str, Any]:
    if not suggestion.means:
        return {}
    return {
        "means": list(suggestion.means),
        "deviations": list(suggestion.deviations),
        "feasible": suggestion.feasible,
    }


def tried_of(spec: SweepSpec, rows: Sequence[Trial]) -> list[Tried]:
    """Return the finished trials as suggestions see them."""
    found = []
    for row in rows:
        gains = gains_of(spec.objectives, row.metrics)
        if row.state == TrialState.DONE and gains is not None:
            found.append(
                Tried(
                    number=row.number,
                    values=row.values,
                    gains=tuple(gains),
                    violation=row.violation or 0.0,
                )
            )
    return found


def _try(
    sweep: Sweep,
    spec: SweepSpec,
    trial: Trial,
    *,
    bench: Bench,
    handle: RunHandle,
    clock: Clock,
) -> int:
    started = time.perf_counter()
    with trial_leases.kept(trial, clock=clock):
        columns = _outcome(sweep, spec, trial, bench=bench)
    columns["seconds"] = round(time.perf_counter() - started, 3)
    with org_scope(sweep.org_id):
        ended = trial_leases.finish(trial, at=clock(), **columns)
        over = Trial.objects.filter(sweep=sweep, state__in=OVER).count()
        if ended and isinstance(handle, LeasedHandle):
            # Who gets on did not die in vain: only attempts without a trial count.
            Run.objects.filter(
                pk=handle.run.pk, fencing_token=handle.run.fencing_token
            ).update(attempts=1)
    handle.progress(over / sweep.budget, f"Trial {over} of {sweep.budget}")
    return int(ended)


def _outcome(
    sweep: Sweep, spec: SweepSpec, trial: Trial, *, bench: Bench
) -> dict[str, Any]:
    early: dict[str, Any] = {}

    def is_hopeless(metrics: Mapping[str, float | None]) -> bool:
        gains = gains_of(spec.objectives, metrics)
        early["gains"] = gains
        return gains is not None and shall_end(gains, earlier)

    earlier = _earlier(sweep, spec, trial) if spec.pruning else []
    # The first trial is the profile as it is: whatever else holds, it is measured.
    may_end = spec.pruning and trial.number > 0
    values = trial.values if trial.number > 0 else {}
    try:
        found = bench.try_out(values, early=is_hopeless if may_end else None)
    except NothingToEvaluateError as error:
        return {"state": TrialState.FAILED, "error": str(error)}
    if trial.number == 0:
        _check_segments(spec, found)
    is_pruned = not found.intervals
    told = _told(sweep, spec, found)
    if gains_of(spec.objectives, found.metrics) is None:
        return {**told, "state": TrialState.FAILED, "error": _untold(spec, found)}
    state = TrialState.PRUNED if is_pruned else TrialState.DONE
    return {**told, "state": state, "early": early}


def _check_segments(spec: SweepSpec, found: Measured) -> None:
    """Refuse to tune for nobody: all trials would be alike."""
    known = {name.casefold() for name in found.segments}
    for each in spec.parameters:
        if each.segment is not None and each.segment.casefold() not in known:
            raise RunFailedError(
                f"Nobody who is asked is in the segment {each.segment}, so that all"
                f" trials would be alike. {hint(each.segment, sorted(found.segments))}"
            )


def _earlier(sweep: Sweep, spec: SweepSpec, trial: Trial) -> list[list[float]]:
    """Return the early figures of the generations before this trial's."""
    start = next(n.start for n in generations(spec) if trial.number in n)
    with org_scope(sweep.org_id):
        rows = Trial.objects.filter(sweep=sweep, number__lt=start).order_by("number")
        told = rows.values_list("early", flat=True)
        return [each["gains"] for each in told if each.get("gains")]


def _told(sweep: Sweep, spec: SweepSpec, found: Measured) -> dict[str, Any]:
    verdicts = held_to(limits_of(sweep), found.metrics)
    return {
        "metrics": found.metrics,
        "intervals": msgspec.to_builtins(found.intervals),
        "segments": found.segments,
        "verdicts": msgspec.to_builtins(verdicts),
        "violation": violation_of(verdicts),
        "examples": found.examples,
    }


def limits_of(sweep: Sweep) -> dict[str, Limit]:
    return msgspec.convert(sweep.limits, dict[str, Limit])


def _untold(spec: SweepSpec, found: Measured) -> str:
    missing = [
        each.metric
        for each in spec.objectives
        if found.metrics.get(each.metric) is None
    ]
    known = ", ".join(sorted(found.segments))
    return (
        f"{', '.join(missing)} could not be computed for these users. Segments are:"
        f" {known}."
    )
