"""The numerical gradient check: is a backward pass the derivative of its forward pass?"""

import numbers
from collections.abc import Callable

import numpy as np

from coursekit.numpy_ref import _check


def numerical_gradient(
    f: Callable[[np.ndarray], np.ndarray | float],
    x: np.ndarray,
    dout: np.ndarray | float = 1.0,
    *,
    h: float = 1e-5,
) -> np.ndarray:
    """The gradient of Σ f(x)·dout by central differences, one entry of x after the other.

        dxᵢ ≈ Σ (f(x + h eᵢ) − f(x − h eᵢ)) · dout / 2h

    The error falls as h² until rounding, which grows as 1/h, takes over: h = 1e-5 is near the
    best for float64, in which f is always called here. Use a *random* dout: with dout = 1,
    mistakes can cancel in the sum. Keep x away from kinks, such as 0 for the ReLU, by more than h.

    f: called as f(x), must not be random (give it a freshly seeded rng each time), and returns
    a number or an array; x: any shape; dout: a number or an array of the shape of f(x); h > 0.
    Returns a float64 array of the shape of x.
    Raises TypeError if x is not floats, f no function, or f(x) or dout neither number nor array
    (a pair's forward function gives (out, cache): take its [0]), ValueError for dout's shape or h.

    >>> numerical_gradient(lambda x: x**2, np.array([1.0, 3.0]), np.array([1.0, 10.0])).round(6)
    array([ 2., 60.])

    References: goodfellow2016
    """
    _check.floats("numerical_gradient", x=x)
    _check.function("numerical_gradient", "f", f)
    h = _check.in_range("numerical_gradient", "h", h, "(0, inf)")
    x = x.astype(np.float64)
    dout = _numbers("dout", dout)
    if dout.ndim:
        _check.shape("numerical_gradient", "dout", dout, _numbers("f(x)", f(x.copy())).shape)
    dx = np.empty_like(x)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += h
        below[i] -= h
        width = above[i] - below[i]  # 2h after rounding; f may change its argument
        change = _numbers("f(x)", f(above)) - _numbers("f(x)", f(below))
        dx[i] = np.sum(change * dout) / width
    return dx


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    """How far two gradients are apart: max|a − b| / max(max|a|, max|b|), and 0 if both are 0.

    The largest entry is the yardstick for all: entry by entry, one that should be 0 would count
    as wholly wrong for its rounding error. Below 1e-7 in float64 a smooth gradient is right;
    above 1e-4 it is wrong.

    a, b: the same shape. Returns a float, NaN if either has one; 0 for empty arrays.
    Raises TypeError for arrays that are not floats, ValueError for different shapes.

    >>> relative_error(np.array([1.0, 100.0]), np.array([1.0, 101.0])).__round__(4)
    0.0099
    """
    _check.floats("relative_error", a=a, b=b)
    _check.shape("relative_error", "b", b, a.shape)
    if a.size == 0:
        return 0.0
    scale = max(np.max(np.abs(a)), np.max(np.abs(b)))
    return float(np.max(np.abs(a - b)) / scale) if scale != 0 else 0.0


def _numbers(name: str, value: object) -> np.ndarray:
    """Return a copy of the number or array in float64, or raise TypeError if it is neither."""
    number = isinstance(value, numbers.Real | np.ndarray)
    if not number or np.asarray(value).dtype.kind not in "fiu":
        expected, got = "a number or an array of numbers", type(value).__name__
        wrong = f"{name} is not a number or an array"
        raise TypeError(_check.message("numerical_gradient", wrong, expected, got))
    return np.array(value, dtype=np.float64)
