"""What to show a user who has bought everything: better that again than nothing.

What was bought is left out because there is something better to show. Where nothing
else is eligible that reason is gone: an empty page helps nobody, a page of things
once bought still does. What the request excludes, its constraints, availability and
stock hold as ever.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from .columns import NO_ROWS, Flags, Rows
from .eligibility import is_among
from .pool import Merged, Pool, merge
from .request import Request
from .sources import popular
from .sources.draw import Case, Draw

ALREADY_BOUGHT = "already_bought"
"""Reason of an item that is shown although the user has bought it."""


class Gathered(Struct, frozen=True):
    """What was drawn and merged, and the case in which it was."""

    case: Case
    draws: list[Draw]
    merged: Merged


def last_resort(gathered: Gathered, *, request: Request) -> Gathered:
    """Return candidates that the user has bought, if there are none else.

    Parameters
    ----------
    gathered : Gathered
        Filled already with whatever else is eligible.
    request : Request
        A rerank gets its own items back, and no others.

    Returns
    -------
    gathered : Gathered
        The same, unless it is empty and the user has bought anything. Otherwise the
        eligibility of its case names what may be shown again.
    """
    bought = gathered.case.eligibility.bought
    if len(gathered.merged.rows) or not len(bought):
        return gathered
    lifted = replace(gathered.case.eligibility, bought=NO_ROWS, shown_again=bought)
    case = replace(gathered.case, eligibility=lifted)
    draws = gathered.draws
    if request.items is None:
        rows = popular.fallback(case, limit=request.k)
        filling = Draw(source="fallback", rows=rows, scores=np.zeros(len(rows)))
        draws = [*draws, filling]
    merged = merge(draws, world=case.world, exclusion=lifted.exclusion)
    return Gathered(case, draws, merged)


def are_shown_again(pool: Pool, places: Rows) -> Flags:
    """Say which of some places of a pool hold what the user has bought. Shape (m,)."""
    return is_among(pool.rows[places], pool.eligibility.shown_again)
