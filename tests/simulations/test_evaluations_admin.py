"""What staff see of evaluations, and start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from catalog.models import Membership, Run
from catalog.models.runs import new_id
from catalog.tenancy import org_scope
from simulations.api.evaluation_bodies import EXAMPLE_EVALUATION
from simulations.models import Evaluation
from tests.ranking.shops import Shop, items

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/simulations/evaluation/"
type LogIn = Callable[[str], Client]


@pytest.fixture
def log_in(shop: Shop) -> LogIn:
    shop.sell(*items(["tea"]))

    def as_role(role: str) -> Client:
        staff = get_user_model().objects.create_user(
            f"{role}-{shop.org_id}", is_staff=True
        )
        Membership.objects.create(
            staff=staff, org_id=shop.org_id, namespace=shop.namespace, role=role
        )
        client = Client()
        client.force_login(staff)
        return client

    return as_role


@pytest.fixture
def kept(shop: Shop, log_in: LogIn) -> Evaluation:
    return keep(shop)


def keep(shop: Shop, **told: Any) -> Evaluation:
    figure = {"value": 0.3, "low": 0.2, "high": 0.4, "n": 40}
    gap = {"value": 0.1, "low": 0.05, "high": 0.15, "n": 40}
    lift = {
        "metric": "ndcg@10",
        "baseline": "popularity",
        "difference": gap,
        "relative": {"value": 0.5, "low": 0.2, "high": 0.8, "n": 40},
    }
    models = {"system": {"ndcg@10": figure}, "popularity": {"ndcg@10": figure}}
    part = {"kind": "segment", "key": "vip", "users": 12}
    example: dict[str, Any] = EXAMPLE_EVALUATION["report"]  # type: ignore[assignment]
    report = example | {
        "headline": "Better than every baseline. NDCG@10 0.3000 on 40 users.",
        "models": models,
        "lifts": [lift],
        "slices": [part | {"models": models, "lifts": [lift]}],
        "counts": {"users": 40, "questions": 40},
    }
    with org_scope(shop.org_id):
        facts = {
            "name": "spring",
            "spec": {},
            "events_fingerprint": "f",
            "per_user_file": "evaluations/1/gone.parquet",
        }
        return Evaluation.objects.create(
            id=new_id(),
            org_id=shop.org_id,
            namespace=shop.namespace,
            report=report,
            headline=report["headline"],
            users=40,
            engine_version=5,
            configuration_hash=b"1" * 32,
            duration_seconds=3.0,
            created_at=timezone.now(),
            **(facts | told),
        )


def measured(root: Path, name: str, figures: dict[int, float]) -> str:
    """Write what users got, by number; return the file as an evaluation names it."""
    table = pa.table(
        {
            "fold": ["cut"] * len(figures),
            "user_number": list(figures),
            "model": ["system"] * len(figures),
            "ndcg@10": list(figures.values()),
        }
    )
    pq.write_table(table, root / name)
    return name


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def test_the_list_tells_verdicts(log_in: LogIn, kept: Evaluation) -> None:
    page = text_of(log_in("viewer"), LIST)

    assert "spring" in page
    assert "Better" in page
    assert 'name="task"' not in page


def test_a_report_begins_with_its_verdict(log_in: LogIn, kept: Evaluation) -> None:
    page = text_of(log_in("merchandiser"), f"{LIST}{kept.pk}/change/")

    verdict, tiles = page.index(kept.headline), page.index('id="tiles-title"')
    assert verdict < tiles
    assert "0.2000 to 0.4000" in page
    assert "95 % interval +0.0500 to +0.1500" in page
    assert "vip" in page
    assert "Traits of users are those of today." in page
    assert "what was in force, without rules" in page


def test_the_report_is_to_be_had_as_json(log_in: LogIn, kept: Evaluation) -> None:
    answer = log_in("viewer").get(f"{LIST}{kept.pk}/report/")

    assert answer.json()["report"]["headline"] == kept.headline


def test_a_file_that_is_gone_is_told_of(log_in: LogIn, kept: Evaluation) -> None:
    client = log_in("merchandiser")

    answer = client.get(f"{LIST}{kept.pk}/users/", follow=True)

    assert "Run the evaluation again" in answer.content.decode()


def test_one_is_started_by_those_who_may(shop: Shop, log_in: LogIn) -> None:
    asked = {"name": "autumn", "task": "new", "folds": "2"}

    refused = log_in("viewer").post(f"{LIST}evaluate/", asked)
    wrong = log_in("publisher").post(f"{LIST}evaluate/", asked | {"task": "magic"})
    started = log_in("merchandiser").post(f"{LIST}evaluate/", asked)

    assert refused.status_code == 403
    assert wrong.status_code == 302
    assert started.status_code == 302
    with org_scope(shop.org_id):
        (run,) = Run.objects.filter(kind="evaluation")
    assert run.parameters["spec"]["task"] == "new"
    assert run.parameters["spec"]["split"]["folds"] == 2


class TestSideBySide:
    @pytest.fixture
    def root(self, tmp_path: Path, settings: Any) -> Path:
        settings.FILES_ROOT = tmp_path
        return tmp_path

    def compared(self, client: Client, *chosen: Evaluation) -> str:
        ids = "&".join(f"id={each.pk}" for each in chosen)
        return text_of(client, f"{LIST}compare/?{ids}")

    def test_users_are_held_against_themselves(
        self, shop: Shop, log_in: LogIn, root: Path
    ) -> None:
        users = {number: number / 40 for number in range(1, 21)}
        first = keep(shop, per_user_file=measured(root, "a.parquet", users))
        better = {number: figure + 0.25 for number, figure in users.items()} | {99: 9.0}
        second = keep(
            shop,
            name="with tea",
            spec={"overrides": {"mmr_lambda": 0.2}},
            per_user_file=measured(root, "b.parquet", better),
        )

        page = self.compared(log_in("viewer"), second, first)

        assert "2 evaluations side by side" in page
        assert "mmr_lambda 0.2" in page
        assert "+0.2500, 95 % interval +0.2500 to +0.2500" in page
        assert page.index(">spring<") < page.index(">with tea<")
        assert "message warning" not in page

    def test_what_was_not_measured_alike_is_not_compared(
        self, shop: Shop, log_in: LogIn, root: Path
    ) -> None:
        file = measured(root, "a.parquet", {1: 0.5})
        first = keep(shop, per_user_file=file)
        other_task = keep(shop, per_user_file=file, spec={"task": "new", "k": 30})
        other_events = keep(shop, per_user_file=file, events_fingerprint="g")
        nobody_there = keep(shop, per_user_file=measured(root, "c.parquet", {2: 0.5}))
        client = log_in("viewer")

        assert "the length of lists and what may be shown differ" in self.compared(
            client, first, other_task
        )
        assert "Measured on other events" in self.compared(client, first, other_events)
        assert "no user of the same cut in common" in self.compared(
            client, first, nobody_there
        )
        assert "not on this machine" in self.compared(client, first, keep(shop))

    def test_one_alone_is_not_compared(self, log_in: LogIn, kept: Evaluation) -> None:
        client = log_in("viewer")

        for asked in (f"?id={kept.pk}", "?id=none&id=such"):
            answer = client.get(f"{LIST}compare/{asked}", follow=True)
            assert "Choose at least two" in answer.content.decode()
