"""The harness and the optimizer, as scripts call them."""

from __future__ import annotations

import io
import json
import random
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import Namespace
from catalog.tenancy import org_scope
from tuning.models import Sweep


def command(shop, name, *arguments):
    out = io.StringIO()
    tenant = ["--namespace", shop.name, "--org-id", str(shop.org_id)]
    code = 0
    try:
        call_command(name, *map(str, arguments), *tenant, stdout=out, stderr=out)
    except SystemExit as ended:
        code = ended.code
    return code, out.getvalue()


@pytest.fixture
def harness(past, tmp_path):
    """A harness that ran, and what it wrote."""
    folder = tmp_path / "out"
    code, told = command(
        past,
        "tuning_harness",
        *["--alphas", "0.1,0.9", "--mmrs", "0.2,0.8", "--segment", "tea"],
        *["--samples", 6, "--limit-users", 20, "--sleep-ms", 200],
        *["--output-dir", folder, "--bundle", "--json"],
    )
    return code, told, folder


def test_the_harness_writes_what_it_always_wrote(past, harness):
    code, told, folder = harness

    assert code == 0, told
    assert "--sleep-ms: accepted, without effect" in told
    summary = json.loads((folder / "summary.json").read_text())
    run = json.loads((folder / "run_002.json").read_text())
    assert len(summary["runs"]) == 7
    assert set(run["parameters"]) == {"BLEND_ALPHA", "MMR_LAMBDA"}
    assert {"ndcg_lift", "segment_ndcg_lift", "user_count"} <= set(run["metrics"])
    assert run["values"].keys() == {
        "segment_profiles.tea.blend_alpha",
        "segment_profiles.tea.mmr_lambda",
    }
    page = (folder / "report.html").read_text()
    assert summary["headline"] in page
    assert "<svg" in page
    with zipfile.ZipFile(folder / "bundle.zip") as archive:
        names = set(archive.namelist())
    assert {"report.html", "summary.json", "samples.json", "traces.json"} <= names
    assert "guardrail_verdicts.json" in names

    self_made = command(
        past,
        "ai_optimizer",
        *["--runs-dir", folder, "--objective", "segment_ndcg_lift", "--json"],
    )
    stored = command(past, "ai_optimizer", "--suggestions", 2)
    # The runs say nothing of three of its five knobs, so nothing is learnt from them.
    assert json.loads(self_made[1])["samples_used"] == 0
    assert stored[1].startswith("Learnt from 7 trials.")
    assert "Expected ndcg@10" in stored[1]


def test_a_segment_that_nobody_is_in_is_refused_with_the_nearest(past, tmp_path):
    code, told = command(
        past,
        "tuning_harness",
        *["--alphas", "0.1,0.9", "--segment", "cofee", "--limit-users", 20],
        *["--output-dir", tmp_path / "nobody"],
    )

    assert code == 2
    assert "Nobody who is asked is in the segment cofee" in told
    assert "Did you mean coffee?" in told
    assert not (tmp_path / "nobody").exists()


def test_a_grid_is_every_combination(past, tmp_path):
    code, told = command(
        past,
        "tuning_harness",
        *["--alphas", "0.1,0.9", "--betas", "0,0.5", "--grid"],
        *["--limit-users", 20, "--output-dir", tmp_path / "grid"],
    )

    summary = json.loads((tmp_path / "grid" / "summary.json").read_text())
    assert code == 0, told
    assert sorted(tuple(run["values"].values()) for run in summary["runs"][1:]) == [
        (0.1, 0.0),
        (0.1, 0.5),
        (0.9, 0.0),
        (0.9, 0.5),
    ]


def test_a_wrong_range_is_told_by_its_knob(past):
    with pytest.raises(CommandError, match="mmr_lambda must be a number from 0 to 1"):
        command(past, "tuning_harness", "--mmrs", "0.2,7")


def test_runs_of_a_folder_are_learnt_from(past, tmp_path):
    for number in range(1, 9):
        alpha = 0.2 + 0.03 * number
        run = {
            "parameters": {
                "BLEND_ALPHA": alpha,
                "BLEND_BETA": 0.4,
                "BLEND_GAMMA": 0.2,
                "MMR_LAMBDA": 0.2,
                "POPULARITY_FANOUT": 500,
            },
            "metrics": {"segment_ndcg_lift": alpha, "catalog_coverage": 1 - alpha},
        }
        (tmp_path / f"run_{number:03d}.json").write_text(json.dumps(run))

    code, told = command(
        past,
        "ai_optimizer",
        *["--runs-dir", tmp_path, "--output", tmp_path / "next.json", "--json"],
        *["--objective", "segment_ndcg_lift", "--objective", "catalog_coverage"],
    )

    found = json.loads((tmp_path / "next.json").read_text())
    assert (code, found) == (0, json.loads(told))
    assert (found["objective"], found["samples_used"]) == ("segment_ndcg_lift", 8)
    assert len(found["suggestions"]) == 3
    assert "hypervolume" in found["notes"][0]
    # The files are all that is needed; without them a namespace is.
    call_command("ai_optimizer", "--runs-dir", str(tmp_path), stdout=io.StringIO())
    with pytest.raises(CommandError, match="--namespace, or --runs-dir"):
        call_command("ai_optimizer")


def test_nothing_to_learn_from_is_an_exit_code(shop):
    shop.sell({"item_id": "a"})

    assert command(shop, "ai_optimizer") == (2, "shop has no sweep to learn from.\n")


def test_a_fixture_is_tuned_apart_and_nothing_is_left_of_it(past, tmp_path):
    rng = random.Random(1)
    now = timezone.now()
    fixture = {
        "items": [{"item_id": f"i{n}", "tags": [f"t{n % 3}"]} for n in range(12)],
        "users": [
            {"user_id": f"u{n}", "traits": {"segment": "all"}} for n in range(20)
        ],
        "events": [
            {
                "user_id": f"u{n % 20}",
                "item_id": f"i{(n % 3 + 3 * rng.randrange(4)) % 12}",
                "type": 0,
                "ts": (now - timedelta(days=40 - n / 10)).isoformat(),
            }
            for n in range(390)
        ],
    }
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(fixture))
    before = Namespace.objects.count()

    code, told = command(
        past,
        "tuning_harness",
        *["--fixture-path", path, "--alphas", "0.1,0.9", "--samples", 2],
        *["--output-dir", tmp_path / "out", "--bundle"],
    )

    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (code, summary["namespace"]) == (0, past.name), told
    assert len(summary["runs"]) == 3
    assert (tmp_path / "out" / "bundle.zip").exists()
    assert Namespace.objects.count() == before
    with org_scope(past.org_id):
        assert not Sweep.objects.filter(pk=summary["sweep_id"]).exists()
