"""Evaluations: honest, repeatable, with baselines, and to be had by every door."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.core.moments import microseconds
from catalog.models import Item
from catalog.operations import runs
from catalog.tenancy import org_scope
from simulations.core.evaluation import SYSTEM, EvaluationSpec
from simulations.core.splits import Fold, Split, folds_of
from simulations.models import Evaluation
from simulations.operations.evaluating import evaluate
from simulations.operations.evaluation_runs import run_evaluation
from simulations.operations.fold_worlds import Clock, PreparedFold, prepared_folds
from simulations.operations.folds import FoldResult, ask_fold, judge_fold
from simulations.operations.material import Material, read_material
from simulations.queries.evaluations import per_user_path
from tests.ranking.shops import Shop, items
from tests.rules.desks import Desk

pytestmark = pytest.mark.django_db(transaction=True)

USERS, ITEMS = 24, 30
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
CUT = FIRST + timedelta(days=60)
KINDS = ("tea", "coffee", "mug")
SURFACES = ("home", "cart")
SPEC = EvaluationSpec(
    split=Split(at=CUT), task="all", k=10, ks=(5, 10), draws=50, relevance="binary"
)


def purchases(seed: int, *, first_day: int, days: int, per_user: int) -> list[Any]:
    """Draw what users buy: mostly of the kind that they like."""
    rng = np.random.default_rng(seed)
    events = []
    for user in range(USERS):
        for _ in range(per_user):
            liked = user % 3 if rng.random() < 0.8 else int(rng.integers(3))
            number = int(rng.integers(ITEMS // 3)) * 3 + liked
            at = FIRST + timedelta(days=first_day + float(rng.random()) * days)
            events.append((f"u{user}", f"i{number}", at))
    return events


def record(shop: Shop, events: list[Any]) -> None:
    shop.ask(
        "/v1/events:batch",
        events=[
            {
                "user_id": user,
                "item_id": item,
                "type": "purchase",
                "ts": at.isoformat(),
                "meta": {"surface": SURFACES[int(user[1:]) % 2]},
            }
            for user, item, at in events
        ],
    )


@pytest.fixture
def known(shop: Shop) -> Shop:
    """A shop of three kinds of things, and what its users bought in sixty days."""
    for place, kind in enumerate(KINDS):
        ids = [f"i{n}" for n in range(place, ITEMS, 3)]
        shop.sell(*items(ids, tags=[kind], category=kind, brand=f"{kind} house"))
    shop.ask(
        "/v1/users:upsert",
        users=[
            {"user_id": f"u{n}", "traits": {"segment": "thirsty" if n % 2 else "dry"}}
            for n in range(USERS)
        ],
    )
    record(shop, purchases(1, first_day=0, days=59, per_user=8))
    return shop


@pytest.fixture
def later(known: Shop) -> Shop:
    record(known, purchases(2, first_day=61, days=20, per_user=5))
    return known


def evaluated_fold(
    material: Material, prepared: PreparedFold, spec: EvaluationSpec, *, clock: Clock
) -> FoldResult:
    with ThreadPoolExecutor(max_workers=1) as answering:
        one = ask_fold(material, prepared, spec, answering=answering, clock=clock)
        return judge_fold(material, one, clock=clock)


def folded(
    shop: Shop, fold: Fold, directory: Path, *, spec: EvaluationSpec = SPEC
) -> FoldResult:
    material = read_material(shop.namespace, at=timezone.now())
    clock = Clock()
    [prepared] = prepared_folds(
        material, [fold], spec, directory=directory, clock=clock
    )
    return evaluated_fold(material, prepared, spec, clock=clock)


def the_fold(shop: Shop) -> Fold:
    material = read_material(shop.namespace, at=timezone.now())
    return folds_of(material.events, SPEC.split)[0]


def lists_of(result: FoldResult, name: str = SYSTEM) -> dict[str, list[int]]:
    return {
        person.user_id: line
        for person, line in zip(result.people, result.lists[name].tolist(), strict=True)
    }


class TestHonesty:
    def test_what_comes_later_changes_no_list(
        self, known: Shop, tmp_path: Path
    ) -> None:
        record(known, purchases(2, first_day=61, days=20, per_user=5))
        one = folded(known, the_fold(known), tmp_path / "one")
        everybody_wants = [(f"u{n}", "i0", CUT + timedelta(days=3)) for n in range(24)]
        record(known, everybody_wants * 3)

        other = folded(known, the_fold(known), tmp_path / "other")

        for name in one.lists:
            assert lists_of(one, name) == lists_of(other, name), name

    def test_a_planted_leak_is_noticed(self, later: Shop, tmp_path: Path) -> None:
        fold = the_fold(later)
        honest = folded(later, fold, tmp_path / "honest")
        leaking = msgspec.structs.replace(
            fold,
            before=fold.before | fold.after,
            cut_us=microseconds(CUT + timedelta(days=30)),
        )

        cheat = folded(later, leaking, tmp_path / "cheat")

        metric = "ndcg@10"
        for name in (SYSTEM, "own_purchases", "ease"):
            gained = cheat.columns[name][metric].mean()
            assert gained > honest.columns[name][metric].mean() + 0.05, name

    def test_items_of_the_future_are_no_candidates(
        self, later: Shop, tmp_path: Path
    ) -> None:
        later.sell(*items(["tomorrow"], tags=["tea"], category="tea"))
        record(
            later, [(f"u{n}", "tomorrow", CUT + timedelta(days=2)) for n in range(9)]
        )

        result = folded(later, the_fold(later), tmp_path)

        assert len(result.numbers) == ITEMS
        assert result.facts.candidates.all()

    def test_a_new_task_shows_and_asks_for_nothing_known(
        self, later: Shop, tmp_path: Path
    ) -> None:
        spec = msgspec.structs.replace(SPEC, task="new")

        result = folded(later, the_fold(later), tmp_path, spec=spec)

        known = result.held.known.toarray() > 0
        assert not (known & (result.held.chosen.toarray() > 0)).any()
        for lists in result.lists.values():
            for user, line in enumerate(lists):
                assert not known[user, line[line >= 0]].any()


class TestFolds:
    def test_prepared_ahead_are_those_prepared_alone(
        self, later: Shop, tmp_path: Path
    ) -> None:
        material = read_material(later.namespace, at=timezone.now())
        folds = folds_of(material.events, Split(folds=3))
        clock = Clock()

        ahead = [
            evaluated_fold(material, each, SPEC, clock=clock)
            for each in prepared_folds(
                material, folds, SPEC, directory=tmp_path / "ahead", clock=clock
            )
        ]

        for number, result in enumerate(ahead):
            alone = folded(later, folds[number], tmp_path / str(number))
            assert result.fold.name == folds[number].name
            for name, lists in alone.lists.items():
                assert (result.lists[name] == lists).all(), name

    def test_come_in_their_order_whichever_is_asked_first(self, later: Shop) -> None:
        spec = msgspec.structs.replace(SPEC, split=Split(folds=3))

        found = evaluate(later.namespace, spec, at=timezone.now()).report

        cuts = [fold.cut for fold in found.folds]
        assert cuts == sorted(cuts)


class TestReports:
    def test_compare_with_every_baseline_on_the_same_users(self, later: Shop) -> None:
        report = evaluate(later.namespace, SPEC, at=timezone.now()).report

        assert set(report.models) == {SYSTEM, *SPEC.baselines}
        sizes = {figures["ndcg@10"].n for figures in report.models.values()}
        assert sizes == {report.counts["users"]}
        for lift in report.lifts:
            ours = report.models[SYSTEM][lift.metric].value
            theirs = report.models[lift.baseline][lift.metric].value
            if ours is not None and theirs is not None:
                assert lift.difference.value == pytest.approx(ours - theirs)
        assert {each.key for each in report.slices if each.kind == "segment"} == {
            "thirsty",
            "dry",
        }
        surfaces = {e.key: e.users for e in report.slices if e.kind == "surface"}
        assert surfaces == dict.fromkeys(SURFACES, USERS // 2)
        assert "NDCG@5" in report.headline

    def test_are_the_same_when_done_again(self, later: Shop) -> None:
        once, again = (
            evaluate(later.namespace, SPEC, at=timezone.now()) for _ in range(2)
        )

        assert once.per_user.equals(again.per_user)
        assert once.report.models == again.report.models

    def test_knobs_on_top_change_what_is_evaluated(self, later: Shop) -> None:
        alone = msgspec.structs.replace(
            SPEC,
            overrides={
                "blend_beta": 0,
                "blend_gamma": 0,
                "mmr_lambda": "off",
                "profile_boost": 0,
            },
        )

        plain = evaluate(later.namespace, SPEC, at=timezone.now()).per_user
        popular = evaluate(later.namespace, alone, at=timezone.now()).per_user

        assert plain["list"].to_pylist() != popular["list"].to_pylist()

    def test_rules_of_today_act_where_that_is_asked(self, later: Shop) -> None:
        begins = (timezone.now() - timedelta(hours=1)).isoformat()
        Desk(later.org_id).make(
            action="BLOCK",
            target_type="TAG",
            target_key="coffee",
            boost_value=None,
            surface="*",
            valid_from=begins,
        )
        ruled = msgspec.structs.replace(SPEC, with_rules=True)
        coffee = {
            number
            for number, item_id in Item.unscoped.filter(
                org_id=later.org_id
            ).values_list("id", "item_id")
            if int(item_id[1:]) % 3 == 1
        }

        def shown(spec: EvaluationSpec) -> set[int]:
            rows = evaluate(later.namespace, spec, at=timezone.now()).per_user
            ours = rows.filter(pc.equal(rows["model"], SYSTEM))
            return {number for line in ours["list"].to_pylist() for number in line}

        assert shown(SPEC) & coffee
        assert not shown(ruled) & coffee

    def test_a_kept_one_is_a_baseline_of_another(self, later: Shop) -> None:
        first = run_evaluation(
            later.namespace,
            msgspec.structs.replace(SPEC, name="spring"),
            requested_by="ana",
            at=timezone.now(),
        )
        spec = msgspec.structs.replace(SPEC, compare_to=(str(first.pk),))

        report = evaluate(later.namespace, spec, at=timezone.now()).report

        lift = report.lift("ndcg@10", "evaluation:spring")
        assert lift is not None
        assert lift.difference.value == 0.0
        rows = pq.read_table(per_user_path(first))
        assert set(rows["model"].to_pylist()) == {SYSTEM, *SPEC.baselines}


class TestDoors:
    @pytest.fixture
    def evaluation(self, later: Shop) -> dict[str, Any]:
        spec = msgspec.to_builtins(SPEC) | {"name": "by api"}
        answer = later.ask("/v1/admin/evaluations", spec=spec)
        runs.execute(answer["run_id"], org_id=later.org_id, clock=timezone.now)
        listed = later.get("/v1/admin/evaluations", namespace=later.name).json()
        newest: dict[str, Any] = listed["items"][0]
        return newest

    def test_the_api_starts_it_and_shows_it(
        self, later: Shop, evaluation: dict[str, Any]
    ) -> None:
        key = evaluation["evaluation_id"]
        shown = later.get(f"/v1/admin/evaluations/{key}").json()
        users = later.get(f"/v1/admin/evaluations/{key}/users")

        assert shown["report"]["headline"] == evaluation["headline"]
        assert shown["report"]["models"]["system"]["ndcg@10"]["n"] == shown["users"]
        assert b"".join(users.streaming_content).startswith(b"PAR1")

    def test_another_org_does_not_see_it(
        self, later: Shop, evaluation: dict[str, Any]
    ) -> None:
        stranger = Shop(org_id=type(later.org_id)(int=7), client=later.client)

        gone = stranger.get(f"/v1/admin/evaluations/{evaluation['evaluation_id']}")

        assert gone.status_code == 404

    def test_the_command_ends_with_what_came_of_it(self, later: Shop) -> None:
        def ended(*arguments: str) -> tuple[int, str]:
            told = StringIO()
            with pytest.raises(SystemExit) as end:
                call_command(
                    "run_quality_eval",
                    *("--namespace", later.name, "--org-id", str(later.org_id)),
                    *("--split-at", CUT.isoformat(), "--k", "10", "--ks", "5,10"),
                    *("--draws", "50", *arguments),
                    stdout=told,
                    stderr=told,
                )
            assert isinstance(end.value.code, int)
            return end.value.code, told.getvalue()

        kept, report = ended(
            "--json", "--task", "all", "--min-catalog-coverage", "0.01"
        )
        below, why = ended("--task", "all", "--min-catalog-coverage", "1.1")
        impossible, words = ended("--override", "no_knob=1")

        assert (kept, below, impossible) == (0, 1, 2)
        assert json.loads(report)["report"]["task"] == "all"
        assert "catalog_coverage@10" in why
        assert "no_knob is no knob" in words
        with org_scope(later.org_id):
            assert Evaluation.objects.count() == 2
