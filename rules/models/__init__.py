from .change_sets import ChangeSet, ChangeSetItem, ChangeSetState
from .gates import Approval, ApprovalVerdict, ChangeCheck, CheckKind, CheckVerdict
from .overrides import ManualOverride, OverrideAction, OverrideStatus
from .rules import IN_FORCE, Rule, RuleState
from .versions import ENDING, RuleVersion, Source, Verb

__all__ = [
    "ENDING",
    "IN_FORCE",
    "Approval",
    "ApprovalVerdict",
    "ChangeCheck",
    "ChangeSet",
    "ChangeSetItem",
    "ChangeSetState",
    "CheckKind",
    "CheckVerdict",
    "ManualOverride",
    "OverrideAction",
    "OverrideStatus",
    "Rule",
    "RuleState",
    "RuleVersion",
    "Source",
    "Verb",
]
