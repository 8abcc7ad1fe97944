"""What bandits know: the arms of a bucket, and choices made."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.models import Namespace
from ranking.core.bandits import Arm
from ranking.core.bandits.linear import LinearArm, features
from ranking.models import BanditArm

EVERY_BUCKET = ""
"""The bucket of an algorithm that learns over all contexts at once."""


def learning_bucket(bucket_key: str, *, algorithm: str) -> str:
    """Return the bucket under which an algorithm keeps what it learned.

    >>> learning_bucket("ctx:empty", algorithm="linucb")
    ''
    """
    return EVERY_BUCKET if algorithm == "linucb" else bucket_key


def arms_of(
    namespace: Namespace,
    policy_ids: Sequence[str],
    *,
    surface: str,
    bucket_key: str,
    algorithm: str,
) -> list[Arm]:
    """Return the state of some policies in a bucket, in the order asked for."""
    rows = BanditArm.objects.filter(
        namespace=namespace,
        surface=surface,
        bucket_key=learning_bucket(bucket_key, algorithm=algorithm),
        policy_id__in=policy_ids,
        algorithm=algorithm,
    )
    known = {row.policy_id: row for row in rows}
    return [
        _arm(
            policy_id, known.get(policy_id), bucket_key=bucket_key, algorithm=algorithm
        )
        for policy_id in policy_ids
    ]


def _arm(
    policy_id: str, row: BanditArm | None, *, bucket_key: str, algorithm: str
) -> Arm:
    estimate = width = 0.0
    if algorithm == "linucb":
        sums = LinearArm.unpacked(bytes(row.sums) if row else b"")
        estimate, width = sums.judge(features(bucket_key))
    return Arm(
        policy_id=policy_id,
        trials=row.trials if row else 0,
        reward_sum=row.reward_sum if row else 0.0,
        estimate=estimate,
        width=width,
    )
