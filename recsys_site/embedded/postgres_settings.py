"""What the embedded PostgreSQL is told, beyond its defaults."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import psutil

from .places import Place

_MB = 1024 * 1024
_SMALLEST_SHARED_MEMORY_MB = 1024
_MOST_SHARED_BUFFERS_MB = 2048
_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


def text(place: Place) -> str:
    """Return the server's configuration file, all of it."""
    settings = _common(place) | (_throwaway() if place.throwaway else _durable())
    return "".join(f"{name} = '{value}'\n" for name, value in settings.items())


def _common(place: Place) -> dict[str, str]:
    return {
        "listen_addresses": "",
        # Quoted twice: the value is a list, in which a comma would begin another path.
        "unix_socket_directories": f'"{place.sockets}"'.replace("'", "''"),
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "log_checkpoints": "off",
        "lc_messages": "C",
        "default_text_search_config": "pg_catalog.english",
        "jit": "off",
        "work_mem": "32MB",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "32",
        "dynamic_shared_memory_type": _dynamic_shared_memory(),
    }


def _durable() -> dict[str, str]:
    memory = _memory_mb()
    return {
        "max_connections": "100",
        "shared_buffers": f"{min(memory // 4, _MOST_SHARED_BUFFERS_MB)}MB",
        "effective_cache_size": f"{memory // 2}MB",
        "maintenance_work_mem": f"{min(memory // 16, 512)}MB",
        "max_wal_size": "4GB",
        "wal_compression": "on",
    }


def _throwaway() -> dict[str, str]:
    return {
        # Several test sessions share the cluster, each with processes of its own.
        "max_connections": "200",
        "shared_buffers": "256MB",
        "maintenance_work_mem": "128MB",
        "max_wal_size": "1GB",
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
    }


def _memory_mb() -> int:
    total = psutil.virtual_memory().total
    with contextlib.suppress(OSError, ValueError):  # Not Linux, or "max".
        total = min(total, int(_CONTAINER_LIMIT.read_text()))
    return total // _MB


def _dynamic_shared_memory() -> str:
    """Return mmap where /dev/shm is too small for parallel index builds (Docker)."""
    try:
        shared_memory = os.statvfs("/dev/shm")  # noqa: S108
    except OSError:
        return "posix"
    megabytes = shared_memory.f_blocks * shared_memory.f_frsize // _MB
    return "mmap" if megabytes < _SMALLEST_SHARED_MEMORY_MB else "posix"
