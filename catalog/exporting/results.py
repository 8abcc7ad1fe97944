"""The files that a Run leaves behind, as one download."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.http import FileResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from catalog.models import Run

_PIECE = 256 * 1024
_BINARY = "application/octet-stream"


class NothingToDownloadError(Exception):
    """The Run left no files, or they are not on this machine."""


def has_files(run: Run) -> bool:
    return bool(run.result.get("files"))


def download(run: Run) -> FileResponse | StreamingHttpResponse:
    """Return the Run's file; of several files an archive, packed while it is sent."""
    paths = _files_of(run)
    name = f"{run.namespace.name}-{run.created_at:%Y-%m-%d}"
    if len(paths) == 1:
        return FileResponse(
            paths[0].open("rb"),
            as_attachment=True,
            filename=f"{name}-{paths[0].name}",
            content_type=_BINARY,
        )
    attachment = content_disposition_header(True, f"{name}.zip")  # noqa: FBT003
    return StreamingHttpResponse(
        _zipped(paths),
        content_type=_BINARY,
        headers={"Content-Disposition": attachment or "attachment"},
    )


def _files_of(run: Run) -> list[Path]:
    if not has_files(run):
        raise NothingToDownloadError("This Run has no files to download.")
    paths = [Path(one["file"]) for one in run.result["files"].values()]
    missing = [path for path in paths if not path.is_file()]
    if missing:
        raise NothingToDownloadError(
            f"{missing[0].name} is not on this machine any more, or was written on "
            f"another. Start the export again."
        )
    return paths


class _Outlet:
    """Where the archive is written to: kept until it is sent."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.written.append(bytes(data))
        return len(data)

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def taken(self) -> bytes:
        data, self.written = b"".join(self.written), []
        return data


def _zipped(paths: Sequence[Path]) -> Iterator[bytes]:
    """Yield an archive of files that are packed already, so they are only wrapped."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:
        for path in paths:
            entry = zipfile.ZipInfo.from_file(path, path.name)
            with path.open("rb") as source, archive.open(entry, "w") as target:
                while data := source.read(_PIECE):
                    target.write(data)
                    yield outlet.taken()
    yield outlet.taken()
