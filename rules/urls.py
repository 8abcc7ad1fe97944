"""Addresses of rules: what merchandisers want, as the API has it."""

from django.urls import path

from .api.change_set_steps import (
    ChangeSetApproveView,
    ChangeSetPublishView,
    ChangeSetRejectView,
    ChangeSetReopenView,
    ChangeSetRollbackView,
    ChangeSetSubmitView,
    ChangeSetWithdrawView,
)
from .api.change_sets import ChangeSetsView, ChangeSetView, ChangesView, ChangeView
from .api.effects import urlpatterns as effects
from .api.overrides import CancelOverrideView, OverridesView
from .api.rules import RulesView, RuleView
from .api.versions import RuleDiffView, RuleRestoreView, RuleVersionsView

_ADMIN = "v1/admin"
_RULE = f"{_ADMIN}/rules/<str:rule_id>"
_CHANGE_SET = f"{_ADMIN}/change-sets/<str:change_set_id>"
_STEPS = {
    "submit": ChangeSetSubmitView,
    "approve": ChangeSetApproveView,
    "reject": ChangeSetRejectView,
    "withdraw": ChangeSetWithdrawView,
    "reopen": ChangeSetReopenView,
    "publish": ChangeSetPublishView,
    "rollback": ChangeSetRollbackView,
}

urlpatterns = [
    path(f"{_ADMIN}/rules", RulesView.as_view(), name="rules"),
    path(f"{_RULE}:diff", RuleDiffView.as_view(), name="rule-diff"),
    path(f"{_RULE}:restore", RuleRestoreView.as_view(), name="rule-restore"),
    *effects,
    path(f"{_RULE}/versions", RuleVersionsView.as_view(), name="rule-versions"),
    path(_RULE, RuleView.as_view(), name="rule"),
    path(f"{_ADMIN}/manual_overrides", OverridesView.as_view(), name="overrides"),
    path(
        f"{_ADMIN}/manual_overrides/<str:override_id>/cancel",
        CancelOverrideView.as_view(),
        name="override-cancel",
    ),
    path(f"{_ADMIN}/change-sets", ChangeSetsView.as_view(), name="change-sets"),
    *(
        path(f"{_CHANGE_SET}:{step}", view.as_view(), name=f"change-set-{step}")
        for step, view in _STEPS.items()
    ),
    path(f"{_CHANGE_SET}/changes", ChangesView.as_view(), name="changes"),
    path(f"{_CHANGE_SET}/changes/<str:rule_id>", ChangeView.as_view(), name="change"),
    path(_CHANGE_SET, ChangeSetView.as_view(), name="change-set"),
]
