"""A sticky group of shoppers for whom bandits do not explore."""

from __future__ import annotations

import msgspec

from ranking.core.subjects import share_of

CONTROL = "control"
TREATMENT = "treatment"


class Holdout(msgspec.Struct, frozen=True, kw_only=True):
    """The experiment that measures what exploring costs and brings."""

    label: str
    share: float
    """Of shoppers in the control group, in [0, 1]."""

    surfaces: tuple[str, ...] = ()
    """Where it runs; none means everywhere."""

    def runs_on(self, surface: str) -> bool:
        """Say whether requests of a surface take part.

        >>> Holdout(label="h", share=0.1, surfaces=("home",)).runs_on("cart")
        False
        """
        return not self.surfaces or surface in self.surfaces

    def variant_of(self, subject: str) -> str:
        """Return the group of a shopper, the same one at every request.

        >>> Holdout(label="h", share=1.0).variant_of("ana")
        'control'
        """
        is_held = share_of(self.label, subject=subject) < self.share
        return CONTROL if is_held else TREATMENT
