"""What staff see of sweeps and proposals."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from catalog.models import Membership, Run
from catalog.operations.runs import execute
from catalog.tenancy import org_scope
from tuning.models import Proposal, Sweep, Trial, TrialState

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
        return Sweep.objects.select_related("run").get(namespace=past.namespace)


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
    other = next(number for number in (1, 2) if number != best)
    verified = staff.post(f"{SWEEPS}{sweep.pk}/propose/", {"trial": other})
    execute(UUID(verified.url.split("/")[-3]), org_id=past.org_id, clock=timezone.now)
    assert 'href="/admin/tuning/proposal/' in text_of(staff, verified.url)

    made = staff.post(f"{SWEEPS}{sweep.pk}/propose/", {"trial": best})
    assert "Waits for approval" in text_of(staff, made.url)
    assert "Trial" in text_of(staff, "/admin/tuning/proposal/")
    with org_scope(past.org_id):
        proposal = Proposal.objects.get(sweep=sweep, trial__number=best)
    for step in ("approve", "publish"):
        staff.post(f"/admin/tuning/proposal/{proposal.pk}/{step}/step/")
    assert "Roll back" in text_of(staff, made.url)


FORM = {"tune-blend_alpha": "on", "low-blend_alpha": "0", "high-blend_alpha": "1"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"low-blend_alpha": "much"}, "Blend alpha, from: much is no number."),
        ({"high-blend_alpha": ""}, "Blend alpha, to: nothing is no number."),
        ({"budget": "many"}, "Trials: many is no whole number."),
        ({"high-blend_alpha": "5000"}, "blend_alpha must be a number from 0 to 1000"),
    ],
)
def test_the_form_says_what_is_wrong_and_keeps_what_was_sent(
    past, log_in, wrong, words
):
    answer = log_in("publisher").post(f"{SWEEPS}add/", FORM | wrong)

    page = answer.content.decode()
    assert words in page
    assert 'name="tune-blend_alpha" checked' in page
    if value := wrong.get("low-blend_alpha"):
        assert f'value="{value}"' in page


def test_a_sweep_that_stands_still_is_ended_with_what_it_found(past, log_in):
    staff = log_in("publisher")
    page = staff.post(f"{SWEEPS}add/", FORM | {"budget": "5"}).url
    sweep = the_sweep(past)
    staff.post(f"{SWEEPS}{sweep.pk}/cancel/")
    with org_scope(past.org_id):
        for number, state in enumerate((TrialState.DONE, TrialState.WAITING)):
            Trial.objects.create(
                org_id=past.org_id,
                namespace=past.namespace,
                sweep=sweep,
                number=number,
                state=state,
                metrics={"ndcg@10": 0.1},
            )
    assert "End with what it found" in text_of(staff, page)

    staff.post(f"{SWEEPS}{sweep.pk}/conclude/")

    assert "1 of 1 trials, ended before its 5" in text_of(staff, page)
    assert the_sweep(past).run.state == "queued"


def test_a_sweep_is_cancelled_and_taken_up_in_the_name_of_who_asks(past, log_in):
    staff = log_in("publisher")
    page = staff.post(f"{SWEEPS}add/", FORM | {"budget": "2"}).url
    sweep = the_sweep(past)

    staff.post(f"{SWEEPS}{sweep.pk}/cancel/")
    stopped = text_of(staff, page)
    staff.post(f"{SWEEPS}{sweep.pk}/resume/")

    assert "Cancelled" in stopped
    assert "takes it up where it was" in stopped
    assert "End with what it found" not in stopped
    assert "data-progress-url" in text_of(staff, page)
    with org_scope(past.org_id):
        runs = Run.objects.filter(parameters__sweep_id=str(sweep.pk))
        told = [(run.state, run.requested_by) for run in runs.order_by("created_at")]
    name = f"publisher-{past.org_id}"
    assert told == [("cancelled", name), ("queued", name)]


def test_a_large_sweep_is_shown_a_page_at_a_time_the_best_first(past, log_in):
    staff = log_in("publisher")
    staff.post(f"{SWEEPS}add/", FORM | {"budget": "1000", "strategy": "random"})
    sweep = the_sweep(past)
    with org_scope(past.org_id):
        Trial.objects.bulk_create(
            Trial(
                org_id=past.org_id,
                namespace=past.namespace,
                sweep=sweep,
                number=number,
                state="failed" if number % 3 == 1 else "done",
                values={"blend_alpha": number / 1000},
                metrics={} if number % 3 == 1 else {"ndcg@10": number / 1000},
                violation=1.0 if number > 900 else -1.0,
            )
            for number in range(990)
        )
    address = f"{SWEEPS}{sweep.pk}/live/"

    best = text_of(staff, address)
    last = text_of(staff, f"{address}?page=99")
    by_number = text_of(staff, f"{address}?order=number&page=2")

    assert trials_in(best)[:3] == [900, 899, 897]
    assert len(trials_in(best)) == 50
    assert trials_in(last)[-1] == 988
    assert "Page 20 of 20" in last
    assert trials_in(by_number) == list(range(50, 100))
    assert "order=number&amp;page=2" in by_number.partition(">")[0]
    assert best.count("<circle") < 300
    assert staff.post(f"{SWEEPS}{sweep.pk}/propose/", {"trial": "x"}).status_code == 404


def trials_in(page):
    return [int(each) for each in re.findall(r'name="trial" value="(\d+)"', page)]


def test_a_viewer_looks_and_starts_nothing(past, log_in):
    viewer = log_in("viewer")

    assert "New sweep" not in text_of(viewer, SWEEPS)
    assert viewer.get(f"{SWEEPS}add/").status_code == 403
