"""A simulation judges a shop, writes a bundle, and leaves nothing else behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import Namespace
from simulations.core.scenarios.shops import ShopRequest
from simulations.core.simulation import SimulationReport, SimulationRequest
from simulations.models import Simulation
from simulations.operations import simulation_steps
from simulations.operations.simulation_runs import run_simulation
from simulations.queries.batches import BatchError, read_batch
from simulations.queries.scenario_files import suite
from tests.factories.tenants import make_namespace

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
SMALL = ShopRequest(items=120, users=150, events=8_000, seed=3)


@pytest.fixture
def place(settings: Any, tmp_path: Path) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    settings.FILES_ROOT.mkdir()
    settings.REPORTS_ROOT = tmp_path / "reports"
    settings.GUARDRAILS_FILE = tmp_path / "guardrails.yml"
    settings.GUARDRAILS_FILE.write_text(
        "defaults: {quality: {min_catalog_coverage: 0.01, max_constraint_leaks: 0}}"
    )
    return tmp_path


@pytest.fixture
def few_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation_steps, "suite", lambda customer: suite()[:1])


def simulate(**told: Any) -> Simulation:
    request = SimulationRequest(customer="acme", **{"shop": SMALL, **told})
    return run_simulation(make_namespace(), request, at=timezone.now())


class TestASimulation:
    def test_tells_its_verdict_first_and_keeps_everything(
        self, place: Path, few_scenarios: None
    ) -> None:
        done = simulate()

        folder = Path(done.folder)
        report = msgspec.convert(done.report, SimulationReport)
        readme = (folder / "README.md").read_text()
        page = (folder / "report.html").read_text()
        assert done.verdict == "passed", done.headline
        assert done.headline.startswith("Fit to ship")
        assert readme.startswith(f"# {done.headline}")
        assert "<svg" in page
        assert "NDCG@10 above popularity" in page
        assert page.index("What was simulated") < page.index("Quality against")
        assert "http" not in page.replace("http://www.w3.org", "")
        assert {path.name for path in (folder / "artifacts").iterdir()} >= {
            "quality_metrics.json",
            "scenario_summary.json",
            "scenarios.csv",
            "seed_manifest.json",
            "seed_segments.json",
            "recommendation_dump.json",
            "per_user.parquet",
        }
        metadata = json.loads((folder / "simulation_metadata.json").read_text())
        assert [step["state"] for step in metadata["steps"]] == ["done"] * 7
        assert report.lists is not None
        assert report.lists.movement.changed > 0
        assert not Namespace.objects.filter(name__startswith="~").exists()

    @pytest.mark.prove
    def test_is_the_same_again_to_the_digit(
        self, place: Path, few_scenarios: None
    ) -> None:
        at, owner = timezone.now(), make_namespace()
        request = SimulationRequest(customer="acme", shop=SMALL, skip=("quality",))

        first, second = (run_simulation(owner, request, at=at) for _ in range(2))

        def figures(done: Simulation) -> Any:
            lists = done.report["lists"]
            for side in ("before", "after"):
                lists[side].pop("p95_ms")
            lists["items"] = None  # Items get new numbers, and ties go by them.
            return lists

        assert figures(first) == figures(second)
        assert first.folder != second.folder

    def test_that_leaves_out_a_step_is_not_passed(
        self, place: Path, few_scenarios: None
    ) -> None:
        done = simulate(skip=("quality",))

        assert done.verdict == "unknown"
        assert "left out: quality" in done.headline

    def test_whose_step_fails_still_leaves_a_bundle(
        self, place: Path, few_scenarios: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_arguments: Any, **_named: Any) -> Any:
            raise ZeroDivisionError("the evaluation is broken")

        monkeypatch.setattr(simulation_steps, "evaluate", broken)

        done = simulate()

        assert done.verdict == "failed"
        assert "the evaluation is broken" in done.headline
        states = {each["step"]: each["state"] for each in done.report["steps"]}
        assert states["quality"] == "failed"
        assert states["scenarios"] == "done"
        assert (Path(done.folder) / "report.html").exists()

    def test_whose_time_is_up_is_not_taken_for_a_step_that_failed(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def too_long(*_arguments: Any, **_named: Any) -> Any:
            raise SoftTimeLimitExceeded

        monkeypatch.setattr(simulation_steps, "fill", too_long)

        with pytest.raises(SoftTimeLimitExceeded):
            simulate()

    def test_of_a_profile_that_is_not_there_says_so(self, place: Path) -> None:
        tiny = ShopRequest(items=30, users=20, events=400, seed=3)

        done = simulate(profile="spring", shop=tiny)

        assert done.verdict == "failed"
        assert "there is no profile spring" in done.headline
        states = {each["step"]: each["state"] for each in done.report["steps"]}
        assert states["quality"] == states["scenarios"] == "not reached"
        assert not done.report["tiles"]
        assert not done.report["scenarios"]

    @pytest.mark.prove
    def test_that_breaks_a_limit_of_its_own_is_not_fit(
        self, place: Path, few_scenarios: None
    ) -> None:
        done = simulate(skip=("quality",), limits={"max_popularity_bias": 0.01})

        assert done.verdict == "failed"
        assert "1 guardrail broken" in done.headline


class TestTheCommand:
    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ("--min-catalog-coverage=60", "must be a number from 0 to 1, not 60"),
            ("--customer=../up", "customer"),
            ("--users=0", "Such a shop cannot be made"),
        ],
    )
    def test_takes_what_cannot_be_for_no_verdict(self, wrong: str, words: str) -> None:
        arguments = ["--customer=acme", wrong]

        with pytest.raises(CommandError, match=words) as caught:
            call_command("run_simulation", *arguments)

        assert caught.value.returncode == 2


class TestABatch:
    def test_is_read_strictly(self, tmp_path: Path) -> None:
        path = tmp_path / "batch.yml"
        path.write_text("runs:\n  - {customer: a, itemz: 3}\n")

        with pytest.raises(BatchError, match=r"\$\.runs\[0\].*itemz"):
            read_batch(path)

    @pytest.mark.prove
    def test_gives_a_row_for_each_customer(
        self, place: Path, few_scenarios: None, capsys: Any
    ) -> None:
        owner = make_namespace()
        path = place / "batch.json"
        entries = [{"customer": name, "skip": ["quality"]} for name in ("one", "two")]
        path.write_text(json.dumps({"runs": entries}))

        with pytest.raises(SystemExit) as ended:
            call_command(
                "run_simulation",
                f"--batch-file={path}",
                "--batch-name=both",
                f"--org-id={owner.org_id}",
                f"--namespace={owner.name}",
                "--items=120",
                "--users=60",
                "--events=3000",
                "--json",
            )

        rows = json.loads(capsys.readouterr().out)
        assert [row["customer"] for row in rows] == ["one", "two"]
        assert ended.value.code == 2
        (written,) = (place / "reports" / "batches").glob("both_*.json")
        assert len(json.loads(written.read_text())["runs"]) == 2
