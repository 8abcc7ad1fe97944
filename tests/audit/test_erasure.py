from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from audit import pseudonyms, spool
from audit.core.integrity import Row, batch_rows, row_digest
from audit.models import AuditBatch, Decision, DecisionPrivate, Erasure
from audit.models.batches import PseudonymKey
from audit.operations import drain_now, forget, purge_erasures, rotate_key
from audit.pseudonyms import pseudonym
from audit.queries import envelope_of, get_decision, get_private
from catalog.models import Namespace
from catalog.tenancy import org_scope
from tests.factories.audit import make_record, new_decision_id
from tests.factories.tenants import make_namespace

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spool_directory")]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _nothing_heard() -> Iterator[None]:
    pseudonyms.forget_versions()
    yield
    pseudonyms.forget_versions()


@pytest.fixture
def shop(spool_directory: Path) -> Namespace:
    return make_namespace()


def decide_for(user_id: str, shop: Namespace, *, at: datetime = NOON) -> None:
    user_hash = pseudonyms.hash_user(shop.org_id, namespace_id=shop.pk, user_id=user_id)
    spool.append(
        make_record(
            org_id=shop.org_id.bytes,
            namespace_id=shop.pk,
            user_hash=user_hash,
            decision_id=new_decision_id(at_ms=int(at.timestamp() * 1000)),
        )
    )


def drain() -> int:
    return drain_now(clock=lambda: NOON)


def forget_ana(shop: Namespace, *, at: datetime = NOON + MINUTE) -> int:
    with org_scope(shop.org_id):
        return forget(shop, user_ids=["ana"], at=at)


def test_forgetting_leaves_the_decision_and_no_way_back(shop: Namespace) -> None:
    decide_for("ana", shop)
    decide_for("ben", shop)
    drain()

    assert forget_ana(shop) == 1

    with org_scope(shop.org_id):
        assert Decision.objects.count() == 2
        kept = Decision.objects.get(user_hash__isnull=False)
        assert DecisionPrivate.objects.get().decision_id == kept.decision_id
        assert get_private(kept) is not None


def test_forgetting_keeps_the_batches_valid(shop: Namespace) -> None:
    decide_for("ana", shop)
    drain()

    forget_ana(shop)

    with org_scope(shop.org_id):
        decision = Decision.objects.get()
        digest = row_digest(envelope_of(decision))
        row = Row(decision.decision_id.bytes, shop.pk, digest)
        assert batch_rows([row]) == bytes(AuditBatch.objects.get().rows or b"")


def test_decisions_in_the_spool_are_stripped_on_their_way(shop: Namespace) -> None:
    decide_for("ana", shop)
    decide_for("ana", shop, at=NOON + 2 * MINUTE)

    forget_ana(shop)
    drain()

    with org_scope(shop.org_id):
        erased, later = Decision.objects.order_by("decision_id")
        assert erased.user_hash is None
        assert get_private(erased) is None
        # Who comes back after being erased is somebody new.
        assert later.user_hash is not None
        assert get_private(later) is not None


def test_a_redelivered_decision_brings_nothing_personal_back(shop: Namespace) -> None:
    decide_for("ana", shop)
    spool.flush()
    (segment,) = spool.places.host_directory().glob("*.closed")
    data = segment.read_bytes()
    drain()
    forget_ana(shop)
    with org_scope(shop.org_id):
        Erasure.objects.all().delete()
    segment.write_bytes(data)

    assert drain() == 0

    with org_scope(shop.org_id):
        assert Decision.objects.get().user_hash is None
        assert not DecisionPrivate.objects.exists()


def test_users_of_the_same_name_elsewhere_are_untouched(shop: Namespace) -> None:
    other = make_namespace("other", org_id=shop.org_id)
    stranger = make_namespace()
    for namespace in (other, stranger):
        decide_for("ana", namespace)
    drain()

    assert forget_ana(shop) == 0
    for namespace in (other, stranger):
        with org_scope(namespace.org_id):
            assert Decision.objects.get().user_hash is not None


def test_forgetting_twice_is_the_same_as_once(shop: Namespace) -> None:
    decide_for("ana", shop)
    drain()

    assert [forget_ana(shop), forget_ana(shop)] == [1, 0]


def test_hashes_of_the_erased_go_after_a_week(shop: Namespace) -> None:
    forget_ana(shop, at=NOON)

    assert purge_erasures(at=NOON + timedelta(days=6)) == 0
    assert purge_erasures(at=NOON + timedelta(days=8)) == 1


def test_hashes_differ_between_orgs_namespaces_and_users(shop: Namespace) -> None:
    other = make_namespace("other", org_id=shop.org_id)
    stranger = make_namespace()

    hashes = {
        pseudonyms.hash_user(
            namespace.org_id, namespace_id=namespace.pk, user_id=user_id
        )
        for namespace in (shop, other, stranger)
        for user_id in ("ana", "Ana")
    }

    assert len(hashes) == 6


class TestRotating:
    def test_hashes_new_decisions_with_another_key_and_says_which(
        self, shop: Namespace
    ) -> None:
        first = pseudonym(shop.org_id, namespace_id=shop.pk, user_id="ana")

        assert rotate(shop) == 2

        second = pseudonym(shop.org_id, namespace_id=shop.pk, user_id="ana")
        assert (first.key_version, second.key_version) == (1, 2)
        assert first.user_hash != second.user_hash

    def test_leaves_what_is_stored_to_be_found(self, shop: Namespace) -> None:
        decide_for("ana", shop)
        drain()
        rotate(shop)
        decide_for("ana", shop)
        drain()
        hashes = pseudonyms.hashes_of(shop.org_id, namespace_id=shop.pk, user_id="ana")

        with org_scope(shop.org_id):
            assert Decision.objects.filter(user_hash__in=hashes).count() == 2

    def test_leaves_nothing_of_the_erased_behind(self, shop: Namespace) -> None:
        decide_for("ana", shop)
        drain()
        rotate(shop)
        decide_for("ana", shop)
        drain()
        decide_for("ana", shop)

        assert forget_ana(shop) == 2
        drain()

        with org_scope(shop.org_id):
            assert not Decision.objects.filter(user_hash__isnull=False).exists()
            assert not DecisionPrivate.objects.exists()

    def test_is_of_one_org_alone(self, shop: Namespace) -> None:
        stranger = make_namespace()

        rotate(shop)

        assert pseudonyms.newest_version(stranger.org_id) == 1

    def test_is_heard_of_after_some_seconds_by_who_knew_another(
        self, shop: Namespace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert pseudonyms.current_version(shop.org_id) == 1
        # As by another process: this one is not told.
        rotate_key(shop.org_id, by="Oscar", at=NOON)

        assert pseudonyms.current_version(shop.org_id) == 1
        monkeypatch.setattr("audit.pseudonyms.VERSION_SECONDS", 0.0)
        assert pseudonyms.current_version(shop.org_id) == 2

    def test_by_the_command_tells_the_version(self, shop: Namespace) -> None:
        told = StringIO()

        call_command("rotate_audit_key", org_id=shop.org_id, stdout=told)

        assert "version 2" in told.getvalue()
        with org_scope(shop.org_id):
            assert PseudonymKey.objects.get().rotated_by == "rotate_audit_key"


def rotate(shop: Namespace) -> int:
    version = rotate_key(shop.org_id, by="Oscar", at=NOON)
    # Done after the commit, which a test's transaction never reaches.
    pseudonyms.forget_versions()
    return version


def test_an_unknown_id_is_nobody(shop: Namespace) -> None:
    with org_scope(shop.org_id):
        assert get_decision(shop.org_id) is None
