"""Where the workers of a sweep on one host find the signals that one of them built."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from filelock import FileLock

from ranking.signals.columns import ColumnFile

_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Shelf:
    """A folder for the column files of one sweep, one part of it for each fold."""

    folder: Path

    def take(self) -> None:
        """Say that it is in use, and clear those beside it that were not for a day.

        Whoever loses a shelf, as a sweep that was paused, builds its signals anew.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.touch()
        now = self.folder.stat().st_mtime
        for other in self.folder.parent.iterdir():
            if now - other.stat().st_mtime > _DAY_SECONDS:
                Shelf(other).clear()

    @contextmanager
    def part(self, number: int) -> Iterator[Part]:
        """Have a fold's part alone, once whoever builds there is done.

        The lock is the kernel's: it ends with the process that holds it.
        """
        part = Part(self.folder / str(number))
        part.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(part.folder / "lock"):
            yield part

    def clear(self) -> None:
        """Remove all that is on it. It can be filled again at any time."""
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True)
class Part:
    """The column files of one fold. Use it while you have it alone."""

    folder: Path

    @property
    def known(self) -> dict[str, ColumnFile]:
        """What is there, by inputs."""
        if not self._list.exists():
            return {}
        found = msgspec.json.decode(self._list.read_bytes(), type=list[ColumnFile])
        return {column.inputs: column for column in found}

    def add(self, columns: Iterable[ColumnFile]) -> None:
        """Note column files that stand in the folder."""
        both = self.known | {column.inputs: column for column in columns}
        draft = self._list.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(list(both.values())))
        draft.replace(self._list)

    @property
    def _list(self) -> Path:
        return self.folder / "columns.json"
