"""What changes the audit's own data: storing, erasing, making days.

Dropping them (`retention`) reads and writes archives, which no web process has to load.
"""

from .drain import drain_now, drain_until
from .erasure import forget, purge_erasures
from .partitions import keep_partitions, make_partition
from .rotation import rotate_key
from .store import store_decisions

__all__ = [
    "drain_now",
    "drain_until",
    "forget",
    "keep_partitions",
    "make_partition",
    "purge_erasures",
    "rotate_key",
    "store_decisions",
]
