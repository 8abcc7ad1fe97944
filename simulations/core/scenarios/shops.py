"""Which shop is made for scenarios and simulations."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

DEFAULT_SEED = 20251103


class ShopRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A synthetic shop, or a fixture's with what it leaves out made up."""

    items: Annotated[int, Meta(ge=1, le=100_000)] = 320
    users: Annotated[int, Meta(ge=1, le=100_000)] = 600
    events: Annotated[int, Meta(ge=0, le=5_000_000)] = 40_000
    seed: Annotated[int, Meta(ge=0, lt=2**32)] = DEFAULT_SEED
    fixture: str | None = None
    """A file, or the name of a shipped template."""
