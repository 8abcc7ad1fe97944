from __future__ import annotations

from django.db import connection

from catalog.models import Namespace
from rules.models import Rule

_LOCK_CLASS = 7_242


def lock_rules(namespace: Namespace) -> None:
    """Let one transaction at a time publish rules in a namespace.

    What was checked then still holds when it is written. Not the namespace's row,
    which ingestion waits for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)",
            [_LOCK_CLASS, namespace.pk % 2**31],
        )


def held(rule: Rule) -> Rule:
    """Return the rule as it is now, which nobody else publishes until we are done."""
    lock_rules(rule.namespace)
    return Rule.objects.select_related("namespace", "version").get(pk=rule.pk)
