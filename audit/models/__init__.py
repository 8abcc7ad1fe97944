"""What was answered and how it came about: written once, read for ever after."""

from .batches import AuditBatch, Erasure
from .decisions import Decision, DecisionPrivate
from .edits import Edit
from .feedback import (
    Feedback,
    FeedbackHour,
    FeedbackKind,
    FeedbackMark,
    FeedbackSource,
    FeedbackState,
    RuleHour,
    UntiedEvent,
)

__all__ = [
    "AuditBatch",
    "Decision",
    "DecisionPrivate",
    "Edit",
    "Erasure",
    "Feedback",
    "FeedbackHour",
    "FeedbackKind",
    "FeedbackMark",
    "FeedbackSource",
    "FeedbackState",
    "RuleHour",
    "UntiedEvent",
]
