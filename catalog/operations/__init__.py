"""What can be done to the catalog: each a verb, in one transaction, at a given time."""

from .feed import record_change

__all__ = ["record_change"]
