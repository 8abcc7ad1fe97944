"""Guardrails are checked again and again; a verdict is kept and told once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from catalog.core.faults import BadInputError
from catalog.operations import runs
from catalog.permissions import NotAllowedError
from catalog.tenancy import org_scope
from rules.operations.actors import Actor, of_job
from simulations.admin.guardrail_board import standing_chip
from simulations.core.bootstrap import Figure
from simulations.core.evaluation import Lift, Report, Slice
from simulations.core.judging import State, judge
from simulations.core.limits import Limit
from simulations.core.readings import judge_readings, of_evaluation
from simulations.metrics import GUARDRAIL_FAILURES
from simulations.models import GuardrailCheck
from simulations.operations.acknowledging import acknowledge
from simulations.operations.guard_schedules import keep_schedules, name_of, rhythms_of
from simulations.operations.guardrail_runs import check_namespace
from simulations.operations.guardrails import start_scheduled
from simulations.queries.guard_board import (
    breach_of,
    is_stale,
    newest_check,
    standings,
)
from tests.ranking.shops import Shop
from tests.rules.desks import Desk
from tests.simulations.test_forecasts import PIN

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
STRICT = "defaults: {fairness: {max_popularity_bias: 0.1}}"
KIND = "defaults: {fairness: {max_popularity_bias: 1.0}}"


def check(shop: Shop, *, at: Any = None) -> GuardrailCheck:
    return check_namespace(shop.namespace, cause="manual", at=at or timezone.now())


def failures(shop: Shop) -> float:
    counter = GUARDRAIL_FAILURES.labels(shop.name, "max_popularity_bias")
    return float(counter._value.get())


class TestACheck:
    def test_keeps_its_verdict_and_counts_what_is_broken(
        self, asked: Shop, no_guardrails: Path
    ) -> None:
        no_guardrails.write_text(STRICT)
        before = failures(asked)

        kept = check(asked)

        assert (kept.verdict, kept.requests) == ("broken", 60)
        assert kept.states == {"max_popularity_bias": "stop"}
        assert len(kept.samples) == 5
        assert failures(asked) == before + 1
        with org_scope(asked.org_id):
            assert newest_check(asked.namespace) == kept

    def test_is_not_kept_where_nothing_was_computed(
        self, asked: Shop, no_guardrails: Path
    ) -> None:
        no_guardrails.write_text("defaults: {quality: {min_segment_lift_ndcg: 0.1}}")

        assert check(asked).verdict == "unknown"

    def test_by_schedule_is_a_run_that_is_started_once(
        self, asked: Shop, no_guardrails: Path
    ) -> None:
        no_guardrails.write_text(KIND)
        number = asked.namespace.pk

        first = start_scheduled(namespace_id=number, at=timezone.now())
        again = start_scheduled(namespace_id=number, at=timezone.now())
        assert first is not None
        state = runs.execute(first.pk, org_id=asked.org_id, clock=timezone.now)

        assert again == first
        assert state == "succeeded"
        with org_scope(asked.org_id):
            kept = newest_check(asked.namespace)
        assert kept is not None
        assert (kept.cause, kept.verdict) == ("schedule", "kept")

    def test_of_a_namespace_that_is_gone_starts_nothing(self, asked: Shop) -> None:
        assert start_scheduled(namespace_id=2**40, at=timezone.now()) is None


class TestSchedules:
    def test_are_given_to_namespaces_with_limits_and_stay_as_staff_left_them(
        self, asked: Shop, no_guardrails: Path
    ) -> None:
        namespace = asked.namespace
        keep_schedules()
        assert not PeriodicTask.objects.filter(name=name_of(namespace)).exists()
        no_guardrails.write_text(KIND)

        keep_schedules()
        mine = PeriodicTask.objects.filter(name=name_of(namespace))
        mine.update(name="Every morning")
        mine = PeriodicTask.objects.filter(name="Every morning")
        assert rhythms_of([namespace]) == {namespace.pk: timedelta(hours=6)}
        mine.update(enabled=False)
        keep_schedules()

        assert not PeriodicTask.objects.filter(name=name_of(namespace)).exists()
        assert mine.count() == 1
        assert rhythms_of([namespace]) == {namespace.pk: None}


class TestTheBoard:
    def test_shows_what_was_never_checked_and_what_is_stale(
        self, asked: Shop, no_guardrails: Path
    ) -> None:
        no_guardrails.write_text(KIND)
        namespace, at = asked.namespace, timezone.now()
        limits = {namespace.pk: ["max_popularity_bias", "max_empty_share"]}
        rhythms: dict[int, timedelta | None] = {namespace.pk: timedelta(hours=6)}
        old = check(asked, at=at - timedelta(days=2))

        with org_scope(asked.org_id):
            found = standings([namespace], limits=limits, rhythms=rhythms, at=at)

        by_name = {each.name: each for each in found}
        kept = by_name["max_popularity_bias"]
        assert kept.judged is not None
        assert (kept.judged.state, kept.is_stale) == (State.PASS, True)
        assert standing_chip(kept.judged, is_stale=kept.is_stale).words == "Stale"
        assert [state for _, state in kept.ticks[-3:]] == [State.PASS, None, None]
        assert by_name["max_empty_share"].judged is None
        assert not is_stale(old, timedelta(days=1), at=at)

    def test_tells_what_was_published_just_before_a_breach(
        self, asked: Shop, desk: Desk, no_guardrails: Path
    ) -> None:
        no_guardrails.write_text(KIND)
        good = check(asked)
        desk.make(**{**PIN, "surface": "home"})
        no_guardrails.write_text("defaults: {quality: {max_empty_share: 0.5}}")
        check(asked)  # It does not tell of the one that breaks: not a good check.
        no_guardrails.write_text(STRICT)
        bad, worse = check(asked), check(asked)

        with org_scope(asked.org_id):
            breach = breach_of(asked.namespace, "max_popularity_bias")

        assert (breach.before, breach.since) == (good, bad)
        assert worse == breach.history[0][0]
        assert len(breach.versions) == 1


class TestAnAcknowledgement:
    def test_needs_an_operator_a_reason_and_an_end(self, asked: Shop) -> None:
        namespace, at = asked.namespace, timezone.now()
        viewer = Actor(
            identity="staff:1", name="Ben", source="ui", verbs=frozenset({"view"})
        )
        told: dict[str, Any] = {
            "reason": "Sale ends Friday.",
            "until": at + timedelta(days=3),
        }

        with org_scope(asked.org_id):
            with pytest.raises(NotAllowedError):
                acknowledge(namespace, "max_p95_ms", actor=viewer, at=at, **told)
            wrongs: list[dict[str, Any]] = [
                {"reason": " "},
                {"until": at + timedelta(days=60)},
            ]
            for wrong in wrongs:
                with pytest.raises(BadInputError):
                    acknowledge(
                        namespace,
                        "max_p95_ms",
                        actor=of_job("a test"),
                        at=at,
                        **{**told, **wrong},
                    )
            kept = acknowledge(
                namespace, "max_p95_ms", actor=of_job("a test"), at=at, **told
            )

        assert kept.by == "a test"


def report(*lifts: tuple[str, float | None]) -> Report:
    """Return an evaluation of some segments with their lifts over popularity."""
    one = Figure(value=1.0)
    return Report(
        headline="",
        task="served",
        k=20,
        split={},
        models={"system": {"catalog_coverage@20": Figure(value=0.7, n=50)}},
        lifts=[],
        slices=[
            Slice(
                kind="segment",
                key=key,
                users=20,
                models={},
                lifts=[
                    Lift(
                        metric="ndcg@10",
                        baseline="popularity",
                        difference=one,
                        relative=Figure(value=lift, low=0.0, high=1.0, n=20),
                    )
                ],
            )
            for key, lift in lifts
        ],
        folds=[],
        counts={},
        notes=[],
        seconds={},
    )


class TestReadings:
    limits = {
        "min_segment_lift_ndcg": Limit(stop=0.1),
        "min_segment_lift_mrr": Limit(stop=0.1),
        "min_catalog_coverage": Limit(stop=0.6),
    }

    def judged(self, told: Report) -> dict[str, tuple[State, str]]:
        before = judge(self.limits, after=None)
        found = judge_readings(self.limits, before, of_evaluation(told))
        return {each.name: (each.state, each.sentence) for each in found}

    def test_are_those_of_the_worst_segment(self) -> None:
        found = self.judged(report(("new", 0.05), ("old", 0.5)))

        state, sentence = found["min_segment_lift_ndcg"]
        assert state == State.STOP
        assert "5.0 % in new, the worst of 2 [0.0 % to 100.0 %], 20 users" in sentence
        assert found["min_catalog_coverage"][0] == State.PASS

    def test_that_are_missing_are_not_computed(self) -> None:
        found = self.judged(report(("new", None), ("old", 0.5)))

        assert found["min_segment_lift_ndcg"][0] == State.NOT_COMPUTED
        assert "In new popularity finds nothing" in found["min_segment_lift_ndcg"][1]
        assert found["min_segment_lift_mrr"][0] == State.NOT_COMPUTED
