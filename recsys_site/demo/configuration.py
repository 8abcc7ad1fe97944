from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog.demo.segments import SEGMENTS
from catalog.models import Namespace
from catalog.tenancy import org_scope
from ranking.operations.profiles import Edit, profile_in_force, publish_profile
from ranking.operations.segments import RuleDraft, SegmentDraft, upsert_segment
from ranking.queries.shipped_profiles import shipped_profile

PROFILE = "starter"
AUTHOR = "prepare_demo"
NOTES = (
    "What each segment is likely to want before it has shown it; for shoppers who buy"
    " again what they liked."
)


def configure(
    namespace: Namespace, *, at: datetime, knobs: Mapping[str, Any] | None = None
) -> bool:
    """Publish a first profile and the shop's five segments, unless one is in force.

    Without `knobs` the profile is the shipped one, which a sweep found.
    """
    if knobs is None:
        knobs = shipped_profile("demo")["config"]
    with org_scope(namespace.org_id):
        if profile_in_force(namespace) is not None:
            return False
        presets = {
            segment.name: {name.lower(): share for name, share in segment.mix.items()}
            for segment in SEGMENTS
        }
        publish_profile(
            namespace,
            PROFILE,
            config={**knobs, "profile_starter_presets": presets},
            edit=Edit(
                at=at,
                author=AUTHOR,
                notes=NOTES,
            ),
        )
        for segment in SEGMENTS:
            upsert_segment(
                namespace,
                SegmentDraft(
                    segment_id=segment.name,
                    profile_id=None,
                    name=segment.name.replace("_", " ").capitalize(),
                    description=segment.description,
                    rules=[
                        RuleDraft(rule={"eq": ["user.traits.segment", segment.name]})
                    ],
                ),
                at=at,
                author=AUTHOR,
            )
    return True
