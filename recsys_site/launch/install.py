"""Install the locked packages into .venv, if the lock changed since.

`python -m recsys_site.launch.install requirements.txt [--ports]`, with any Python that
`find_python` finds: nothing is installed yet, so only the standard library may be used
here. With `--ports` a port in use is named before anything long is done.
"""

from __future__ import annotations

import fcntl
import filecmp
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from . import ports

TOP = Path(__file__).resolve().parents[2]
ENVIRONMENT = TOP / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
_BIGGER = {"requirements-dev.txt": "requirements.txt"}


def main(arguments: list[str]) -> int:
    lock = TOP / arguments[0]
    if _runs(PYTHON) and _is_installed(lock):
        return 0
    if "--ports" in arguments and (taken := ports.problem()):
        _say(taken)
        return 1
    with (TOP / "requirements.txt").open() as shared:
        # `make test` and `make run` may come at once, and there is one environment.
        fcntl.flock(shared, fcntl.LOCK_EX)
        if not _runs(PYTHON):
            _make_environment()
        return 0 if _is_installed(lock) else _install(lock)


def _runs(python: Path) -> bool:
    """Return whether the environment's Python starts; the one behind it may be gone."""
    test = "import sys; sys.exit(sys.version_info < (3, 12))"
    try:
        asked = subprocess.run([str(python), "-I", "-c", test], check=False)
    except OSError:
        return False
    return asked.returncode == 0


def _has_pip() -> bool:
    """Return whether pip is there; an interrupted or foreign environment lacks it."""
    test = [str(PYTHON), "-I", "-c", "import pip"]
    return subprocess.run(test, check=False, capture_output=True).returncode == 0


def _stamp(lock: str) -> Path:
    return ENVIRONMENT / f"installed-{lock}"


def _is_installed(lock: Path) -> bool:
    stamp = _stamp(lock.name)
    return stamp.exists() and filecmp.cmp(lock, stamp, shallow=False)


def _make_environment() -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    _say(f"Making .venv with Python {version}")
    if ENVIRONMENT.is_symlink():
        ENVIRONMENT.unlink()
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)


def _install(lock: Path) -> int:
    lines = lock.read_text().splitlines()
    packages = sum("==" in line and line[0].isalnum() for line in lines)
    _say(f"Installing {packages} packages from {lock.name}, usually within a minute")
    if not _has_pip():
        subprocess.run([PYTHON, "-m", "ensurepip"], check=True)
    if not any(_follow(command) for command in _installers(lock)):
        _say(
            f"The packages of {lock.name} could not be installed; see above. With the"
            " network back, run make again."
        )
        return 1
    for name in {lock.name, _BIGGER.get(lock.name, lock.name)}:
        shutil.copy(TOP / name, _stamp(name))
    return 0


def _installers(lock: Path) -> Iterable[list[str]]:
    if uv := shutil.which("uv"):
        where = ("--python", str(PYTHON))
        yield [
            uv,
            "pip",
            "install",
            "--quiet",
            *where,
            "--require-hashes",
            "-r",
            str(lock),
        ]
    # Also where uv failed: it ignores pip's configuration, which may name a proxy.
    pip = (str(PYTHON), "-m", "pip", "--disable-pip-version-check")
    # Python compiles what is imported; compiling everything would double the time.
    quiet = ("--quiet", "--progress-bar", "off", "--no-compile")
    yield [*pip, "install", *quiet, "--require-hashes", "-r", str(lock)]


def _follow(command: list[str]) -> bool:
    """Run an installer and say now and then that it still works."""
    began = time.monotonic()
    installer = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    while True:
        try:
            return installer.wait(timeout=10) == 0
        except subprocess.TimeoutExpired:
            _say(f"Still installing after {time.monotonic() - began:.0f} s")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
