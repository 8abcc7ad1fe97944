"""Feedback: taken from the API and from events, tied to answers, counted by hour."""

from .keeping import keep_feedback, purge_feedback
from .storing import StoredFeedback, faults_of, store_feedback

__all__ = [
    "StoredFeedback",
    "faults_of",
    "keep_feedback",
    "purge_feedback",
    "store_feedback",
]
