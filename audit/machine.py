"""On what arithmetic this process computes: exactness is promised per CPU family."""

from __future__ import annotations

import platform
from functools import cache
from typing import Any

import numpy as np
import threadpoolctl

from .core.record import Machine


@cache
def machine() -> Machine:
    """Return NumPy's version, the CPU family it computes for, and BLAS's threads."""
    return Machine(numpy=np.__version__, cpu=_cpu(), blas_threads=_blas_threads())


def _cpu() -> str:
    """Return the architecture and the widest instructions that NumPy found on it."""
    config: dict[str, Any] = {**np.show_config(mode="dicts")}
    simd = config.get("SIMD Extensions", {})
    found = simd.get("found") or simd.get("baseline") or ["none"]
    return f"{platform.machine()} {found[-1]}"


def _blas_threads() -> int:
    pools = threadpoolctl.threadpool_info()
    return max(
        (int(pool["num_threads"]) for pool in pools if pool["user_api"] == "blas"),
        default=1,
    )
