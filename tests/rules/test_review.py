"""Who may do what: Ana drafts, Ben and Cora publish, Vic looks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.models import Namespace
from catalog.permissions import NotAllowedError
from catalog.tenancy import org_scope
from rules.models import ChangeCheck, ChangeSet
from rules.operations.actors import of_job
from rules.operations.checks import quick_check
from rules.queries.live import live_rules
from tests.clock import NOON
from tests.rules.conftest import KeyFor
from tests.rules.desks import CHANGE_SETS, OVERRIDES, RULES, SALE, Desk, told
from tests.rules.test_change_sets import pass_check

pytestmark = pytest.mark.django_db
BODY = SALE | {"namespace": "shop"}


def n_live(namespace: Namespace) -> int:
    with org_scope(namespace.org_id):
        return len(live_rules(namespace))


class TestRoles:
    def test_a_viewer_reads_and_writes_nothing(self, as_role: KeyFor) -> None:
        vic = as_role("viewer", name="vic")

        assert vic.rules() == []
        assert told(vic.send("POST", RULES, BODY)) == (403, "forbidden")
        begun = vic.send("POST", CHANGE_SETS, {"title": "t", "reason": "r"})
        assert told(begun) == (403, "forbidden")

    def test_a_merchandiser_drafts_and_publishes_nothing(
        self, as_role: KeyFor, namespace: Namespace
    ) -> None:
        ana = as_role("merchandiser", name="ana")
        path = ana.begin()
        ana.draft(path)
        pass_check(namespace, path)
        ana.ask("POST", f"{path}:submit")

        for step in ("approve", "publish", "reject", "rollback"):
            assert told(ana.send("POST", f"{path}:{step}", {})) == (403, "forbidden")
        assert told(ana.send("POST", RULES, BODY)) == (403, "forbidden")
        assert n_live(namespace) == 0

    def test_nobody_but_an_operator_overrules_a_guardrail(
        self, as_role: KeyFor, namespace: Namespace
    ) -> None:
        ben = as_role("publisher", name="ben")
        path = ben.begin()
        ben.draft(path)
        pass_check(namespace, path, verdict="blocked")

        answer = ben.send("POST", f"{path}:publish", {"overrule_because": "I like it."})

        assert told(answer) == (403, "forbidden")
        assert "operator" in answer.json()["message"]

    def test_a_check_is_for_who_may_edit(
        self, desk: Desk, namespace: Namespace
    ) -> None:
        path = desk.begin()
        desk.draft(path)
        viewer = replace(of_job("look"), verbs=frozenset({"view"}))

        with org_scope(namespace.org_id):
            change_set = ChangeSet.objects.get()
            with pytest.raises(NotAllowedError, match="role merchandiser"):
                quick_check(change_set, actor=viewer, at=NOON)

            assert not ChangeCheck.objects.exists()

    def test_only_its_people_or_a_publisher_take_a_change_set_back(
        self, as_role: KeyFor
    ) -> None:
        ana, abe = (as_role("merchandiser", name=name) for name in ("ana", "abe"))
        path = ana.begin()

        assert told(abe.send("POST", f"{path}:withdraw")) == (403, "forbidden")
        ana.ask("POST", f"{path}:withdraw")


class TestReviewing:
    def test_walks_from_draft_to_live(
        self, as_role: KeyFor, namespace: Namespace
    ) -> None:
        ana, ben = as_role("merchandiser", name="ana"), as_role("publisher", name="ben")
        path = ana.begin()
        ana.draft(path)

        submitted = ana.ask("POST", f"{path}:submit")
        approved = ben.ask("POST", f"{path}:approve", {"comment": "Good."})
        pass_check(namespace, path)
        published = ben.ask("POST", f"{path}:publish")

        states = [each["state"] for each in (submitted, approved, published)]
        assert states == ["in_review", "approved", "published"]
        assert approved["approvals"][0]["approver"] == "ben"
        [rule] = ana.rules()
        versions = ana.get(f"{RULES}/{rule['rule_id']}/versions").json()["versions"]
        assert (versions[0]["author"], versions[0]["approver"]) == ("ana", "ben")
        assert (rule["state"], rule["version"]) == ("live", 1)

    def test_gives_the_rule_the_state_of_its_change_set(self, as_role: KeyFor) -> None:
        ana, ben = as_role("merchandiser", name="ana"), as_role("publisher", name="ben")
        path = ana.begin()
        ana.draft(path)
        seen = []
        for desk, step in ((ana, "submit"), (ben, "approve"), (ana, "reopen")):
            desk.ask("POST", f"{path}:{step}", {})
            seen.append(ana.rules()[0]["state"])

        assert seen == ["in_review", "approved", "draft"]

    def test_sends_back_with_a_word(self, as_role: KeyFor) -> None:
        ana, ben = as_role("merchandiser", name="ana"), as_role("publisher", name="ben")
        path = ana.begin()
        ana.draft(path)
        ana.ask("POST", f"{path}:submit")

        silent = ben.send("POST", f"{path}:reject", {})
        rejected = ben.ask("POST", f"{path}:reject", {"comment": "Too strong."})

        assert told(silent) == (400, "missing_comment")
        assert rejected["state"] == "rejected"
        assert rejected["approvals"][0]["comment"] == "Too strong."
        assert told(ana.send("POST", f"{path}/changes", {"rule": SALE})) == (
            409,
            "wrong_state",
        )
        ana.ask("POST", f"{path}:reopen")
        ana.draft(path, boost_value=0.2)

    def test_an_approval_is_of_one_content(
        self, as_role: KeyFor, namespace: Namespace
    ) -> None:
        namespace.four_eyes = True
        namespace.save()
        ana, ben = as_role("merchandiser", name="ana"), as_role("publisher", name="ben")
        path = ana.begin()
        ana.draft(path)
        ana.ask("POST", f"{path}:submit")
        ben.ask("POST", f"{path}:approve")
        ana.ask("POST", f"{path}:reopen")
        ana.draft(path, name="sneaked in")
        ana.ask("POST", f"{path}:submit")
        pass_check(namespace, path)

        assert told(ben.send("POST", f"{path}:publish")) == (403, "forbidden")
        assert n_live(namespace) == 0


class TestFourEyes:
    @pytest.fixture(autouse=True)
    def four_eyes(self, namespace: Namespace) -> None:
        namespace.four_eyes = True
        namespace.save()

    @pytest.fixture
    def ben(self, as_role: KeyFor) -> Desk:
        return as_role("publisher", name="ben")

    @pytest.fixture
    def cora(self, as_role: KeyFor) -> Desk:
        return as_role("publisher", name="cora")

    def test_is_asked_for_from_the_next_direct_call_on(
        self, ben: Desk, namespace: Namespace
    ) -> None:
        rows = Namespace.objects.filter(pk=namespace.pk)
        rows.update(four_eyes=False)
        ben.make(name="At once")
        rows.update(four_eyes=True)

        assert ben.send("POST", RULES, BODY).status_code == 202

    def test_a_direct_call_waits_for_somebody_else(
        self, ben: Desk, namespace: Namespace
    ) -> None:
        answer = ben.send("POST", RULES, BODY)

        waiting = answer.json()
        assert answer.status_code == 202
        assert (waiting["state"], waiting["version"]) == ("in_review", 0)
        assert answer["Location"] == waiting["change_set"]
        assert ben.get(waiting["change_set"]).json()["state"] == "in_review"
        assert n_live(namespace) == 0

    def test_nobody_approves_or_publishes_their_own(
        self, ben: Desk, cora: Desk, namespace: Namespace
    ) -> None:
        path = ben.ask("POST", RULES, BODY)["change_set"]
        pass_check(namespace, path)

        own = ben.send("POST", f"{path}:approve")
        early = cora.send("POST", f"{path}:publish")
        cora.ask("POST", f"{path}:approve")
        still_own = ben.send("POST", f"{path}:publish")
        cora.ask("POST", f"{path}:publish")

        assert [told(each) for each in (own, early, still_own)] == [
            (403, "forbidden")
        ] * 3
        assert n_live(namespace) == 1

    def test_whoever_helped_to_write_it_is_no_second_pair(
        self, ben: Desk, cora: Desk
    ) -> None:
        path = ben.begin()
        ben.draft(path)
        cora.draft(path, name="hers")
        ben.ask("POST", f"{path}:submit")

        assert told(cora.send("POST", f"{path}:approve")) == (403, "forbidden")

    def test_switching_off_is_live_at_once(
        self, ben: Desk, cora: Desk, namespace: Namespace
    ) -> None:
        path = ben.ask("POST", RULES, BODY)["change_set"]
        pass_check(namespace, path)
        cora.ask("POST", f"{path}:approve")
        cora.ask("POST", f"{path}:publish")
        [rule] = ben.rules()

        off = ben.put(rule, enabled=False)

        assert (off.status_code, off.json()["state"]) == (200, "paused")
        assert n_live(namespace) == 0
        assert ben.put(rule, enabled=True).status_code == 202
        assert n_live(namespace) == 0

    def test_an_override_waits_too(
        self, ben: Desk, cora: Desk, namespace: Namespace
    ) -> None:
        body = {"namespace": "shop", "item_id": "a", "action": "suppress"}

        answer = ben.send("POST", OVERRIDES, body)

        waiting = answer.json()
        assert (answer.status_code, waiting["status"]) == (202, "waiting")
        pass_check(namespace, waiting["change_set"])
        cora.ask("POST", f"{waiting['change_set']}:approve")
        cora.ask("POST", f"{waiting['change_set']}:publish")
        [override] = ben.get(OVERRIDES, namespace="shop").json()["items"]
        assert override["status"] == "active"

    def test_a_withdrawn_override_is_cancelled(self, ben: Desk) -> None:
        body = {"namespace": "shop", "item_id": "a", "action": "suppress"}
        path = ben.ask("POST", OVERRIDES, body)["change_set"]

        ben.ask("POST", f"{path}:withdraw")

        [override] = ben.get(OVERRIDES, namespace="shop").json()["items"]
        assert override["status"] == "cancelled"


def test_a_namespace_may_ask_for_a_forecast_first(
    as_role: KeyFor, namespace: Namespace
) -> None:
    namespace.switches = {"require_forecast": True}
    namespace.save()
    ben = as_role("publisher", name="ben")

    answer = ben.send("POST", RULES, BODY)

    assert answer.status_code == 202
    path = answer.json()["change_set"]
    assert told(ben.send("POST", f"{path}:publish")) == (409, "unchecked")
    pass_check(namespace, path)
    ben.ask("POST", f"{path}:publish")
    assert n_live(namespace) == 1
