"""A sweep from its start to what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from msgspec.structs import replace

from catalog.operations.runs import RunCancelledError, Unattended, execute
from catalog.tenancy import org_scope
from ranking.core.knobs import DEFAULTS, KNOBS_BY_NAME
from simulations.operations.evaluating import evaluate
from tests.tuning.conftest import sweep_spec
from tuning.core.space import placed
from tuning.models import Sweep, Trial, TrialState
from tuning.operations import trial_leases
from tuning.operations.bench import Bench
from tuning.operations.finishing import finish_sweep
from tuning.operations.shelf import Shelf
from tuning.operations.sweeps import (
    SweepStateError,
    conclude_sweep,
    create_sweep,
    pause_sweep,
    resume_sweep,
    start_sweep,
)
from tuning.operations.working import shelf_of_sweep, work_on
from tuning.queries.sweeps import state_of


def made(shop, spec):
    with org_scope(shop.org_id):
        return create_sweep(shop.namespace, spec, at=timezone.now())


def done(shop, spec):
    sweep = made(shop, spec)
    work_on(sweep, handle=Unattended(), clock=timezone.now)
    return sweep


def trials(sweep):
    with org_scope(sweep.org_id):
        return list(Trial.objects.filter(sweep=sweep).order_by("number"))


def figures(sweep):
    return [(each.values, each.metrics, each.violation) for each in trials(sweep)]


def opened(shop, *, shelf):
    return Bench.opened(
        shop.namespace,
        sweep_spec(),
        profile="default",
        document={},
        at=timezone.now(),
        shelf=shelf,
    )


def written_on(shelf):
    return {(p.name, p.stat().st_mtime_ns) for p in shelf.folder.rglob("*.parquet")}


@dataclass
class Interrupted(Unattended):
    """Stops the work after so many looks, as a cancellation does."""

    left: int = 3
    seen: list[Any] = field(default_factory=list)

    def check_cancelled(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise RunCancelledError("enough")


class TestASweep:
    def test_does_every_trial_once_and_says_what_it_found(self, past):
        sweep = finish_sweep(done(past, sweep_spec()), at=timezone.now())

        rows = trials(sweep)
        assert [each.number for each in rows] == list(range(6))
        assert {each.state for each in rows} == {TrialState.DONE}
        assert rows[0].values == {
            "blend_alpha": DEFAULTS.blend_alpha,
            "blend_beta": DEFAULTS.blend_beta,
        }
        assert "ndcg@10" in sweep.outcome["headline"]
        assert sweep.outcome["evidence"]["is_held_out"]

    def test_measures_what_an_evaluation_of_the_same_profile_measures(self, past):
        spec = sweep_spec(
            parameters=[
                {"knob": "blend_alpha", "low": 0, "high": 1},
                {"knob": "popularity_fanout", "low": 5, "high": 40},
                {"knob": "profile_window_days", "choices": [3, 30]},
                {"knob": "popularity_halflife_days", "choices": [2, 14]},
            ],
            budget=3,
        )
        rows = trials(done(past, spec))

        for row in rows[1:]:
            whole = evaluate(
                past.namespace,
                replace(spec.evaluation, overrides=row.values),
                at=timezone.now(),
            )
            ours = whole.report.models["system"]
            for metric in ("ndcg@10", "recall@20", "catalog_coverage@20"):
                assert row.metrics[metric] == pytest.approx(ours[metric].value)

    def test_repeats_itself_whoever_does_it(self, past):
        spec = sweep_spec(
            strategy="nsga2",
            budget=14,
            objectives=[
                {"metric": "ndcg@10"},
                {"metric": "popularity_bias@10", "direction": "minimize"},
            ],
        )
        once = done(past, spec)
        again = made(past, spec)
        with pytest.raises(RunCancelledError):
            work_on(again, handle=Interrupted(left=5), clock=timezone.now)
        work_on(again, handle=Unattended(), clock=timezone.now)

        assert figures(again) == figures(once)

    def test_builds_and_gathers_once_for_what_only_arranges(self, past, tmp_path):
        with opened(past, shelf=Shelf(tmp_path)) as bench:
            for values in ({}, {"blend_alpha": 0.1}, {"blend_alpha": 0.9}):
                bench.try_out(values)

            assert (bench.builds, bench.gatherings) == (1, 1)

    def test_finds_what_another_worker_of_the_host_built(self, past, tmp_path):
        shelf = Shelf(tmp_path)
        with opened(past, shelf=shelf) as first:
            once = first.try_out({}).metrics
        written = written_on(shelf)
        with opened(past, shelf=shelf) as second:
            again = second.try_out({}).metrics

        # The items are only passed on, which costs nothing.
        assert len(written_on(shelf) - written) == 1
        assert again == once

    def test_ends_with_what_it_found_where_somebody_has_seen_enough(self, past):
        sweep = made(past, sweep_spec(budget=9))
        with pytest.raises(RunCancelledError):
            work_on(sweep, handle=Interrupted(left=4), clock=timezone.now)
        with org_scope(past.org_id):
            n_over = Trial.objects.filter(sweep=sweep, state=TrialState.DONE).count()
            conclude_sweep(sweep, at=timezone.now())
            sweep = Sweep.objects.select_related("namespace", "run").get(pk=sweep.pk)
            assert 0 < sweep.budget == n_over < 9

        execute(sweep.run_id, org_id=past.org_id, clock=timezone.now)

        with org_scope(past.org_id):
            sweep.refresh_from_db()
        assert state_of(sweep) == "finished"
        assert len(trials(sweep)) == n_over
        assert sweep.outcome["best"] < n_over

    def test_is_not_ended_while_at_work_or_without_a_trial(self, past):
        with org_scope(past.org_id):
            at_work = start_sweep(past.namespace, sweep_spec(), at=timezone.now())
            with pytest.raises(SweepStateError, match="Pause it"):
                conclude_sweep(at_work, at=timezone.now())
            empty = create_sweep(past.namespace, sweep_spec(), at=timezone.now())
            with pytest.raises(SweepStateError, match="No trial is done"):
                conclude_sweep(empty, at=timezone.now())

    def test_leaves_nothing_on_the_shelf_at_its_end(self, past):
        sweep = done(past, sweep_spec(budget=2))
        assert written_on(shelf_of_sweep(sweep))

        finish_sweep(sweep, at=timezone.now())

        assert not shelf_of_sweep(sweep).folder.exists()

    def test_changes_one_segment_alone_where_it_is_told_to(self, past):
        spec = sweep_spec(
            parameters=[{"knob": "blend_alpha", "segment": "tea", "choices": [900]}],
            budget=2,
        )
        first, second = trials(done(past, spec))

        key = "segments.coffee.ndcg@10"
        assert first.metrics[key] == second.metrics[key]
        assert (
            first.metrics["segments.tea.ndcg@10"]
            != (second.metrics["segments.tea.ndcg@10"])
        )

    def test_ends_a_bad_trial_early(self, past):
        sweep = done(past, sweep_spec(budget=30, batch=10, pruning=True))

        states = {each.state for each in trials(sweep)}
        assert states == {TrialState.DONE, TrialState.PRUNED}
        assert trials(sweep)[0].state == TrialState.DONE

    def test_holds_trials_to_the_guardrails(self, past, no_guardrails):
        no_guardrails.write_text(
            "defaults:\n  quality:\n    min_catalog_coverage: 0.1\n"
            "    min_long_tail_share: 1.0\n"
        )
        (row, *_) = trials(done(past, sweep_spec(budget=2)))

        assert {each["name"]: each["state"] for each in row.verdicts} == {
            "min_catalog_coverage": "pass",
            "min_long_tail_share": "stop",
        }
        assert row.violation > 0

    def test_says_which_figure_nobody_can_compute(self, past):
        spec = sweep_spec(objectives=[{"metric": "segments.nobody.ndcg@10"}], budget=1)
        (row,) = trials(done(past, spec))

        assert row.state == TrialState.FAILED
        assert "coffee, tea" in row.error


class TestATrial:
    def test_is_taken_over_when_its_lease_runs_out(self, past):
        sweep = made(past, sweep_spec())
        at = timezone.now()
        with org_scope(past.org_id):
            Trial.objects.create(
                org_id=sweep.org_id,
                namespace_id=sweep.namespace_id,
                sweep=sweep,
                number=0,
            )
            dead = trial_leases.claim(sweep, owner="dead", at=at)
            assert trial_leases.claim(sweep, owner="other", at=at) is None
            later = at + trial_leases.LEASE + timedelta(seconds=1)
            living = trial_leases.claim(sweep, owner="other", at=later)

            assert living.pk == dead.pk
            assert not trial_leases.finish(dead, at=later, state=TrialState.DONE)
            assert trial_leases.finish(living, at=later, state=TrialState.DONE)

    def test_is_not_held_by_two(self, past):
        sweep = made(past, sweep_spec())
        with org_scope(past.org_id):
            for number in range(2):
                Trial.objects.create(
                    org_id=sweep.org_id,
                    namespace_id=sweep.namespace_id,
                    sweep=sweep,
                    number=number,
                )
            at = timezone.now()
            taken = [trial_leases.claim(sweep, owner="a", at=at) for _ in range(3)]

        assert [each and each.number for each in taken] == [0, 1, None]


class TestARun:
    def run(self, sweep):
        return execute(sweep.run_id, org_id=sweep.org_id, clock=timezone.now)

    def read(self, sweep):
        with org_scope(sweep.org_id):
            return Sweep.objects.select_related("run", "namespace").get(pk=sweep.pk)

    def test_is_paused_and_goes_on(self, past):
        with org_scope(past.org_id):
            sweep = start_sweep(past.namespace, sweep_spec(), at=timezone.now())
            pause_sweep(sweep, at=timezone.now())
        assert state_of(self.read(sweep)) == "paused"
        with org_scope(past.org_id):
            again = self.read(sweep)
            resume_sweep(again, at=timezone.now())
        self.run(again)

        finished = self.read(sweep)
        assert state_of(finished) == "finished"
        assert len(trials(finished)) == 6

    def test_stops_when_the_data_changed_meanwhile(self, past):
        sweep = made(past, sweep_spec())
        with pytest.raises(RunCancelledError):
            work_on(sweep, handle=Interrupted(left=2), clock=timezone.now)
        past.record(("tea-lover0", "tea1", "click"))
        with org_scope(past.org_id):
            resume_sweep(sweep, at=timezone.now())
        self.run(sweep)

        assert "changed since the sweep began" in self.read(sweep).run.error


def test_values_are_placed_where_their_bundle_is():
    spec = sweep_spec(
        parameters=[
            {"knob": "blend_alpha", "low": 0, "high": 1},
            {"knob": "mmr_lambda", "surface": "home", "low": 0, "high": 1},
        ]
    )
    document = placed(
        {"surfaces": {"home": {"brand_cap": 2}}},
        spec.space,
        {"blend_alpha": 0.2, "surfaces.home.mmr_lambda": 0.9},
    )

    assert document == {
        "blend_alpha": 0.2,
        "surfaces": {"home": {"brand_cap": 2, "mmr_lambda": 0.9}},
    }
    assert KNOBS_BY_NAME["mmr_lambda"].stage == "arrange"
