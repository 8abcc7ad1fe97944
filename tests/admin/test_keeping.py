"""Operators say what is kept; everybody sees how much room it takes."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from audit import pseudonyms, spool
from audit.core.keeping import Keeping
from audit.operations import drain_now
from audit.queries.keeping import keeping
from catalog.models import Namespace
from tests.admin.conftest import LogIn, Shops
from tests.factories.audit import make_record

PAGE = reverse("admin:audit_auditbatch_changelist")
TRACES = reverse("admin:audit_decision_changelist")
KEEP = reverse("admin:audit_keeping")
ROTATE = reverse("admin:audit_key_rotate")


def now(shops: Shops) -> Keeping:
    return keeping(Namespace.objects.get(pk=shops.ours.pk))


class TestKeeping:
    def test_shows_the_room_that_answers_take(
        self, shops: Shops, log_in: LogIn, settings
    ):
        for _ in range(3):
            spool.append(
                make_record(org_id=shops.ours.org_id.bytes, namespace_id=shops.ours.pk)
            )
        drain_now(clock=timezone.now)

        page = log_in("viewer").get(PAGE).content.decode()

        assert "<dt>Answers of the last day</dt><dd>3</dd>" in page
        assert "With 30 days kept" in page
        assert "KB" in page
        assert "Keep this" not in page

    def test_conditions_that_nothing_can_meet_find_nothing_and_say_why(
        self, shops: Shops, log_in: LogIn
    ):
        spool.append(
            make_record(org_id=shops.ours.org_id.bytes, namespace_id=shops.ours.pk)
        )
        drain_now(clock=timezone.now)
        client = log_in("viewer")

        def found(**asked: str) -> str:
            return client.get(TRACES, asked).content.decode()

        assert "No answer matches" not in found(version=" ")
        assert "“spring” is no id of a rule." in found(rule="spring")
        assert "“x” is no id of an override." in found(override="x")
        assert "“two” is no version" in found(version="two")

    def test_is_changed_by_operators(self, shops: Shops, log_in: LogIn):
        client = log_in("operator")
        sent = {"days": "7", "traces_per_second": "5.5", "trace_percent": "12.5"}

        answer = client.post(KEEP, sent)

        assert answer.status_code == 302
        assert now(shops) == Keeping(days=7, traces_per_second=5.5, trace_sample=0.125)
        page = client.get(PAGE).content.decode()
        assert all(f'value="{shown}"' in page for shown in ("7", "5.5", "12.5"))

    def test_refuses_what_makes_no_sense(self, shops: Shops, log_in: LogIn):
        before = now(shops)
        sent = {"days": "0", "traces_per_second": "5", "trace_percent": "25"}

        page = log_in("operator").post(KEEP, sent, follow=True).content.decode()

        assert "Nothing was changed" in page
        assert now(shops) == before

    def test_is_not_for_everybody_to_change(self, shops: Shops, log_in: LogIn):
        client = log_in("publisher")
        sent = {"days": "7", "traces_per_second": "5", "trace_percent": "25"}

        assert client.post(KEEP, sent).status_code == 403
        assert client.post(ROTATE).status_code == 403


class TestRotating:
    def test_is_done_by_operators_of_the_whole_organisation(
        self, shops: Shops, log_in: LogIn
    ):
        client = log_in("operator", everywhere=True)  # type: ignore[call-arg]
        before = pseudonyms.newest_version(shops.ours.org_id)

        page = client.post(ROTATE, follow=True).content.decode()

        assert pseudonyms.newest_version(shops.ours.org_id) == before + 1
        assert f"version {before + 1} of the key" in page

    def test_is_not_for_operators_of_one_namespace(self, shops: Shops, log_in: LogIn):
        assert log_in("operator").post(ROTATE).status_code == 403

    def test_needs_more_than_a_link(self, shops: Shops, log_in: LogIn):
        assert log_in("root").get(ROTATE).status_code == 403
