"""Compare an answer with the expected one: right or not, and if not, where first."""

from typing import Any

import numpy as np

RELATIVE_TOLERANCE = 1e-4  # wide enough for an answer worked out in float32
ANYTHING = object()  # stands where any value is right, a cache for instance


def agree(got: Any, want: Any) -> bool:
    """True when `got` has the structure, the shapes and the values of `want`.

    >>> agree((1.0, [2.0, 3.0]), (1.0, np.array([2.0, 3.0])))
    True
    >>> agree(np.ones((1, 2)), np.ones(2))
    False
    """
    if want is ANYTHING:
        return True
    if isinstance(want, tuple):
        return (
            isinstance(got, (tuple, list))
            and len(got) == len(want)
            and all(agree(g, w) for g, w in zip(got, want, strict=True))
        )
    got = numeric(got)
    if got is None or got.shape != np.shape(want):
        return False
    want = np.asarray(want, dtype=float)
    if np.array_equal(got, want):  # as most right answers are, and it is soon seen
        return True
    finite = want[np.isfinite(want)]
    smallest = 1e-6 * float(np.max(np.abs(finite), initial=1e-6))
    return bool(np.allclose(got, want, rtol=RELATIVE_TOLERANCE, atol=smallest, equal_nan=True))


def difference(names: tuple[str, ...], got: Any, want: Any) -> str:
    """The first difference as a clause: `dw[0, 1]: expected 0.3, got 0.6`."""
    if not isinstance(want, tuple):
        return _difference_of_value(names[0], got, want)
    if not isinstance(got, (tuple, list)) or len(got) != len(want):
        count = len(got) if isinstance(got, (tuple, list)) else 1
        what = "None: is there a `return`?" if got is None else f"{count} value(s)"
        return f"expected {len(want)} values ({', '.join(names)}), got {what}"
    wrong = next(i for i in range(len(want)) if not agree(got[i], want[i]))
    return _difference_of_value(names[wrong], got[wrong], want[wrong])


def _difference_of_value(name: str, got: Any, want: Any) -> str:
    numbers = numeric(got)
    if numbers is None:
        what = "None: is there a `return`?" if got is None else type(got).__name__
        return f"{name}: expected numbers of shape {np.shape(want)}, got {what}"
    if numbers.shape != np.shape(want):
        return f"{name}: expected shape {np.shape(want)}, got shape {numbers.shape}"
    want = np.asarray(want, dtype=float)
    close = np.isclose(numbers, want, rtol=RELATIVE_TOLERANCE, atol=1e-12, equal_nan=True)
    at = tuple(int(i) for i in np.argwhere(~close)[0])
    place = f"[{', '.join(map(str, at))}]" if at else ""
    return f"{name}{place}: expected {want[at]:.6g}, got {numbers[at]:.6g}"


def numeric(value: Any) -> np.ndarray | None:
    """The value as a float array, or None where it is not made of numbers."""
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        return None
    if array.dtype.kind not in "biuf":
        return None
    return array.astype(float)
