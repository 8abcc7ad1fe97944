"""By what figures are split: properties of an answer, as SQL says them."""

from __future__ import annotations

# Of a row of audit_decision under the name decision.
DIMENSIONS = """
    ('all', ''),
    ('surface', decision.surface),
    ('segment', coalesce(decision.segment, '')),
    ('profile', decision.profile || ' ' || decision.profile_version)
"""
