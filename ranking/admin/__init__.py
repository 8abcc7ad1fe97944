"""Ranking in the admin: profiles, segments, signals, and what a user would see."""

from . import bandits, builds, experiments, profiles, segment_profiles, segments

__all__ = [
    "bandits",
    "builds",
    "experiments",
    "profiles",
    "segment_profiles",
    "segments",
]
