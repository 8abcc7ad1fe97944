"""A change set as the ranking takes it: rules before and after, where and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.models import Namespace
from ranking.core.asked import asked_context
from ranking.core.configuration import Configuration
from ranking.serve.context import HARMLESS
from ranking.serve.served import Served
from rules.core.compile import Rulebook, compile_rules
from rules.core.content import Content
from rules.models import IN_FORCE, ChangeSetItem
from rules.queries.contents import read
from rules.queries.live import live_overrides, live_rules
from simulations.core.moments import Extent
from simulations.queries.scopes import Scope, scopes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a change set does to rules."""

    namespace: Namespace
    items: Sequence[ChangeSetItem]
    contents: Sequence[Content]
    """What its rules say now, as far as they are obeyed, and what they will say."""

    extents: Sequence[Extent]
    """When each of the rules acts, as it is or as it will be."""

    @property
    def scopes(self) -> frozenset[Scope]:
        return scopes_of(each.rule for each in self.contents)

    def unkept_facts(self, served: Served) -> tuple[str, ...]:
        """Return the facts that it asks of a request and that decisions do not hold.

        Of a call's context only what was asked for when it was answered is kept.
        """
        asking = Configuration(rules=tuple(each.rule for each in self.contents))
        kept = served.plan.asked_context | HARMLESS
        return tuple(sorted(asked_context(asking) - kept))

    def rulebook(self) -> Rulebook:
        """Return the rules as they are once it is published."""
        return compile_rules(
            (
                *live_rules(self.namespace, changes=self.items),
                *live_overrides(self.namespace, changes=self.items),
            )
        )


def change_of(namespace: Namespace, items: Sequence[ChangeSetItem]) -> Change:
    """Return what changes put in force, and what they take from it."""
    contents: list[Content] = []
    extents: list[Extent] = []
    for item in items:
        touched = [*_obeyed_now(item), *_obeyed_then(item)]
        contents += touched
        extents.append(tuple(each.rule.windows for each in touched))
    return Change(namespace=namespace, items=items, contents=contents, extents=extents)


def _obeyed_now(item: ChangeSetItem) -> list[Content]:
    if item.rule.version is None or item.rule.state not in IN_FORCE:
        return []
    return [read(item.rule.version.content)]


def _obeyed_then(item: ChangeSetItem) -> list[Content]:
    content = read(item.content)
    return [] if item.ends_rule or not content.enabled else [content]
