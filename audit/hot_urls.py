"""What `serve` answers, and loads nothing for but this."""

from __future__ import annotations

from django.urls import path

from .api.feedback import FeedbackBatch

urlpatterns = [
    path("v1/feedback:batch", FeedbackBatch.as_view(), name="feedback-batch"),
]
