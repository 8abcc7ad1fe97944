"""Addresses of sweeps and of what they propose."""

from .api import proposals, sweeps

urlpatterns = [*sweeps.urlpatterns, *proposals.urlpatterns]
