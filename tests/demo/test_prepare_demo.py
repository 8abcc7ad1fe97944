from __future__ import annotations

import io
import json
import stat
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from celery import current_app
from django.contrib.auth import authenticate
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask

from audit.core.feedback import KINDS
from audit.models import Feedback
from catalog.models import Event, Item, ItemVector, Membership, Namespace, Role
from catalog.tenancy import org_scope
from ranking.models import BuildState, Profile, Segment, SignalBuild
from recsys_site import embedded
from recsys_site.schedules import install_schedules, wanted_schedules
from rules.models import ChangeSet, Rule

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
ORG = UUID("00000000-0000-0000-0000-000000000001")


def prepare(**options):
    out = io.StringIO()
    call_command("prepare_demo", stdout=out, **options)
    return out.getvalue()


def test_the_demo_is_complete_and_stays_as_it_is():
    prepare()

    namespace = Namespace.objects.get(org_id=ORG, name="demo")
    assert (namespace.title, namespace.currency) == ("Hearth & Home demo shop", "GBP")
    with org_scope(ORG):
        assert (Item.objects.count(), Event.objects.count()) == (320, 40_000)
        assert Profile.objects.get(in_force=True).name == "starter"
        assert Segment.objects.count() == 5
        assert SignalBuild.objects.filter(state=BuildState.LIVE).count() == 1
        assert ItemVector.objects.count() == 320
    file = embedded.state_directory() / "credentials.json"
    before = file.read_text()

    assert prepare().splitlines() == ["The demo shop is ready."]

    assert file.read_text() == before
    _assert_it_can_be_lived_in(namespace)
    _assert_each_role_can_sign_in(file)


def _assert_it_can_be_lived_in(namespace):
    with org_scope(ORG):
        Item.objects.filter(item_id="item_0001").update(category="Of its owner")
    assert prepare(lived_in=True).splitlines() == ["The demo shop is ready."]
    with org_scope(ORG):
        Item.objects.filter(item_id="item_0001").update(category="Home")

    said = prepare(lived_in=True)

    assert "Made 7 rules for its gift page." in said
    assert "Answered its first 240 visitors." in said
    with org_scope(ORG):
        states = Counter(Rule.objects.values_list("state", flat=True))
        assert states == {"live": 3, "scheduled": 1, "in_review": 2, "draft": 1}
        assert set(Rule.objects.values_list("surface", flat=True)) == {"gifts"}
        titles = ChangeSet.objects.filter(state="in_review").values_list("title")
        assert list(titles) == [("Gifting, week 2",)]
        kinds = Counter(Feedback.objects.values_list("kind", flat=True))
    seen, clicked = (kinds[KINDS.index(kind)] for kind in ("impression", "click"))
    assert seen == 240 * 12
    assert 0.02 < clicked / seen < 0.2
    assert prepare(lived_in=True).splitlines() == ["The demo shop is ready."]


def _assert_each_role_can_sign_in(file):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    logins = json.loads(file.read_text())
    assert set(logins) == set(Role.values)
    for name, login in logins.items():
        person = authenticate(username=name, password=login["password"])
        assert person is not None
        assert person.is_staff
        assert person.is_superuser == (name == "admin")
        assert Membership.objects.get(staff=person).role == login["role"]


def test_schedules_name_tasks_that_workers_know():
    current_app.loader.import_default_modules()

    for name, task, every in wanted_schedules():
        assert task in current_app.tasks, name
        assert every >= timedelta(seconds=1)


def test_a_schedule_stays_as_staff_left_it():
    install_schedules()
    edited = PeriodicTask.objects.order_by("pk")[0]
    PeriodicTask.objects.filter(pk=edited.pk).update(enabled=False)

    assert install_schedules() == 0
    edited.refresh_from_db()
    assert not edited.enabled
