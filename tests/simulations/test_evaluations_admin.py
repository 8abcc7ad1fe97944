"""What staff see of evaluations, and start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
        return Evaluation.objects.create(
            id=new_id(),
            org_id=shop.org_id,
            namespace=shop.namespace,
            name="spring",
            spec={},
            report=report,
            headline=report["headline"],
            users=40,
            engine_version=5,
            configuration_hash=b"1" * 32,
            events_fingerprint="f",
            per_user_file="evaluations/1/gone.parquet",
            duration_seconds=3.0,
            created_at=timezone.now(),
        )


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
