"""How far one stored evaluation is above another, user by user."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from simulations.core.bootstrap import Figure, Resample
from simulations.core.evaluation import EvaluationSpec
from simulations.core.specs import in_words, measured_differently
from simulations.models import Evaluation

from .stored_columns import CannotCompareError, places_of, system_rows

MOST_ANSWERS = 5_000
"""Of more a page would wait: `compare_to` has a worker form the pairs."""


def paired_gaps(
    first: Evaluation, other: Evaluation, metrics: Sequence[str]
) -> dict[str, Figure]:
    """Return the mean of each user's own differences, with intervals.

    Raises
    ------
    CannotCompareError
        If they were not measured alike, or their files do not tell.
    """
    specs = [msgspec.convert(each.spec, EvaluationSpec) for each in (first, other)]
    unlike = measured_differently(*specs)
    if unlike:
        told = ", ".join(in_words(name) for name in unlike)
        raise CannotCompareError(f"Not measured alike: another is {told}.")
    if max(first.users, other.users) > MOST_ANSWERS:
        raise CannotCompareError(
            f"More than {MOST_ANSWERS:,} users: evaluate with compare_to."
        )
    theirs, ours = system_rows(first), system_rows(other)
    places = places_of(
        theirs, ours["fold"].to_pylist(), ours["user_number"].to_pylist()
    )
    if not (places >= 0).any():
        raise CannotCompareError("They have no user of the same cut in common.")
    known = [
        name
        for name in metrics
        if name in ours.column_names and name in theirs.column_names
    ]
    gaps = np.column_stack(
        [
            ours[name].to_numpy()
            - np.where(places >= 0, theirs[name].to_numpy()[places], np.nan)
            for name in known
        ]
    )
    resample = Resample(
        ours["user_number"].to_numpy(), draws=specs[0].draws, seed=specs[0].seed
    )
    return dict(zip(known, resample.means(gaps), strict=True))
