"""The suite passes in a private shop, and nothing of it is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from catalog.models import Event, Item, Namespace
from catalog.operations import runs
from catalog.tenancy import org_scope
from rules.models import Rule
from simulations.core.scenarios.shops import ShopRequest
from simulations.models import ScenarioRun
from simulations.operations.rehearsal.filling import copy_configuration, fill
from simulations.operations.rehearsal.playing import play
from simulations.operations.rehearsal.private import private_namespace, sweep
from simulations.operations.rehearsal.shop import Rehearsal
from simulations.operations.scenario_runs import run_scenarios
from simulations.operations.scenarios import (
    ScenarioRequest,
    UnknownScenarioError,
    start_scenarios,
)
from simulations.queries.fixtures import shop_of
from simulations.queries.scenario_files import scenario_in, suite
from tests.factories.tenants import make_namespace

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
SMALL = ShopRequest(items=120, users=120, events=6_000, seed=7)


def rows_outside() -> list[int]:
    """Count rows of every org: what a scenario stores must not be among them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM catalog_namespace WHERE name LIKE '~%%'),"
            " (SELECT count(*) FROM catalog_item),"
            " (SELECT count(*) FROM rules_rule)"
        )
        return list(cursor.fetchone())


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    settings.FILES_ROOT = folder
    return folder


def left_in(files: Path) -> list[str]:
    """Return what lies under the names of private namespaces."""
    known = set(map(str, Namespace.objects.values_list("pk", flat=True)))
    return [
        str(path)
        for folder in files.iterdir()
        if folder.is_dir()
        for path in folder.iterdir()
        if path.name.isdigit() and path.name not in known
    ]


class TestASuite:
    def test_is_played_with_evidence_and_leaves_nothing(self, files: Path) -> None:
        owner = make_namespace()
        before = rows_outside()
        ids = ("S1", "S3", "S5", "S8", "s10", "B2", "B3", "B4")
        request = ScenarioRequest(only=ids, shop=SMALL)

        done = run_scenarios(owner, request, at=timezone.now())

        assert (done.passed, done.total) == (8, 8), done.headline
        assert rows_outside() == before
        assert left_in(files) == []
        first = done.results[0]["steps"][0]["first"]
        assert first["request"]["constraints"]["include_tags_any"] == ["books"]
        assert first["answer"]["items"]
        assert first["trace"]["candidates"]
        with org_scope(owner.org_id):
            assert ScenarioRun.objects.get(namespace=owner).pk == done.pk

    def test_asks_for_scenarios_that_exist(self, files: Path) -> None:
        with pytest.raises(UnknownScenarioError, match="There are S1, S2"):
            run_scenarios(
                make_namespace(), ScenarioRequest(only=("S99",)), at=timezone.now()
            )

    def test_asks_for_customers_who_have_some(self, files: Path) -> None:
        with pytest.raises(UnknownScenarioError, match="nothing in fixtures/customers"):
            run_scenarios(
                make_namespace(), ScenarioRequest(customer="tee"), at=timezone.now()
            )

    def test_holds_a_customer_s_own(
        self, files: Path, settings: Any, tmp_path: Path
    ) -> None:
        settings.FIXTURES_ROOT = tmp_path
        folder = tmp_path / "customers" / "tea" / "scenarios"
        folder.mkdir(parents=True)
        (folder / "kettles.yml").write_text(
            "id: T1\nname: Somebody gets something\nexpected: A list.\n"
            "steps:\n  - recommend: {k: 3}\n  - expect: [{figure: size, at_least: 4}]\n"
        )
        request = ScenarioRequest(customer="tea", only=("T1",), shop=SMALL)

        done = run_scenarios(make_namespace(), request, at=timezone.now())

        assert (done.passed, done.total) == (0, 1)
        assert "T1" in done.headline
        assert "at least 4: 3" in done.results[0]["observed"]

    @pytest.mark.prove
    def test_passes_as_a_whole_in_the_usual_shop(self, files: Path) -> None:
        done = run_scenarios(make_namespace(), ScenarioRequest(), at=timezone.now())

        assert (done.passed, done.total) == (14, 14), done.headline


