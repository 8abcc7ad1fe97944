"""`python -m recsys_site.launch`: run the whole platform until Ctrl-C."""

from __future__ import annotations

import sys

from recsys_site import embedded
from recsys_site.embedded import account, processes

from . import addresses, ports
from .conductor import GivenUpError, Platform, PreparationError
from .progress import Progress
from .single import AlreadyRunningError, only_launcher
from .stop_request import StopRequest

# A launcher that was killed a moment ago leaves processes that are still stopping.
_PORT_SECONDS = 2


def main() -> int:
    progress = Progress()
    stop = StopRequest()
    stop.listen()
    try:
        _run(progress=progress, stop=stop)
    except (
        AlreadyRunningError,
        GivenUpError,
        PreparationError,
        embedded.ServerError,
    ) as error:
        progress.show(f"\n{error}")
        return 1
    return 0


def _run(*, progress: Progress, stop: StopRequest) -> None:
    if words := ports.misspelt():
        raise PreparationError(words)
    state = embedded.state_directory()
    account.make_directory(state / "logs")
    addresses.open_deliberately()
    listening = addresses.listening()
    with only_launcher(state, base=listening.base):
        if not processes.wait_until(lambda: not ports.problem(), seconds=_PORT_SECONDS):
            raise PreparationError(ports.problem())
        Platform(listening=listening, progress=progress, stop=stop).run()


if __name__ == "__main__":
    sys.exit(main())
