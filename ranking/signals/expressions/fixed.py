"""Fixed-point numbers: sums of integers are the same in every order."""

from __future__ import annotations

import ibis.expr.types as ir

BITS = 36
ONE = float(2**BITS)


def to_fixed(values: ir.FloatingValue) -> ir.IntegerValue:
    """Turn numbers of at most 2**20 or so into integers of 2**-36."""
    return (values * ONE).round().cast("int64")


def from_fixed(values: ir.IntegerValue) -> ir.FloatingValue:
    return values.cast("float64") / ONE
