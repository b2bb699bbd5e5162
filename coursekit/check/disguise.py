"""The same numbers in other memory: what a right answer must not depend on."""

from collections.abc import Callable
from typing import Any

import numpy as np


def map_arrays(change: Callable[[np.ndarray], np.ndarray], value: Any) -> Any:
    """Apply `change` to every array in nested tuples and dicts; leave the rest as it is."""
    if isinstance(value, np.ndarray):
        return change(value)
    if isinstance(value, tuple):
        make = getattr(value, "_make", tuple)  # a named tuple stays one
        return make([map_arrays(change, v) for v in value])
    if isinstance(value, dict):
        return {k: map_arrays(change, v) for k, v in value.items()}
    return value


def copy_arrays(value: Any) -> Any:
    """A copy in which no array is shared with `value`."""
    return map_arrays(np.copy, value)


def same_arrays(a: Any, b: Any) -> bool:
    """True when all arrays at the same places are equal (NaN equals NaN)."""
    if isinstance(a, np.ndarray):
        if not isinstance(b, np.ndarray) or a.dtype != b.dtype or a.shape != b.shape:
            return False
        return a.tobytes() == b.tobytes() or np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, tuple):
        return all(same_arrays(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same_arrays(a[k], b[k]) for k in a)
    return True


def as_is(value: Any) -> Any:
    """No disguise."""
    return value


def as_float32(value: Any) -> Any:
    """Floating arrays in single precision."""
    return map_arrays(lambda a: a.astype(np.float32) if a.dtype.kind == "f" else a, value)


def strided(value: Any) -> Any:
    """Every array as a non-contiguous view: each second element of a larger one."""

    def spread(a: np.ndarray) -> np.ndarray:
        wide = np.full((*a.shape, 2), 7, dtype=a.dtype)
        wide[..., 0] = a
        return wide[..., 0]

    return map_arrays(spread, value)


def read_only(value: Any) -> Any:
    """Arrays that refuse to be written to."""

    def lock(a: np.ndarray) -> np.ndarray:
        a = a.copy()
        a.flags.writeable = False
        return a

    return map_arrays(lock, value)


DISGUISES = (as_is, as_float32, strided, read_only)
