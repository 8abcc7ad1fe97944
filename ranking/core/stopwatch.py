"""Measure how long parts of an answer take, by a clock that the caller brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


def no_time() -> int:
    """Stand still: a clock for those who ask for no durations."""
    return 0


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """Sums up durations by name. No result may depend on them.

    >>> times = iter([100, 130])
    >>> watch = Stopwatch(lambda: next(times))
    >>> watch.time("adding", sum, [1, 2])
    3
    >>> watch.durations_ns
    {'adding': 30}
    """

    tick: Callable[[], int] = no_time
    """Tells the time in nanoseconds."""

    durations_ns: dict[str, int] = field(default_factory=dict)

    def time[**P, T](
        self, name: str, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call a function and note how long it took."""
        before = self.tick()
        result = function(*args, **kwargs)
        spent = self.durations_ns.get(name, 0)
        self.durations_ns[name] = spent + self.tick() - before
        return result
