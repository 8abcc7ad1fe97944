"""No version of a profile gets past a broken guardrail unnoticed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from catalog.core.faults import BadInputError
from catalog.models import Membership, Namespace, Run
from catalog.operations import runs
from catalog.tenancy import org_scope
from ranking.models import ConfigurationVerdict, Profile, ProfileVersion
from ranking.operations.profiles import (
    Edit,
    NoSuchVersionError,
    draft_version,
    publish_draft,
    publish_profile,
    roll_back,
)
from simulations.operations.profile_check_runs import check_profile_version
from simulations.operations.profile_checks import start_profile_check
from tests.ranking.shops import Shop

pytestmark = pytest.mark.django_db(transaction=True)
BROKEN = "defaults: {fairness: {max_popularity_bias: 0.1}}"
CODE = "guardrail_broken"
CHECKS = "/admin/ranking/configurationverdict/"


def drafted(shop: Shop) -> ProfileVersion:
    edit = Edit(at=timezone.now(), author="ana")
    with org_scope(shop.org_id):
        publish_profile(shop.namespace, "default", config={}, edit=edit)
        made = draft_version(
            shop.namespace, "default", config={"mmr_lambda": 0.9}, edit=edit
        )
    return made.version


def checked(shop: Shop, file: Path, limits: str) -> ConfigurationVerdict:
    file.write_text(limits)
    return check_profile_version(drafted(shop), at=timezone.now())


def publish(shop: Shop, **told: Any) -> None:
    edit = replace(Edit(at=timezone.now(), author="ana"), **told)
    with org_scope(shop.org_id):
        version = ProfileVersion.objects.select_related("profile").get(number=2)
        publish_draft(version.profile, 2, edit=edit)


class TestAVersion:
    def test_that_broke_nothing_is_published(
        self, asked: Shop, no_guardrails: Path
    ) -> None:
        verdict = checked(asked, no_guardrails, BROKEN.replace("0.1", "1.0"))

        publish(asked)

        assert not verdict.is_blocked
        assert verdict.report["requests"] == 60

    def test_that_is_not_to_blame_is_published(
        self, asked: Shop, no_guardrails: Path
    ) -> None:
        """Popularity bias was as high before."""
        assert not checked(asked, no_guardrails, BROKEN).is_blocked

    def test_that_breaks_a_guardrail_takes_an_operator_with_a_reason(
        self, asked: Shop
    ) -> None:
        version = drafted(asked)
        block(asked, version)

        for told in (
            {},
            {"overruled_because": "Sale."},
            {"may_overrule": True, "overruled_because": " "},
        ):
            with pytest.raises(BadInputError) as caught:
                publish(asked, **told)
            assert caught.value.code == CODE
        publish(asked, may_overrule=True, overruled_because="The sale is today.")

        config = asked.get("/v1/admin/recommendation/config", namespace=asked.name)
        assert config.json()["config"]["mmr_lambda"] == 0.9

    def test_is_refused_over_http_and_rolling_back_is_not(self, asked: Shop) -> None:
        version = drafted(asked)
        block(asked, version)
        body = {"namespace": asked.name, "version": 2}

        refused = asked.post("/v1/admin/profiles/default:apply", body)
        overruled = asked.post(
            "/v1/admin/profiles/default:apply",
            {**body, "overruled_because": "The sale is today."},
        )

        assert (refused.status_code, refused.json()["code"]) == (409, CODE)
        assert overruled.status_code == 200
        with org_scope(asked.org_id):
            profile = version.profile
            back = roll_back(profile, edit=Edit(at=timezone.now()), number=1)
        assert back.version.number == 3

    def test_unchecked_is_refused_where_forecasts_are_asked_for(
        self, asked: Shop, no_guardrails: Path
    ) -> None:
        version = drafted(asked)
        Namespace.objects.filter(pk=asked.namespace.pk).update(
            switches={"require_forecast": True}
        )

        with pytest.raises(BadInputError) as caught:
            publish(asked)
        check_profile_version(version, at=timezone.now())
        publish(asked)

        assert caught.value.code == "unchecked"


def block(shop: Shop, version: ProfileVersion) -> None:
    """Have a check say that the version breaks something."""
    verdict = check_profile_version(version, at=timezone.now())
    with org_scope(shop.org_id):
        ConfigurationVerdict.objects.create(
            org_id=shop.org_id,
            namespace_id=verdict.namespace_id,
            content_hash=verdict.content_hash,
            is_blocked=True,
            headline="Broken: everything.",
            created_at=timezone.now(),
        )


class TestTheAdmin:
    def test_a_draft_is_checked_judged_and_published(
        self, asked: Shop, no_guardrails: Path
    ) -> None:
        no_guardrails.write_text(BROKEN.replace("0.1", "1.0"))
        version = drafted(asked)
        staff, page = as_staff(asked, "publisher"), f"{CHECKS}of/{version.pk}/"
        profile = f"/admin/ranking/profile/{version.profile_id}/change/"
        assert page in text_of(staff, profile)
        assert "Not checked yet" in text_of(staff, page)

        staff.post(f"{page}check/")
        staff.post(f"{page}check/")
        with org_scope(asked.org_id):
            run = Run.objects.get(kind="profile-check")  # Asked twice, done once.
        assert "Check in progress" in text_of(staff, page)
        runs.execute(run.pk, org_id=asked.org_id, clock=timezone.now)
        judged = text_of(staff, page)
        published = staff.post(f"{page}publish/")

        assert "All 1 guardrails are kept." in judged
        assert "60 decisions replayed" in judged
        assert "Against version 1, which is live" in judged
        assert published.headers["Location"] == profile
        assert "Publish version" not in text_of(staff, page)
        with org_scope(asked.org_id):
            verdict = ConfigurationVerdict.objects.get()
        assert "default, version 2" in text_of(staff, CHECKS)
        kept = text_of(staff, f"{CHECKS}{verdict.pk}/change/")
        assert "Check of default, version 2" in kept

    def test_what_breaks_a_guardrail_takes_an_operator_with_a_reason(
        self, asked: Shop
    ) -> None:
        version = drafted(asked)
        block(asked, version)
        page = f"{CHECKS}of/{version.pk}/"
        publisher, operator = as_staff(asked, "publisher"), as_staff(asked, "operator")
        reason = {"overruled_because": "The sale is today."}

        assert "only an operator" in text_of(publisher, page)
        publisher.post(f"{page}publish/", reason)
        assert number_in_force(asked) == 1
        assert "Publish all the same" in text_of(operator, page)
        operator.post(f"{page}publish/", reason)
        assert number_in_force(asked) == 2

    def test_a_draft_does_not_pass_unchecked_as_a_step_back(self, asked: Shop) -> None:
        profile = drafted(asked).profile
        edit = Edit(at=timezone.now(), author="ana")

        with (
            org_scope(asked.org_id),
            pytest.raises(NoSuchVersionError, match="version 2 of default is a draft"),
        ):
            roll_back(profile, edit=edit, number=2)


def as_staff(shop: Shop, role: str) -> Client:
    staff = get_user_model().objects.create_user(f"{role}-{shop.org_id}", is_staff=True)
    Membership.objects.create(
        staff=staff, org_id=shop.org_id, namespace=shop.namespace, role=role
    )
    client = Client()
    client.force_login(staff)
    return client


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def number_in_force(shop: Shop) -> int:
    with org_scope(shop.org_id):
        return Profile.objects.get(name="default").published_number


class TestTheRun:
    def test_is_started_over_http(self, asked: Shop, no_guardrails: Path) -> None:
        drafted(asked)

        started = asked.ask("/v1/admin/profiles/default:check", version=2)
        missing = asked.post(
            "/v1/admin/profiles/default:check",
            {"namespace": asked.name, "version": 9},
        )

        assert started["kind"] == "profile-check"
        assert missing.status_code == 404

    def test_ends_with_the_verdict(self, asked: Shop, no_guardrails: Path) -> None:
        version = drafted(asked)
        with org_scope(asked.org_id):
            run = start_profile_check(version, at=timezone.now(), requested_by="ana")

        state = runs.execute(run.pk, org_id=asked.org_id, clock=timezone.now)

        assert state == "succeeded"
        with org_scope(asked.org_id):
            verdict = ConfigurationVerdict.objects.get()
        assert (verdict.is_blocked, verdict.requested_by) == (False, "ana")
