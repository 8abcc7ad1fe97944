"""Addresses of checks: what only a replay can answer."""

from django.urls import path

from .api import evaluations, kept
from .api.checks import ChangeSetCheckView
from .api.experiments import ExperimentAnalyseView
from .api.offpolicy import OffPolicyView
from .api.profile_checks import ProfileCheckView

urlpatterns = [
    *evaluations.urlpatterns,
    *kept.urlpatterns,
    path(
        "v1/admin/profiles/<str:name>:check",
        ProfileCheckView.as_view(),
        name="profile-check",
    ),
    path(
        "v1/admin/change-sets/<str:change_set_id>:check",
        ChangeSetCheckView.as_view(),
        name="change-set-check",
    ),
    path(
        "v1/admin/experiments/<str:name>:analyse",
        ExperimentAnalyseView.as_view(),
        name="experiment-analyse",
    ),
    path("v1/admin/off-policy", OffPolicyView.as_view(), name="off-policy"),
]
