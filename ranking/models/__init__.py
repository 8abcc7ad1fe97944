"""What ranking obeys and what it reads: profiles, segments, builds, published state."""

from .bandits import BanditArm, BanditDecision, BanditPolicy
from .builds import BuildState, SignalBuild
from .configurations import Publication, ServingConfig
from .experiments import Experiment, ExperimentState
from .profiles import DEFAULT_PROFILE, Profile, ProfileVersion, VersionSource
from .segments import Segment, SegmentProfile, SegmentRule
from .verdicts import ConfigurationVerdict

__all__ = [
    "DEFAULT_PROFILE",
    "BanditArm",
    "BanditDecision",
    "BanditPolicy",
    "BuildState",
    "ConfigurationVerdict",
    "Experiment",
    "ExperimentState",
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
