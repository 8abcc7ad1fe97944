"""What a scenario was answered, as columns that figures are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

type F32 = NDArray[np.float32]


class Shown(Struct, frozen=True, kw_only=True):
    """One answer, best item first; entry i of each list is the same item."""

    user: str | None
    k: int
    items: tuple[str, ...]
    tags: tuple[frozenset[str], ...]
    """Lower case."""

    categories: tuple[str | None, ...]
    props: tuple[Mapping[str, Any], ...]
    vectors: F32
    """Unit content vectors, shape (m, d)."""

    relevance: Mapping[str, float]
    """What the user did after the split: item to the sum of type weights."""

    policy: Mapping[str, int]
    reasons: int = 0
    """Items with reasons."""

    explained: int = 0
    """Items with an explanation."""

    model_version: str = ""
    digest: str = ""
    """Stands for the whole answer: equal answers, equal digests."""


type Pages = Mapping[str, tuple[Shown, ...]]
"""What each ``recommend`` was answered, by the name it was kept under."""


class Found(Struct, frozen=True, kw_only=True):
    """One expectation, held to the evidence."""

    expectation: str
    passed: bool
    observed: str
    figure: str = ""
    value: float | None = None
