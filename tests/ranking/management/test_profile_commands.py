"""Profiles go out into files and come back."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, ManagementUtility, call_command

from catalog.tenancy import org_scope
from ranking.models import Profile
from ranking.operations.profiles import find_version, profile_in_force
from ranking.queries.shipped_profiles import shipped_profile, shipped_profiles
from tests.factories.tenants import make_namespace

pytestmark = pytest.mark.django_db


@pytest.fixture
def namespace():
    return make_namespace()


@pytest.fixture
def command(namespace, tmp_path):
    def run(name, *arguments):
        out = io.StringIO()
        tenant = ["--namespace", namespace.name, "--org-id", str(namespace.org_id)]
        files = ["--profiles-dir", str(tmp_path)] if name == "env_profile" else []
        call_command(name, *map(str, arguments), *tenant, *files, stdout=out)
        return out.getvalue()

    return run


def write(tmp_path, config, *, profile="default"):
    path = tmp_path / "shop" / f"{profile}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"config": config}))
    return path


def live(namespace, name="default"):
    with org_scope(namespace.org_id):
        profile = Profile.objects.get(namespace=namespace, name=name)
        return find_version(profile, profile.published_number).config


def test_an_applied_file_ranks_from_then_on(command, namespace, tmp_path):
    write(tmp_path, {"blend_alpha": 0.1})

    command("env_profile", "apply", "--author", "ana")

    assert live(namespace) == {"blend_alpha": 0.1}
    with org_scope(namespace.org_id):
        assert profile_in_force(namespace).published_by == "ana"


def test_what_is_fetched_is_applied_unchanged(command, namespace, tmp_path):
    path = write(tmp_path, {"segment_profiles": {"vip": {"brand_cap": 2}}})
    command("env_profile", "apply")

    fetched = json.loads(command("env_profile", "fetch", "--json"))
    command("env_profile", "apply")

    assert fetched["config"] == {"segment_profiles": {"vip": {"brand_cap": 2}}}
    assert json.loads(path.read_text())["profile"] == "default"
    assert live(namespace) == fetched["config"]


def test_a_difference_is_told_and_is_the_exit_code(command, tmp_path, capsys):
    write(tmp_path, {"blend_alpha": 0.1})
    command("env_profile", "apply")
    assert "0 differences" in command("env_profile", "diff")
    write(tmp_path, {"blend_alpha": 0.4})

    with pytest.raises(SystemExit) as ended:
        command("env_profile", "diff")

    assert ended.value.code == 1


def test_a_dry_run_applies_nothing(command, namespace, tmp_path):
    write(tmp_path, {"blend_alpha": 0.1})

    told = command("env_profile", "apply", "--dry-run")

    assert "blend_alpha: None → 0.1" in told
    with org_scope(namespace.org_id):
        assert not Profile.objects.exists()


def test_a_rollback_brings_the_version_before_back(command, namespace, tmp_path):
    for alpha in (0.1, 0.2):
        write(tmp_path, {"blend_alpha": alpha})
        command("env_profile", "apply")

    command("env_profile", "rollback")

    assert live(namespace) == {"blend_alpha": 0.1}


def test_a_profile_in_force_is_not_deleted(command, namespace, tmp_path):
    write(tmp_path, {})
    command("env_profile", "apply")
    write(tmp_path, {}, profile="summer")
    command("env_profile", "apply", "--profile", "summer")

    with pytest.raises(CommandError, match="in force"):
        command("env_profile", "delete")
    command("env_profile", "delete", "--profile", "summer")

    told = json.loads(command("env_profile", "list", "--json"))
    assert [each["name"] for each in told["profiles"]] == ["default"]


def test_a_copy_is_a_draft_elsewhere(command, namespace, tmp_path):
    there = make_namespace("staging", org_id=namespace.org_id)
    write(tmp_path, {"blend_beta": 0.9})
    command("env_profile", "apply")

    command("env_profile", "copy", "--to", "staging")

    with org_scope(namespace.org_id):
        copied = Profile.objects.get(namespace=there)
        assert (copied.published_number, copied.in_force) == (0, False)
        assert find_version(copied, 1).config == {"blend_beta": 0.9}


def test_a_wrong_value_is_told_with_its_range(command, tmp_path):
    write(tmp_path, {"mmr_lambda": 3})

    with pytest.raises(CommandError, match="from 0 to 1"):
        command("env_profile", "apply")


def test_the_exported_configuration_is_applied_unchanged(command, namespace, tmp_path):
    path = tmp_path / "config.json"
    command("recommendation_config", "export", "--file", path)
    document = json.loads(path.read_text())
    document["config"]["brand_cap"] = 3
    path.write_text(json.dumps(document))

    told = command("recommendation_config", "apply", "--file", path, "--json")

    assert json.loads(told)["version"] == 1
    assert live(namespace)["brand_cap"] == 3
    assert (
        json.loads(command("recommendation_config", "export"))["config"]
        == (document["config"])
    )


class TestConfigureEnv:
    @pytest.fixture
    def file(self, tmp_path):
        path = tmp_path / ".env"
        path.write_text("# taste\nBLEND_ALPHA=0.3\n\nPORT=8000\n")
        return path

    def run(self, tmp_path, *arguments):
        out = io.StringIO()
        folder = ["--history-dir", str(tmp_path / "history")]
        where = ["--env-file", str(tmp_path / ".env"), "--profiles-dir", str(tmp_path)]
        call_command("configure_env", *arguments, *folder, *where, stdout=out)
        return out.getvalue()

    def test_keeps_comments_and_order(self, file, tmp_path):
        self.run(tmp_path, "--set", "BLEND_ALPHA=0.2", "--set", "BRAND_CAP=2")

        assert (
            file.read_text() == "# taste\nBLEND_ALPHA=0.2\n\nPORT=8000\nBRAND_CAP=2\n"
        )
        (history,) = (tmp_path / "history").iterdir()
        assert json.loads(history.read_text())["changes"]["BLEND_ALPHA"] == [
            "0.3",
            "0.2",
        ]

    def test_is_called_from_a_shell_too(self, file):
        arguments = ["--set", "BLEND_ALPHA=0.2", "--env-file", str(file), "--dry-run"]

        utility = ManagementUtility(["manage.py", "configure_env", *arguments])
        utility.execute()

        assert "BLEND_ALPHA=0.3" in file.read_text()

    def test_asks_what_was_meant_by_what_looks_like_a_knob(
        self, file, tmp_path, capsys
    ):
        told = self.run(tmp_path, "--set", "BLEND_ALHPA=0.2", "--json")

        assert json.loads(told)["mistyped"] == {"BLEND_ALHPA": "BLEND_ALPHA"}
        assert "Did you mean BLEND_ALPHA?" in capsys.readouterr().err

    def test_changes_nothing_in_a_dry_run(self, file, tmp_path):
        before = file.read_text()

        told = self.run(tmp_path, "--set", "BLEND_ALPHA=0.2", "--dry-run")

        assert "BLEND_ALPHA: 0.3 → 0.2" in told
        assert file.read_text() == before
        assert not (tmp_path / "history").exists()

    def test_takes_a_profile_of_any_name(self, file, tmp_path):
        (tmp_path / "acme.env").write_text("MMR_LAMBDA=0.2\n")

        self.run(tmp_path, "--profile", "acme", "--set", "BLEND_BETA=0.5")

        assert "MMR_LAMBDA=0.2\nBLEND_BETA=0.5" in file.read_text()

    def test_refuses_a_value_that_no_knob_takes(self, file, tmp_path):
        with pytest.raises(CommandError, match="from 0 to 1"):
            self.run(tmp_path, "--set", "MMR_LAMBDA=7")

        assert "MMR_LAMBDA" not in file.read_text()


@pytest.mark.parametrize("name", list(shipped_profiles()))
def test_a_shipped_profile_is_applied_as_it_is(command, namespace, name):
    told = command("env_profile", "apply", "--template", name, "--force")

    assert told.strip() == "Version 1 of default is published."
    assert live(namespace) == shipped_profile(name)["config"]
    assert "0 differences" in command("env_profile", "diff", "--template", name)


@pytest.mark.parametrize("name", list(shipped_profiles()))
def test_a_shipped_profile_was_better_on_unseen_events(name):
    evidence = shipped_profile(name)["evidence"]

    assert evidence["verdict"] == "pass"
    assert evidence["lifts"]["ndcg@10"]["difference"]["low"] > 0
