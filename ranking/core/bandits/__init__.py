"""Bandits: which of several policies answers, learned from rewards."""

from .arms import Arm, empirical_best
from .buckets import EMPTY_BUCKET, bucket_key
from .choosing import ALGORITHMS, Algorithm, Choice, choose
from .holdout import Holdout

__all__ = [
    "ALGORITHMS",
    "EMPTY_BUCKET",
    "Algorithm",
    "Arm",
    "Choice",
    "Holdout",
    "bucket_key",
    "choose",
    "empirical_best",
]
