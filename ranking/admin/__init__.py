"""Ranking in the admin: profiles, segments, signals, and what a user would see."""

from . import builds, profiles, segment_profiles, segments

__all__ = ["builds", "profiles", "segment_profiles", "segments"]
