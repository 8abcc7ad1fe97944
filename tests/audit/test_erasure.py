from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit import pseudonyms, spool
from audit.core.integrity import Row, batch_rows, row_digest
from audit.models import AuditBatch, Decision, DecisionPrivate, Erasure
from audit.operations import drain_now, forget, purge_erasures
from audit.queries import envelope_of, get_decision, get_private
from catalog.models import Namespace
from catalog.tenancy import org_scope
from tests.factories.audit import make_record, new_decision_id
from tests.factories.tenants import make_namespace

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spool_directory")]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


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
        row = Row(decision.decision_id.bytes, row_digest(envelope_of(decision)))
        assert batch_rows([row]) == bytes(AuditBatch.objects.get().rows)


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


def test_an_unknown_id_is_nobody(shop: Namespace) -> None:
    with org_scope(shop.org_id):
        assert get_decision(shop.org_id) is None
