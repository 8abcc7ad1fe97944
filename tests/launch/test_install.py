"""Packages are installed when the lock changed, and not otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys_site.launch import install, ports


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the commands that would run, in a checkout with an environment."""
    ran: list[list[str]] = []
    environment = tmp_path / ".venv"
    environment.mkdir()
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("django==5.2.0 --hash=sha256:0\n")
    monkeypatch.setattr(install, "TOP", tmp_path)
    monkeypatch.setattr(install, "ENVIRONMENT", environment)
    monkeypatch.setattr(install, "_runs", lambda python: True)
    monkeypatch.setattr(install, "_has_pip", lambda: True)
    monkeypatch.setattr("shutil.which", lambda name: None)

    def follow(command: list[str]) -> bool:
        ran.append(command)
        return True

    monkeypatch.setattr(install, "_follow", follow)
    return ran


def test_an_unchanged_lock_costs_nothing(commands: list[list[str]]) -> None:
    assert install.main(["requirements.txt"]) == 0
    assert install.main(["requirements.txt"]) == 0
    assert len(commands) == 1
    assert "--require-hashes" in commands[0]


def test_a_changed_lock_is_installed_again(commands: list[list[str]]) -> None:
    install.main(["requirements.txt"])
    (install.TOP / "requirements.txt").write_text("django==5.2.1 --hash=sha256:1\n")
    install.main(["requirements.txt"])
    assert len(commands) == 2


def test_the_packages_for_tests_are_also_those_for_running(
    commands: list[list[str]],
) -> None:
    install.main(["requirements-dev.txt"])
    install.main(["requirements.txt"])
    assert len(commands) == 1


def test_uv_is_asked_first_and_pip_if_it_fails(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_for_uv(command: list[str]) -> bool:
        commands.append(command)
        return command[0] != "/bin/uv"

    monkeypatch.setattr("shutil.which", lambda name: "/bin/uv")
    monkeypatch.setattr(install, "_follow", fails_for_uv)
    assert install.main(["requirements.txt"]) == 0
    assert [command[0] for command in commands] == ["/bin/uv", str(install.PYTHON)]


def test_what_failed_is_not_remembered_as_installed(
    commands: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(install, "_follow", lambda command: False)
    assert install.main(["requirements.txt"]) == 1
    assert "could not be installed" in capsys.readouterr().out
    assert not list(install.ENVIRONMENT.iterdir())


def test_a_taken_port_is_named_before_installing(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "problem", lambda: "Port 8000 is in use.")
    assert install.main(["requirements.txt", "--ports"]) == 1
    assert commands == []
