"""The doors to the audit: decisions, their traces and feedback over HTTP."""

from .decisions import urlpatterns as decisions
from .feedback import hot_urlpatterns
from .feedback import urlpatterns as feedback

urlpatterns = [*decisions, *feedback]

__all__ = ["hot_urlpatterns", "urlpatterns"]
