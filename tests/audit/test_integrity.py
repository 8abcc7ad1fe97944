"""Whoever alters what is stored is found out; whoever erases a user is not accused."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit import pseudonyms, spool
from audit.core import integrity
from audit.heads import directory
from audit.models import AuditBatch, Decision
from audit.operations import drain_now, forget, retention
from audit.queries import envelope_of, verifying
from audit.queries.integrity import entry_of
from audit.queries.verifying import Verified, orgs_to_verify, verify
from catalog.models import Namespace
from catalog.tenancy import org_scope
from tests.audit.alterations import Intruder, Named
from tests.catalog.api.conftest import Api
from tests.factories.audit import make_record, new_decision_id
from tests.factories.tenants import make_namespace

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spool_directory")]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)

type Drain = Callable[[], int]


@pytest.fixture
def drain(django_capture_on_commit_callbacks: Any) -> Drain:
    """Store what waits, and do what is done after the commit."""

    def drain() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return drain_now(clock=lambda: NOON)

    return drain


def decide(
    shop: Namespace, *, user_id: str | None = "ana", at: datetime = NOON, **header: Any
) -> UUID:
    user_hash = None
    if user_id is not None:
        user_hash = pseudonyms.hash_user(
            shop.org_id, namespace_id=shop.pk, user_id=user_id
        )
    decision_id = new_decision_id(at_ms=int(at.timestamp() * 1000))
    spool.append(
        make_record(
            n_candidates=8,
            k=4,
            n_drops=4,
            n_history=3,
            org_id=shop.org_id.bytes,
            namespace_id=shop.pk,
            user_hash=user_hash,
            decision_id=decision_id,
            **header,
        )
    )
    return UUID(bytes=decision_id)


@pytest.fixture
def shops(drain: Drain, django_capture_on_commit_callbacks: Any) -> list[Namespace]:
    """Two orgs with batches of several days, late rows, an erased user, old days."""
    brief = make_namespace("brief", switches={"keep_days": 3, "traces_per_second": 1})
    lasting = make_namespace("lasting", org_id=brief.org_id)
    other = make_namespace("other")
    for age in (6, 5, 1, 0):
        for shop in (brief, lasting, other):
            for user_id in ("ana", "ben", None):
                decide(
                    shop,
                    user_id=user_id,
                    at=NOON - age * DAY,
                    dropped=(5, 6),
                    rule_ids=(UUID(int=age + 1).bytes,),
                )
        decide(other, at=NOON - 4 * DAY)
        drain()
    with (
        django_capture_on_commit_callbacks(execute=True),
        org_scope(brief.org_id),
    ):
        forget(lasting, user_ids=["ana"], at=NOON)
        forget(brief, user_ids=["ana"], at=NOON)
        retention._delete_before(brief, day=(NOON - 3 * DAY).date(), at=NOON)
    return [brief, lasting, other]


def everything() -> list[Verified]:
    return [verify(org_id) for org_id in orgs_to_verify()]


def named(found: list[Verified]) -> Named:
    faults = [fault for each in found for fault in each.faults]
    return Named(
        "; ".join(fault.words for fault in faults),
        frozenset(f.decision_id for f in faults if f.decision_id is not None),
        frozenset(
            (f.org_id, f.batch)
            for f in faults
            if f.batch is not None and f.decision_id is None
        ),
    )


def test_what_was_stored_erased_and_removed_rightly_is_in_order(
    shops: list[Namespace],
) -> None:
    assert [each.faults for each in everything()] == [[], []]
    with org_scope(shops[0].org_id):
        assert Decision.objects.filter(user_hash=None).exists()
        assert Decision.objects.filter(trace=None).exists()
        assert AuditBatch.objects.filter(kind=1).exists()


@pytest.mark.parametrize("kind", ["flip", "delete", "swap", "insert", "cut"])
def test_alterations_of_a_kind_are_named(shops: list[Namespace], kind: str) -> None:
    strike_and_look(Intruder(random.Random(kind), kinds=(kind,)), n_times=8)


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_a_thousand_alterations_are_named(shops: list[Namespace]) -> None:
    strike_and_look(Intruder(random.Random(2026)), n_times=1_000)


def strike_and_look(intruder: Intruder, *, n_times: int) -> None:
    erased = frozenset(
        Decision.unscoped.filter(user_hash=None).values_list("decision_id", flat=True)
    )
    for _ in range(n_times):
        with transaction.atomic():
            wanted = intruder.strike()
            found = named(everything())
            transaction.set_rollback(True)
        assert wanted.decisions <= found.decisions, wanted
        assert wanted.batches <= found.batches, wanted
        if not wanted.batches:
            assert not (found.decisions & erased) - wanted.decisions, wanted
    assert not named(everything()).what


def test_a_batch_that_somebody_adds_without_the_secret_has_a_wrong_seal(
    shops: list[Namespace], settings: Any, drain: Drain
) -> None:
    secret, settings.AUDIT_KEY = settings.AUDIT_KEY, b"guessed"
    decide(shops[1])
    drain()
    settings.AUDIT_KEY = secret

    (fault,) = verify(shops[1].org_id).faults

    assert fault.words.endswith("has a wrong seal.")


def test_an_exported_head_shows_what_was_cut_off_and_built_anew(
    shops: list[Namespace], tmp_path: Path, drain: Drain
) -> None:
    shop = shops[2]
    said = StringIO()
    call_command("export_audit_head", org_id=shop.org_id, stdout=said)
    kept = tmp_path / "head.json"
    kept.write_text(said.getvalue())
    newest = json.loads(said.getvalue())["number"]
    with org_scope(shop.org_id):
        Decision.objects.filter(batch_number=newest).delete()
        AuditBatch.objects.filter(number=newest).delete()
    for path in directory().rglob("*.json"):
        path.unlink()
    decide(shop)
    drain()

    assert verify(shop.org_id).faults == []
    with pytest.raises(CommandError):
        call_command("verify_audit", head=[kept], stdout=(told := StringIO()))
    assert f"Batch {newest} is not the one that was noted" in told.getvalue()


def test_a_head_that_fell_back_does_not_replace_the_noted_one(
    shops: list[Namespace], drain: Drain
) -> None:
    shop = shops[2]
    with org_scope(shop.org_id):
        Decision.objects.filter(batch_number__gt=2).delete()
        AuditBatch.objects.filter(number__gt=2).delete()
    for _ in range(6):
        decide(shop)
        drain()

    assert "noted outside the database" in verify(shop.org_id).faults[0].words


def test_the_command_tells_faults_as_json_and_fails(shops: list[Namespace]) -> None:
    with org_scope(shops[2].org_id):
        gone = Decision.objects.order_by("decision_id").first()
        assert gone is not None
        Decision.objects.filter(decision_id=gone.decision_id).delete()
    told = StringIO()

    with pytest.raises(CommandError, match="Faults: 1"):
        call_command("verify_audit", "--json", stdout=told)

    by_org = {each["org_id"]: each["faults"] for each in json.loads(told.getvalue())}
    (fault,) = by_org[str(shops[2].org_id)]
    assert fault["kind"] == "deleted"
    assert fault["decision_id"] == str(gone.decision_id)
    assert by_org[str(shops[0].org_id)] == []


def test_the_command_says_that_all_is_well(shops: list[Namespace]) -> None:
    told = StringIO()

    call_command("verify_audit", stdout=told)

    assert told.getvalue().count(" 0 faults.") == 2


def test_what_is_stored_meanwhile_is_no_fault(
    shops: list[Namespace], monkeypatch: pytest.MonkeyPatch, drain: Drain
) -> None:
    seen = verifying._chain_faults

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        found = seen(*args, **kwargs)
        decide(shops[1])
        drain_now(clock=lambda: NOON)
        return found

    monkeypatch.setattr(verifying, "_chain_faults", meanwhile)

    assert verify(shops[1].org_id).faults == []


def test_batches_of_the_first_format_are_still_vouched_for(
    shops: list[Namespace],
) -> None:
    """As an installation stored them before rows were told by namespace."""
    shop = shops[2]
    with org_scope(shop.org_id):
        as_first_format(shop.org_id)
        assert verify(shop.org_id).faults == []
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE audit_decision SET k = k + 1 WHERE org_id = %s", [shop.org_id]
            )

        assert {fault.kind for fault in verify(shop.org_id).faults} == {"altered"}


def test_batches_from_before_reports_are_still_vouched_for(
    shops: list[Namespace], settings: Any
) -> None:
    shop = shops[1]
    with org_scope(shop.org_id):
        as_second_format(shop.org_id, secret=settings.AUDIT_KEY)
        assert verify(shop.org_id).faults == []
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE audit_decision SET key_version = key_version + 1"
                " WHERE org_id = %s",
                [shop.org_id],
            )

        assert {fault.kind for fault in verify(shop.org_id).faults} == {"altered"}


def as_second_format(org_id: UUID, *, secret: bytes) -> None:
    previous = integrity.FIRST_DIGEST
    for batch in AuditBatch.objects.order_by("number"):
        if batch.kind == integrity.Kind.STORED and batch.rows:
            decisions = Decision.objects.filter(batch_number=batch.number)
            rows = integrity.batch_rows(
                [
                    integrity.Row(
                        each.decision_id.bytes,
                        each.namespace_id,
                        integrity.row_digest(envelope_of(each), version=2),
                    )
                    for each in decisions
                ]
            )
            batch.rows = rows
            batch.rows_digest = hashlib.sha256(rows).digest()
        batch.digest_version, batch.previous_digest = 2, previous
        entry = entry_of(batch).entry
        previous = batch.digest = integrity.batch_digest(entry, previous=previous)
        key = integrity.seal_key(secret, org_id=org_id)
        batch.seal = integrity.seal_of(key, batch.digest)
        batch.save()
    for path in directory().rglob("*.json"):
        path.unlink()


def as_first_format(org_id: UUID) -> None:
    previous = integrity.FIRST_DIGEST
    for batch in AuditBatch.objects.order_by("number"):
        decisions = Decision.objects.filter(batch_number=batch.number)
        rows = b"".join(
            each.decision_id.bytes + integrity.row_digest(envelope_of(each), version=1)
            for each in decisions.order_by("decision_id")
        )
        entry = integrity.Entry(
            org_id=org_id,
            number=batch.number,
            version=1,
            count=len(rows) // 48,
            rows_digest=hashlib.sha256(rows).digest(),
            first_day=None,
            last_day=None,
            stored_at=batch.stored_at,
        )
        digest = integrity.batch_digest(entry, previous=previous)
        AuditBatch.objects.filter(pk=batch.pk).update(
            rows=rows,
            rows_digest=b"",
            digest_version=1,
            first_day=None,
            last_day=None,
            seal=None,
            previous_digest=previous,
            digest=digest,
        )
        previous = digest
    for path in directory().rglob("*.json"):
        path.unlink()


def test_the_head_is_had_over_the_api(shops: list[Namespace]) -> None:
    head = Api(shops[1].org_id).get("/v1/audit/head").json()

    assert head["number"] == verify(shops[1].org_id).batches
    assert Api(UUID(int=99)).get("/v1/audit/head").status_code == 404
