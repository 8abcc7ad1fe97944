"""The doors to the audit: decisions, their traces and feedback over HTTP."""