class TestAScenario:
    def test_is_undone_whatever_happens(self, files: Path) -> None:
        owner, at = make_namespace(), timezone.now()
        breaking = scenario_in(
            "id: B\nname: Breaks\nexpected: Nothing.\nsteps:\n"
            "  - upsert: {items: [{item_id: odd}], events: [{user_id: u, item_id: odd,"
            " type: 0}]}\n"
            "  - configure: {mmr_lambda: 0.9}\n"
            "  - upsert_rule: {as: r, action: BLOCK, target_type: ITEM,"
            " item_ids: [odd]}\n"
            "  - recommend: {user: '#9999'}\n"
            "  - expect: [{figure: size, at_least: 1}]\n",
            path="b.yml",
        )
        shop, _ = shop_of(SMALL, at=at)
        with private_namespace(owner, at=at, days=120) as private:
            copy_configuration(owner, private, profile=None, at=at)
            fill(private, shop, at=at, handle=runs.Unattended())
            rehearsal = Rehearsal.of(private, at=at)
            pin = suite()[4]
            first = play(pin, rehearsal, given={})

            broken = play(breaking, rehearsal, given={})
            again = play(pin, rehearsal, given={})

            assert not broken.passed
            assert "There is no user #9999" in broken.error
            assert not Item.objects.filter(namespace=private, item_id="odd").exists()
            assert not Rule.objects.filter(namespace=private).exists()
            assert Event.objects.filter(namespace=private).count() == SMALL.events
            answers = [each.steps[1]["answers"] for each in (first, again)]
            assert answers[0] == answers[1]


class TestAKilledRun:
    @pytest.mark.processes
    def test_leaves_nothing_and_is_done_again(self, files: Path) -> None:
        owner = make_namespace()
        before = rows_outside()
        request = ScenarioRequest(only=("S1",), shop=SMALL)
        with org_scope(owner.org_id):
            run = start_scenarios(
                owner, request, at=timezone.now(), requested_by="a test"
            )
        kinds = "scenarios=simulations.operations.scenario_runs.execute_scenarios"
        worker = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.support.worker",
                str(run.pk),
                str(run.org_id),
            ],
            env=os.environ
            | {"RECSYS_TEST_EXECUTORS": kinds, "RECSYS_FILES_ROOT": str(files)},
        )
        wait_for(lambda: any((files / "private").glob("*")))
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()

        wait_for(lambda: sweep() > 0)
        assert rows_outside() == before
        assert left_in(files) == []
        state = runs.execute(
            run.pk,
            org_id=run.org_id,
            clock=lambda: timezone.now() + timedelta(seconds=25),
        )
        assert state == "succeeded"
        assert left_in(files) == []


class TestTheCommand:
    def test_plays_nothing_where_nobody_is_served(self) -> None:
        owner = make_namespace()
        arguments = [f"--org-id={owner.org_id}", "--namespace=nowhere"]

        with pytest.raises(CommandError, match="no namespace nowhere") as caught:
            call_command("run_scenarios", *arguments)

        assert caught.value.returncode == 2
        assert not Namespace.objects.filter(name="nowhere").exists()

    def test_ends_as_the_suite_does_and_writes_the_reference_s_files(
        self, files: Path, tmp_path: Path, capsys: Any
    ) -> None:
        owner, folder = make_namespace(), tmp_path / "out"
        arguments = [
            f"--org-id={owner.org_id}",
            f"--namespace={owner.name}",
            "--items=120",
            "--users=120",
            "--events=6000",
            "--only=S1",
        ]

        with pytest.raises(SystemExit) as ended:
            call_command(
                "run_scenarios", *arguments, f"--output-dir={folder}", "--json"
            )
        told = json.loads(capsys.readouterr().out)
        with pytest.raises(SystemExit) as unknown:
            call_command("run_scenarios", *arguments, "--only=S77", "--base-url=x")

        assert (ended.value.code, unknown.value.code) == (0, 2)
        assert told["passed"] == 1
        assert {path.name for path in folder.iterdir()} == {
            "scenarios.csv",
            "scenario_summary.json",
            "evidence",
        }
        header = (folder / "scenarios.csv").read_text().splitlines()[0]
        assert header == "id,name,input,expected,observed,result"


def wait_for(holds: Any, *, seconds: float = 60.0) -> None:
    deadline = monotonic() + seconds
    while not holds():
        assert monotonic() < deadline, "it never came"
        sleep(0.02)
