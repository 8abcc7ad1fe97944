"""Addresses of sweeps and of what they propose."""

from .api import proposals, suggestions, sweeps

urlpatterns = [
    *sweeps.urlpatterns,
    *proposals.urlpatterns,
    *suggestions.urlpatterns,
]
