from .alerts import AlertKind, Delivery, DeliveryState, Incident, Webhook
from .change_sets import ChangeSet, ChangeSetItem, ChangeSetState
from .gates import Approval, ApprovalVerdict, ChangeCheck, CheckKind, CheckVerdict
from .overrides import ManualOverride, OverrideAction, OverrideStatus
from .rules import IN_FORCE, Rule, RuleState
from .versions import ENDING, RuleVersion, Source, Verb

__all__ = [
    "ENDING",
    "IN_FORCE",
    "AlertKind",
    "Approval",
    "ApprovalVerdict",
    "ChangeCheck",
    "ChangeSet",
    "ChangeSetItem",
    "ChangeSetState",
    "CheckKind",
    "CheckVerdict",
    "Delivery",
    "DeliveryState",
    "Incident",
    "ManualOverride",
    "OverrideAction",
    "OverrideStatus",
    "Rule",
    "RuleState",
    "RuleVersion",
    "Source",
    "Verb",
    "Webhook",
]
