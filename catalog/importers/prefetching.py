from __future__ import annotations

import copy
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from .batches import Batch
from .tally import Tally

type Counted = tuple[Batch, Tally]


def ahead(batches: Iterator[Batch], *, tally: Tally) -> Iterator[Counted]:
    """Yield batches, each with the tally as it stood behind it, read one ahead.

    PostgreSQL stores a batch while the next one is read: the wall clock then pays for
    the slower of the two, not for both.
    """

    def read() -> Counted | None:
        batch = next(batches, None)
        return None if batch is None else (batch, copy.deepcopy(tally))

    with ThreadPoolExecutor(1, thread_name_prefix="reader") as reader:
        coming: Future[Counted | None] = reader.submit(read)
        while (counted := coming.result()) is not None:
            coming = reader.submit(read)
            yield counted
