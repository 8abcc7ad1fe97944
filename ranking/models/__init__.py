"""What ranking obeys and what it reads: profiles, segments, builds, published state."""

from .builds import BuildState, SignalBuild
from .configurations import Publication, ServingConfig
from .profiles import DEFAULT_PROFILE, Profile, ProfileVersion, VersionSource
from .segments import Segment, SegmentProfile, SegmentRule

__all__ = [
    "DEFAULT_PROFILE",
    "BuildState",
    "Profile",
    "ProfileVersion",
    "Publication",
    "Segment",
    "SegmentProfile",
    "SegmentRule",
    "ServingConfig",
    "SignalBuild",
    "VersionSource",
]
