"""The admin site of the product."""

from __future__ import annotations

from unfold.sites import UnfoldAdminSite


class RecsysAdminSite(UnfoldAdminSite):
    """Django's admin in the product's frame."""
