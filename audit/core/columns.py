"""Named arrays of one length: row i of every array is the same thing."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[Any]


class Columns(Mapping[str, Array]):
    """Arrays by name: row ``i`` of every array is the same thing.

    Parameters
    ----------
    arrays : mapping of str to array of shape (n,)
        Integer, bool, float64 or float32 arrays, all of one length.

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> Columns({"number": np.array([7, 9]), "final": np.float32([0.5, 0.2])})
    Columns(['number', 'final'], n_rows=2)
    """

    __slots__ = ("_arrays",)

    def __init__(self, arrays: Mapping[str, Array] | None = None) -> None:
        self._arrays = dict(arrays or {})
        if len({len(array) for array in self._arrays.values()}) > 1:
            lengths = {name: len(array) for name, array in self._arrays.items()}
            raise ValueError(f"columns differ in length: {lengths}")

    def __getitem__(self, name: str) -> Array:
        return self._arrays[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def items(self) -> ItemsView[str, Array]:
        """Return names and arrays, without the call for each that mappings make."""
        return self._arrays.items()

    def values(self) -> ValuesView[Array]:
        """Return the arrays."""
        return self._arrays.values()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Columns) or list(self) != list(other):
            return False
        return all(
            array.dtype == other[name].dtype
            and np.array_equal(array, other[name], equal_nan=array.dtype.kind == "f")
            for name, array in self.items()
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Columns({list(self)}, n_rows={self.n_rows})"

    @property
    def n_rows(self) -> int:
        """How many rows every column has; 0 without columns."""
        return next((len(array) for array in self._arrays.values()), 0)


def _told(array: Array) -> list[Any]:
    if array.dtype != np.float32:
        told: list[Any] = array.tolist()
        return told
    return [float(f"{value:.6g}") for value in array.tolist()]


def rows(columns: Columns) -> Iterator[dict[str, Any]]:
    """Return one plain dictionary per row, leaving out what has no value.

    A float32 is told with the six digits that it is good for.

    Examples
    --------
    >>> list(rows(Columns({"a": np.array([1, 2]), "b": np.float32([np.nan, 0.1])})))
    [{'a': 1}, {'a': 2, 'b': 0.1}]
    """
    lists = {name: _told(array) for name, array in columns.items()}
    for row in range(columns.n_rows):
        named = ((name, values[row]) for name, values in lists.items())
        # Only NaN differs from itself.
        yield {name: value for name, value in named if value == value}  # noqa: PLR0124
