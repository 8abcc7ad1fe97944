from __future__ import annotations

from pghistory.models import Events


class Edit(Events):
    """Who altered what: one row that a trigger wrote, in any of the tables of edits.

    Read with :mod:`audit.queries.edits`; this class only gives edits their name.
    """

    class Meta:
        proxy = True
        default_permissions = ()
