"""A process that answers as fast as it can: `-m tests.audit.processes.answerer`.

It spools a decision and then prints its id, as a web process spools a decision and then
sends its answer. Whoever kills it knows what it answered; it ends when its starter is
gone.
"""

from __future__ import annotations

import os
import sys
import time

import msgspec

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recsys_site.settings")

from audit import spool
from tests.factories.audit import make_record, new_decision_id


def main(*, most: int, pause_seconds: float) -> None:
    model = make_record(n_candidates=20, k=5, n_history=5, n_drops=5)
    starter = os.getppid()
    for _ in range(most):
        if os.getppid() != starter:
            return
        decision_id = new_decision_id()
        header = msgspec.structs.replace(model.header, decision_id=decision_id)
        spool.append(msgspec.structs.replace(model, header=header))
        os.write(1, decision_id.hex().encode() + b"\n")
        time.sleep(pause_seconds)


if __name__ == "__main__":
    main(most=int(sys.argv[1]), pause_seconds=float(sys.argv[2]))
