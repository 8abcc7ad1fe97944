"""The doors to the audit: decisions and their traces over HTTP."""

from .decisions import urlpatterns

__all__ = ["urlpatterns"]
