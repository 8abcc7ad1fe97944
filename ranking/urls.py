"""Addresses of ranking, but the hot ones."""

from django.urls import path

from .api.bandit_policies import PoliciesUpsertView, PoliciesView
from .api.bandits import BanditRecommendationsView, DecideView, RewardView
from .api.builds import BuildsView, BuildView
from .api.configuration import ConfigView, PresetsView
from .api.experiments import (
    ExperimentStartView,
    ExperimentStopView,
    ExperimentsView,
    ExperimentView,
)
from .api.explain import ExplainView
from .api.profiles import (
    ApplyView,
    CopyView,
    DiffView,
    ProfilesView,
    ProfileView,
    RollbackView,
    VersionsView,
)
from .api.rankings import ValidateView
from .api.replays import ReplayView
from .api.rule_dry_runs import RuleDryRunView
from .api.segment_profiles import (
    SegmentProfilesDeleteView,
    SegmentProfilesUpsertView,
    SegmentProfilesView,
)
from .api.segments import (
    SegmentsDeleteView,
    SegmentsDryRunView,
    SegmentsUpsertView,
    SegmentsView,
)

_ADMIN = "v1/admin"

urlpatterns = [
    path("v1/explain/llm", ExplainView.as_view(), name="explain"),
    path(
        "v1/recommendations/validate", ValidateView.as_view(), name="validate-request"
    ),
    path(
        "v1/audit/decisions/<uuid:decision_id>/replay",
        ReplayView.as_view(),
        name="decision-replay",
    ),
    path(f"{_ADMIN}/recommendation/config", ConfigView.as_view(), name="config"),
    path(f"{_ADMIN}/recommendation/presets", PresetsView.as_view(), name="presets"),
    path(f"{_ADMIN}/profiles", ProfilesView.as_view(), name="profiles"),
    path(
        f"{_ADMIN}/profiles/<str:name>:apply", ApplyView.as_view(), name="profile-apply"
    ),
    path(f"{_ADMIN}/profiles/<str:name>:copy", CopyView.as_view(), name="profile-copy"),
    path(f"{_ADMIN}/profiles/<str:name>:diff", DiffView.as_view(), name="profile-diff"),
    path(
        f"{_ADMIN}/profiles/<str:name>:rollback",
        RollbackView.as_view(),
        name="profile-rollback",
    ),
    path(
        f"{_ADMIN}/profiles/<str:name>/versions",
        VersionsView.as_view(),
        name="profile-versions",
    ),
    path(f"{_ADMIN}/profiles/<str:name>", ProfileView.as_view(), name="profile"),
    path(f"{_ADMIN}/rules/dry-run", RuleDryRunView.as_view(), name="rules-dry-run"),
    path(f"{_ADMIN}/builds", BuildsView.as_view(), name="builds"),
    path(f"{_ADMIN}/builds/<uuid:key>", BuildView.as_view(), name="build"),
    path(f"{_ADMIN}/experiments", ExperimentsView.as_view(), name="experiments"),
    path(
        f"{_ADMIN}/experiments/<str:name>:start",
        ExperimentStartView.as_view(),
        name="experiment-start",
    ),
    path(
        f"{_ADMIN}/experiments/<str:name>:stop",
        ExperimentStopView.as_view(),
        name="experiment-stop",
    ),
    path(
        f"{_ADMIN}/experiments/<str:name>",
        ExperimentView.as_view(),
        name="experiment",
    ),
    path("v1/bandit/policies", PoliciesView.as_view(), name="bandit-policies"),
    path(
        "v1/bandit/policies:upsert",
        PoliciesUpsertView.as_view(),
        name="bandit-policies-upsert",
    ),
    path("v1/bandit/decide", DecideView.as_view(), name="bandit-decide"),
    path("v1/bandit/reward", RewardView.as_view(), name="bandit-reward"),
    path(
        "v1/bandit/recommendations",
        BanditRecommendationsView.as_view(),
        name="bandit-recommendations",
    ),
    path("v1/segments", SegmentsView.as_view(), name="segments"),
    path("v1/segments:upsert", SegmentsUpsertView.as_view(), name="segments-upsert"),
    path("v1/segments:delete", SegmentsDeleteView.as_view(), name="segments-delete"),
    path("v1/segments:dry-run", SegmentsDryRunView.as_view(), name="segments-dry-run"),
    path("v1/segment-profiles", SegmentProfilesView.as_view(), name="segment-profiles"),
    path(
        "v1/segment-profiles:upsert",
        SegmentProfilesUpsertView.as_view(),
        name="segment-profiles-upsert",
    ),
    path(
        "v1/segment-profiles:delete",
        SegmentProfilesDeleteView.as_view(),
        name="segment-profiles-delete",
    ),
]
