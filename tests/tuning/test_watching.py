"""A published proposal is watched for a week, and an alert tells when it parts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from audit.models import FeedbackHour
from catalog.models import Membership
from catalog.tenancy import org_scope
from rules.models import Incident
from rules.operations.alerts import body_of, keep_incidents
from tests.tuning.test_proposals import actor, finished, proposed
from tuning.operations.proposals import approve, publish, take_back
from tuning.queries.watches import watch_of

__all__ = ["finished"]

PUBLISHED = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
START = datetime(2026, 3, 10, 10, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
PROMISE = {"relative": {"value": 0.1, "low": 0.05, "high": 0.15}}


@pytest.fixture
def live(shop, finished):
    """A proposal published on a Tuesday; version 1 ranked before it, this is 2."""
    figure = {"precision@10": 0.2}
    finished.sweep.outcome["evidence"] |= {
        **{"users": 900, "is_held_out": True, "before": figure, "after": figure},
        "lifts": {"precision@10": PROMISE},
    }
    made = proposed(shop, finished)
    with org_scope(shop.org_id):
        approve(made, actor=actor("ben"))
        return publish(made, actor=actor("ben"), at=PUBLISHED)


def count(shop, *, since, days, clicks, purchases=0, profile):
    """Count answers of each hour as beat would: 1,000 items seen, so many clicked."""
    with org_scope(shop.org_id):
        FeedbackHour.objects.bulk_create(
            FeedbackHour(
                org_id=shop.org_id,
                namespace=shop.namespace,
                dimension="profile",
                value=profile,
                hour=since + timedelta(hours=hour),
                answers=100,
                served=1_000,
                impressions=1_000,
                clicks=clicks,
                purchases=purchases,
            )
            for hour in range(24 * days)
        )


def watched(shop, proposal, *, at):
    with org_scope(shop.org_id):
        watch = watch_of(proposal, at=at)
    return {each.figure: (each.standing, each.days) for each in watch.figures}


def test_a_day_is_judged_when_what_came_of_it_is_known(shop, live):
    week = {"days": 7, "purchases": 9}
    count(shop, since=START - WEEK, clicks=50, profile="default 1", **week)
    count(shop, since=START, clicks=40, profile="default 2", **week)

    # A click is put down to its answer for a day, a purchase for a week.
    assert watched(shop, live, at=START + 1.9 * DAY) == {
        "ctr": ("too_early", 0),
        "conversion": ("too_early", 0),
    }
    assert watched(shop, live, at=START + 3 * DAY) == {
        "ctr": ("below_forecast", 2),
        "conversion": ("too_early", 0),
    }
    assert watched(shop, live, at=START + 30 * DAY) == {
        "ctr": ("below_forecast", 7),
        "conversion": ("as_forecast", 7),
    }


def test_the_same_weekdays_are_compared_and_only_the_versions_own_answers(shop, live):
    count(shop, since=START - WEEK, days=2, clicks=50, profile="default 1")
    # Before it was published, other versions, and days that have no partner yet.
    count(shop, since=START - 5 * DAY, days=5, clicks=900, profile="default 1")
    count(shop, since=START - WEEK, days=7, clicks=900, profile="other 1")
    count(shop, since=START, days=2, clicks=55, profile="default 2")
    count(shop, since=START, days=7, clicks=900, profile="default 3")

    with org_scope(shop.org_id):
        ctr = watch_of(live, at=START + 3.5 * DAY).figures[0]

    assert ctr.before == (2_400, 48_000)
    assert ctr.after == (2_640, 48_000)
    assert ctr.standing == "as_forecast"


@pytest.fixture
def parted(shop, live):
    count(shop, since=START - WEEK, days=7, clicks=50, profile="default 1")
    count(shop, since=START, days=7, clicks=30, profile="default 2")
    return SimpleNamespace(proposal=live, at=START + 4 * DAY)


def told(shop, *, at):
    news = keep_incidents(shop.namespace, at=at)
    return news, body_of(shop.namespace, news, at=at)


def test_an_alert_opens_when_they_part_and_closes_when_it_is_taken_back(shop, parted):
    news, body = told(shop, at=parted.at)
    (group,) = body["opened"]
    again, _ = told(shop, at=parted.at + DAY)
    with org_scope(shop.org_id):
        take_back(parted.proposal, actor=actor("ben"), at=parted.at)
    over, _ = told(shop, at=parted.at + DAY)

    assert (group["kind"], group["title"]) == ("forecast", "Not as forecast")
    (incident,) = group["incidents"]
    assert incident["proposal_id"] == str(parted.proposal.pk)
    assert incident["sentence"].startswith(
        "Version 2 of default is not as forecast. Click rate -40.0% (-43."
    )
    assert incident["sentence"].endswith(": clearly less than forecast.")
    assert (len(again.opened), len(over.recovered)) == (0, 1)
    with org_scope(shop.org_id):
        assert Incident.objects.get(pk=news.opened[0].pk).recovered_at is not None


def test_too_few_clicks_open_nothing(shop, live):
    count(shop, since=START - WEEK, days=7, clicks=50, profile="default 1")

    assert not told(shop, at=START + 4 * DAY)[0].opened


def test_its_page_and_the_api_show_it(shop, parted, django_db_blocker):
    path = f"/v1/admin/proposals/{parted.proposal.pk}"
    watch = shop.get(path).json()["watch"]
    staff = get_user_model().objects.create_user(f"v-{shop.org_id}", is_staff=True)
    Membership.objects.create(
        staff=staff, org_id=shop.org_id, namespace=shop.namespace, role="viewer"
    )
    client = Client()
    client.force_login(staff)
    page = client.get(f"/admin/tuning/proposal/{parted.proposal.pk}/change/")
    keep_incidents(shop.namespace, at=parted.at)
    alerts = client.get("/admin/rules/incident/").content.decode()

    assert watch["standing"] == "below_forecast"
    assert watch["figures"][0]["after"] == {
        "hits": 5040,
        "shown": 168000,
        "share": 0.03,
    }
    assert watch["figures"][0]["forecast"]["metric"] == "precision@10"
    shown = page.content.decode()
    assert "What came of it" in shown
    assert "Below its forecast" in shown
    assert "−40.0 %" in shown
    assert "See what came of it" in alerts
    assert f"/admin/tuning/proposal/{parted.proposal.pk}/change/" in alerts


def test_what_is_not_published_has_no_watch(shop, finished):
    made = proposed(shop, finished)

    assert shop.get(f"/v1/admin/proposals/{made.pk}").json()["watch"] is None
