"""How many examples a property is tried with: some in every run, tenfold in a proof."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

_USUAL = 40

# How long an example takes says something of the machine, not of the code; and a run
# is to judge the change, not the luck of the draw. A proof draws anew each time.
settings.register_profile(
    "usual", deadline=None, max_examples=_USUAL, derandomize=True, database=None
)
settings.register_profile("proof", deadline=None, max_examples=10 * _USUAL)
settings.load_profile("usual")


def examples(usual: int, **more: Any) -> settings:
    """Return settings for a property that is tried with so many examples in every run.

    `pytest --hypothesis-profile proof`, which `make prove` calls, tries ten times more.
    """
    profile = settings.default
    assert profile
    count = usual * profile.max_examples // _USUAL
    return settings(max_examples=count, **more)
