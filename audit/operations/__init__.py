"""What changes the audit's own data: storing, erasing, making and dropping days."""

from .drain import drain_now, drain_until
from .erasure import forget, purge_erasures
from .partitions import keep_partitions, make_partition
from .retention import drop_expired
from .rotation import rotate_key
from .store import store_decisions

__all__ = [
    "drain_now",
    "drain_until",
    "drop_expired",
    "forget",
    "keep_partitions",
    "make_partition",
    "purge_erasures",
    "rotate_key",
    "store_decisions",
]
