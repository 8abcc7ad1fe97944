"""Which facts of a request's context the conditions of a configuration ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .configuration import Configuration

PREFIX = "ctx."


def asked_context(configuration: Configuration) -> frozenset[str]:
    """Return the names of the context's facts that segments and rules look at.

    Whoever keeps a request to rank it again must keep these.
    """
    conditions = [rule.rule for each in configuration.segments for rule in each.rules]
    conditions += [rule.context for rule in configuration.obeyed if rule.context]
    return frozenset(
        text.removeprefix(PREFIX).split(".")[0]
        for condition in conditions
        for text in _texts(condition)
        if text.startswith(PREFIX)
    )


def _texts(condition: object) -> Iterator[str]:
    if isinstance(condition, str):
        yield condition
    elif isinstance(condition, Mapping):
        for value in condition.values():
            yield from _texts(value)
    elif isinstance(condition, list | tuple):
        for value in condition:
            yield from _texts(value)
