"""Addresses of checks: what only a replay can answer."""

from django.urls import path

from .api.checks import ChangeSetCheckView

urlpatterns = [
    path(
        "v1/admin/change-sets/<str:change_set_id>:check",
        ChangeSetCheckView.as_view(),
        name="change-set-check",
    ),
]
