"""What experiments, bandits and explored places show, from what is stored."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.core.management import call_command
from django.utils import timezone

from audit.models import Decision, Feedback, FeedbackKind, FeedbackState
from audit.pseudonyms import hash_user
from catalog.models import Namespace
from catalog.operations.runs import Unattended, execute
from catalog.tenancy import org_scope
from ranking.core.experiments import Experiment, Variant, arm_name
from ranking.models import BanditDecision
from ranking.models import Experiment as ExperimentRow
from simulations.operations.offpolicy import OffPolicyRequest
from simulations.operations.offpolicy_runs import estimate
from tests.factories.audit import new_decision_id
from tests.ranking.builds import build
from tests.ranking.shops import Shop, items
from tests.simulations.conftest import drain

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/v1/admin/experiments"
VARIANTS: list[dict[str, Any]] = [
    {"name": "control"},
    {"name": "bold", "knobs": {"mmr_lambda": 0.1}},
]
SUBJECTS = [f"user-{n}" for n in range(700)]


def result_of(shop: Shop, path: str, **fields: Any) -> dict[str, Any]:
    """Start a Run over HTTP, do it, and return its result over HTTP."""
    run = shop.ask(path, **fields)
    execute(UUID(run["run_id"]), org_id=shop.org_id, clock=timezone.now)
    done: dict[str, Any] = shop.get(f"/v1/admin/runs/{run['run_id']}").json()
    assert done["state"] == "succeeded", done["error"]
    return dict(done["result"])


def answered(shop: Shop, row: ExperimentRow) -> Iterator[tuple[str, str]]:
    """Keep an answer for each subject as serving would, and return who got what."""
    running = Experiment(
        name=row.name,
        salt=row.salt,
        variants=tuple(Variant(name=each["name"]) for each in VARIANTS),
    )
    namespace, now, rows = row.namespace, timezone.now(), []
    for user in SUBJECTS:
        variant = running.variant_of(f"user:{user}")
        assert variant is not None
        rows.append(
            _decision(
                namespace,
                at=now,
                arm=arm_name(row.name, variant.name),
                user_hash=hash_user(
                    shop.org_id, namespace_id=namespace.pk, user_id=user
                ),
            )
        )
        yield user, variant.name
    rows.append(_decision(namespace, at=now, arm=arm_name(row.name, "control")))
    Decision.objects.bulk_create(rows)


def _decision(namespace: Namespace, *, at: Any, **fields: Any) -> Decision:
    plain: dict[str, Any] = {
        "decision_id": UUID(bytes=new_decision_id()),
        "decision_day": at.date(),
        "org_id": namespace.org_id,
        "namespace": namespace,
        "answered_at": at,
        "at": at,
        "key_version": 1,
        "k": 5,
        "profile_version": 0,
        "change_number": 1,
        "engine_version": 1,
        "rung": 0,
        "latency_us": 1,
        "batch_number": 1,
        **dict.fromkeys(
            ("snapshot_hash", "configuration_hash", "answer_digest"), b"0" * 32
        ),
        **dict.fromkeys(
            ("route", "surface", "request_id", "profile", "model_version"), ""
        ),
        **{
            name: []
            for name in ("degraded", "items", "dropped", "rule_ids", "override_ids")
        },
    }
    return Decision(**{**plain, **fields})


@pytest.fixture
def running(shop: Shop) -> Shop:
    """A shop whose experiment answered 700 subjects; the bold variant sells more."""
    shop.sell(*items(["tea", "mug"]))
    shop.ask("/v1/admin/recommendation/config", config={"mmr_lambda": 0.9})
    shop.ask(URL, name="x", variants=VARIANTS)
    before = (timezone.now() - timedelta(days=5)).isoformat()
    shop.record(*[(u, "tea", "purchase") for u in SUBJECTS[::9]], ts=before)
    shop.ask(f"{URL}/x:start")
    with org_scope(shop.org_id):
        row = ExperimentRow.objects.select_related("namespace").get(name="x")
        given = list(answered(shop, row))
    bought = {"control": 10, "bold": 3}
    buyers = [
        user for n, (user, variant) in enumerate(given) if not n % bought[variant]
    ]
    shop.record(*[(user, "tea", "purchase") for user in buyers])
    return shop


class TestExperiment:
    def test_is_shipped_with_its_reasons_once_it_is_over(
        self, running: Shop, capsys: Any
    ) -> None:
        going_on = result_of(running, f"{URL}/x:analyse")
        arguments = ["x", "--namespace", "shop", "--org-id", str(running.org_id)]
        with pytest.raises(SystemExit) as held:
            call_command("analyse_experiment", *arguments)
        running.ask(f"{URL}/x:stop")
        over = result_of(running, f"{URL}/x:analyse", correction="bh")

        assert going_on["verdict"] == "hold"
        assert held.value.code == 2
        assert "HOLD: x" in capsys.readouterr().out
        assert (over["verdict"], over["winner"]) == ("ship", "bold")
        (bold,) = over["compared"]
        assert bold["n"] + bold["control_n"] == len(SUBJECTS)
        assert (bold["mean"], bold["control_mean"]) == pytest.approx(
            (1 / 3, 0.1), abs=0.05
        )
        assert over["balance"]["chance"] > 0.001
        assert any("only a session is known" in note for note in over["notes"])
        assert [each["answers"] for each in over["variants"]] == [
            bold["control_n"] + 1,
            bold["n"],
        ]

    def test_that_was_not_started_has_nothing_to_show(self, shop: Shop) -> None:
        shop.ask(URL, name="draft", variants=VARIANTS)
        response = shop.post(f"{URL}/draft:analyse", {"namespace": shop.name})

        assert (response.status_code, response.json()["code"]) == (409, "wrong_state")


class TestBandit:
    def test_choices_tell_what_each_policy_would_have_earned(
        self, shop: Shop, capsys: Any
    ) -> None:
        shop.sell(*items(["tea"]))
        rng = np.random.default_rng(4)
        at = timezone.now() - timedelta(days=3)
        pays, chances = {"good": 0.5, "poor": 0.1}, {"good": 0.4, "poor": 0.6}
        namespace = shop.namespace
        rows = [
            BanditDecision(
                decision_id=uuid.uuid4(),
                org_id=shop.org_id,
                namespace=namespace,
                surface="home",
                bucket_key="ctx:empty",
                policy_id=taken,
                algorithm="thompson",
                propensity=chances[taken],
                propensities=chances,
                decided_at=at,
                reward=float(rng.random() < pays[taken]),
            )
            for taken in rng.choice(["good", "poor"], size=600, p=[0.4, 0.6])
        ]
        with org_scope(shop.org_id):
            BanditDecision.objects.bulk_create(rows)
        found = result_of(shop, "/v1/admin/off-policy", source="bandit")
        command = ["--source", "bandit", "--namespace", "shop", "--json"]
        call_command("estimate_offpolicy", *command, "--org-id", str(shop.org_id))

        told = {each["target"]: each for each in found["targets"]}
        for name, pay in pays.items():
            estimates = told[f"Always {name}"]["estimates"]
            assert [each["method"] for each in estimates] == ["ips", "snips", "dr"]
            assert estimates[-1]["value"] == pytest.approx(pay, abs=0.08)
        assert told["Always good"]["verdict"].startswith("It would have earned more")
        assert told["Always poor"]["verdict"].startswith("It would have earned less")
        assert json.loads(capsys.readouterr().out)["targets"] == found["targets"]

    def test_choices_there_are_none_of_are_refused_in_words(
        self, shop: Shop, capsys: Any
    ) -> None:
        shop.sell(*items(["tea"]))
        command = ["--source", "bandit", "--namespace", "shop"]
        with pytest.raises(SystemExit) as ended:
            call_command("estimate_offpolicy", *command, "--org-id", str(shop.org_id))

        assert ended.value.code == 2
        assert "Nothing can be concluded" in capsys.readouterr().out
        body = {"namespace": "shop", "source": "exploration"}
        response = shop.post("/v1/admin/off-policy", body)
        assert response.json()["code"] == "profile_not_found"


class TestExploredPlaces:
    def test_are_held_against_what_a_profile_would_show(
        self, shop: Shop, settings: Any
    ) -> None:
        """A place is drawn among three candidates; the profile's choice is clicked."""
        settings.AUDIT_TRACES_PER_SECOND = 10_000
        shop.sell(*items([f"tea{n}" for n in range(6)], tags=["tea"]))
        shop.record(*[(f"u{n % 7}", f"tea{n % 5}", "click") for n in range(40)])
        build(shop)
        config = {"exploration_slots": 1, "exploration_depth": 2, "mmr_lambda": 1}
        shop.ask("/v1/admin/recommendation/config", config=config)
        answers = [shop.recommend(None, k=3) for _ in range(300)]
        drain()
        best = shop.ids(None, k=3, dry_run=True)[2]
        clicked = [each for each in answers if each["items"][2]["item_id"] == best]
        with org_scope(shop.org_id):
            Feedback.objects.bulk_create([_click(shop, each) for each in clicked])
            found = estimate(
                shop.namespace,
                OffPolicyRequest(source="exploration"),
                at=timezone.now() + timedelta(hours=25),
                handle=Unattended(),
            )

        (told,) = found["targets"]
        assert told["n_used"] == 300
        assert told["mean_weight"] == pytest.approx(1.0, abs=0.35)
        assert [each["value"] for each in told["estimates"]][1] == 1.0
        assert told["logged"]["value"] == pytest.approx(len(clicked) / 300)
        assert told["verdict"].startswith("It would have earned more")


def _click(shop: Shop, answer: dict[str, Any]) -> Feedback:
    now = timezone.now()
    return Feedback(
        decision_id=UUID(answer["decision_id"]),
        decision_day=now.date(),
        org_id=shop.org_id,
        namespace=shop.namespace,
        key="c:1",
        kind=FeedbackKind.CLICK,
        slot=3,
        at=now,
        received_at=now,
        window_hours=24,
        source=0,
        state=FeedbackState.COUNTED,
    )
