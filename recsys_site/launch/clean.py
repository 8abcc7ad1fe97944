"""`make clean`: stop the servers and remove what can be made again; the shop stays."""

from __future__ import annotations

import shutil
import sys

from recsys_site import embedded
from recsys_site.embedded import state

from .progress import Progress
from .single import AlreadyRunningError, only_launcher

_REMADE = ("static", "binaries", "test")


def main() -> int:
    progress = Progress()
    directory = state.installation_directory()
    if not directory.exists():
        return 0
    try:
        with only_launcher(directory, base="nowhere"):
            embedded.stop()
            for name in _REMADE:
                shutil.rmtree(directory / name, ignore_errors=True)
    except AlreadyRunningError as error:
        progress.show(str(error))
        return 1
    progress.show(f"The shop stays in {directory}; remove that to begin anew.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
