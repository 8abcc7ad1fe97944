"""What staff see of sweeps and proposals."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from catalog.models import Membership
from catalog.operations.runs import execute
from catalog.tenancy import org_scope
from tuning.models import Proposal, Sweep

SWEEPS = "/admin/tuning/sweep/"


@pytest.fixture
def log_in(past, django_db_blocker):
    def as_role(role):
        with django_db_blocker.unblock():
            staff = get_user_model().objects.create_user(
                f"{role}-{past.org_id}", is_staff=True
            )
            Membership.objects.create(
                staff=staff, org_id=past.org_id, namespace=past.namespace, role=role
            )
            client = Client()
            client.force_login(staff)
            return client

    return as_role


def text_of(client, url):
    answer = client.get(url)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def the_sweep(past):
    with org_scope(past.org_id):
        return Sweep.objects.get(namespace=past.namespace)


def test_a_sweep_goes_from_the_form_to_a_published_profile(past, log_in):
    staff = log_in("publisher")
    assert "No sweep yet" in text_of(staff, SWEEPS)
    form = {
        "name": "Spring",
        "tune-blend_alpha": "on",
        "low-blend_alpha": "0",
        "high-blend_alpha": "1",
        "tune-normalisation": "on",
        "objective": ["ndcg@10", "catalog_coverage@20"],
        "strategy": "random",
        "budget": "4",
        "task": "all",
        "max_users": "50",
    }

    refused = staff.post(f"{SWEEPS}add/", form | {"high-blend_alpha": "-1"})
    begun = staff.post(f"{SWEEPS}add/", form)
    sweep = the_sweep(past)
    waiting = text_of(staff, begun.url)
    execute(sweep.run_id, org_id=past.org_id, clock=timezone.now)
    page = text_of(staff, begun.url)

    assert "low must be below high" in refused.content.decode()
    assert "data-progress-url" in waiting
    assert "Pareto front" in page
    assert "data-progress-url" not in page
    trial = text_of(staff, f"{SWEEPS}{sweep.pk}/trials/2/")
    assert "What some users would have been shown" in trial
    assert "Trial 0" in text_of(staff, f"{SWEEPS}{sweep.pk}/compare/?trial=0&trial=2")
    zipped = staff.get(f"{SWEEPS}{sweep.pk}/bundle/")
    assert zipped.content.startswith(b"PK")

    best = the_sweep(past).outcome["best"]
    made = staff.post(f"{SWEEPS}{sweep.pk}/propose/", {"trial": best})
    assert "Waits for approval" in text_of(staff, made.url)
    assert "Trial" in text_of(staff, "/admin/tuning/proposal/")
    with org_scope(past.org_id):
        proposal = Proposal.objects.get(sweep=sweep)
    for step in ("approve", "publish"):
        staff.post(f"/admin/tuning/proposal/{proposal.pk}/{step}/step/")
    assert "Roll back" in text_of(staff, made.url)


def test_a_viewer_looks_and_starts_nothing(past, log_in):
    viewer = log_in("viewer")

    assert "New sweep" not in text_of(viewer, SWEEPS)
    assert viewer.get(f"{SWEEPS}add/").status_code == 403
