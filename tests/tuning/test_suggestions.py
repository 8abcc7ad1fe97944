"""Suggestions from past trials, and a sweep that tries them first."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from catalog.models import Membership
from catalog.operations.runs import execute
from catalog.tenancy import org_scope
from tests.tuning.test_proposals import SPEC
from tuning.core.spec import spec_of
from tuning.models import Sweep, Trial, TrialState

SWEEPS = "/v1/admin/sweeps"
ADMIN = "/admin/tuning/sweep"


@pytest.fixture
def tried(shop):
    """A finished sweep whose figure rises with alpha and does not ask for beta."""
    shop.sell({"item_id": "a"})
    with org_scope(shop.org_id):
        sweep = Sweep.objects.create(
            org_id=shop.org_id,
            namespace=shop.namespace,
            name="Spring",
            spec=SPEC | {"objectives": [{"metric": "ndcg@10"}], "budget": 12},
            profile="default",
            budget=12,
            created_at=timezone.now(),
            finished_at=timezone.now(),
        )
        for number in range(12):
            alpha = number / 20
            Trial.objects.create(
                org_id=shop.org_id,
                namespace=shop.namespace,
                sweep=sweep,
                number=number,
                values={"blend_alpha": alpha, "blend_beta": (number * 7 % 12) / 12},
                metrics={"ndcg@10": 0.1 + 0.2 * alpha},
                violation=-0.5,
                state=TrialState.DONE,
                finished_at=timezone.now(),
            )
    return SimpleNamespace(sweep=sweep, api=f"{SWEEPS}/{sweep.pk}")


@pytest.fixture
def staff(shop, tried):
    """Return clients by role."""

    def client_of(role):
        user = get_user_model().objects.create_user(
            f"{role}-{shop.org_id}", is_staff=True
        )
        Membership.objects.create(
            staff=user, org_id=shop.org_id, namespace=shop.namespace, role=role
        )
        client = Client()
        client.force_login(user)
        return client

    return client_of


def done(shop, run_id):
    execute(run_id, org_id=shop.org_id, clock=timezone.now)


def test_the_api_suggests_with_improvement_and_reasons(shop, tried):
    assert shop.get(f"{tried.api}/suggestions").status_code == 404
    run = shop.post(f"{tried.api}:suggest", {"count": 3, "seed": 1})
    again = shop.post(f"{tried.api}:suggest", {"count": 3, "seed": 1})
    waiting = shop.get(f"{tried.api}/suggestions").json()
    done(shop, run.json()["run_id"])

    found = shop.get(f"{tried.api}/suggestions").json()

    assert run.status_code == 202
    # Who asks again while it waits gets the same.
    assert again.json()["run_id"] == run.json()["run_id"]
    assert (waiting["state"], waiting["suggestions"]) == ("queued", [])
    assert (found["samples_used"], found["trials_since"]) == (12, 0)
    assert found["best"]["figures"] == {"ndcg@10": pytest.approx(0.21)}
    assert len(found["suggestions"]) == 3
    first = found["suggestions"][0]
    assert first["values"]["blend_alpha"] > 0.55
    better = first["improvement"]["ndcg@10"]
    assert better["mean"] > 0
    assert better["low"] < better["mean"] < better["high"]
    assert better["chance"] > 0.9
    assert any(
        each.startswith("Raise blend_alpha from 0.55") for each in first["reasons"]
    )


def test_a_sweep_tries_what_was_suggested_first(shop, tried, staff):
    editor, page = staff("publisher"), f"{ADMIN}/{tried.sweep.pk}/suggestions/"
    assert "Nothing suggested yet" in editor.get(page).content.decode()
    editor.post(f"{ADMIN}/{tried.sweep.pk}/suggest/")
    assert "data-progress-url" in editor.get(page).content.decode()
    run_id = shop.get(f"{tried.api}/suggestions").json()["run_id"]
    done(shop, run_id)
    told = shop.get(f"{tried.api}/suggestions").json()["suggestions"]

    shown = editor.get(page).content.decode()
    form = {"run": run_id, "budget": "9", "chosen": ["0", "2"]}
    nothing = editor.post(
        f"{ADMIN}/{tried.sweep.pk}/start-from/", form | {"chosen": []}
    )
    begun = editor.post(f"{ADMIN}/{tried.sweep.pk}/start-from/", form)

    assert "Raise blend_alpha from 0.55" in shown
    assert "better with" in shown
    assert nothing.url == page
    with org_scope(shop.org_id):
        sweep = Sweep.objects.exclude(pk=tried.sweep.pk).get(namespace=shop.namespace)
    assert begun.url == f"{ADMIN}/{sweep.pk}/change/"
    assert sweep.name == "Spring, from suggestions"
    assert sweep.budget == 9
    assert spec_of(sweep.spec).first == (told[0]["values"], told[2]["values"])


def test_a_viewer_reads_suggestions_and_asks_for_none(tried, staff):
    viewer, page = staff("viewer"), f"{ADMIN}/{tried.sweep.pk}"

    assert (
        "Suggest what to try next"
        not in viewer.get(f"{page}/suggestions/").content.decode()
    )
    assert viewer.post(f"{page}/suggest/").status_code == 403
    assert viewer.post(f"{page}/start-from/").status_code == 403


def test_what_is_tried_first_must_lie_in_its_range(shop, tried):
    spec = SPEC | {"first": [{"blend_alpha": 4, "blend_beta": 0.1}]}

    answer = shop.post(SWEEPS, {"namespace": "shop", "spec": spec})

    assert answer.status_code == 400
    assert "blend_alpha 4 cannot be tried first" in answer.json()["message"]
