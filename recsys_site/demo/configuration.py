from __future__ import annotations

from datetime import datetime

from catalog.demo.segments import SEGMENTS
from catalog.models import Namespace
from catalog.tenancy import org_scope
from ranking.operations.profiles import Edit, profile_in_force, publish_profile
from ranking.operations.segments import RuleDraft, SegmentDraft, upsert_segment

PROFILE = "starter"
AUTHOR = "prepare_demo"
# The demo's shoppers buy again what they liked. With the defaults its lists are worse
# than each shopper's own earlier purchases, and show the long tail too little. Whom
# it does not know yet it shows more categories.
KNOBS = {
    "repeat_weight": 0.5,
    "mmr_lambda": 0.85,
    "blend_gamma": 0.4,
    "new_user_mmr_lambda": 0.5,
}
NOTES = (
    "What each segment is likely to want before it has shown it; for shoppers who buy"
    " again what they liked."
)


def configure(namespace: Namespace, *, at: datetime) -> bool:
    """Publish a first profile and the shop's five segments, unless one is in force."""
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
            config={**KNOBS, "profile_starter_presets": presets},
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
