"""Faults of the theme that our template overrides could not mend. Empty is the aim.

Each names the page, the axe rule and the element, where it was told upstream, and the
version of the theme that has it. A test fails when one is gone, so that it leaves here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class KnownFault:
    page: str
    rule: str
    selector: str
    upstream: str
    theme_version: str


KNOWN: tuple[KnownFault, ...] = ()
