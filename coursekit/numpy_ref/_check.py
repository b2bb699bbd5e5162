"""Argument checks shared by the reference functions: one grammar for every error.

`op: what is wrong. Expected ..., got ....` says where, what, and what would do.
The PyTorch twins use these checks too, except `floats`, which asks for NumPy arrays.
"""

import math
import numbers

import numpy as np


def message(op: str, wrong: str, expected: str, got: object, hint: str = "") -> str:
    """The one grammar of error messages.

    >>> message("relu_forward", "x is empty", "one value or more", 0)
    'relu_forward: x is empty. Expected one value or more, got 0.'
    """
    return f"{op}: {wrong}. Expected {expected}, got {got}." + (f" {hint}" if hint else "")


def floats(op: str, **arrays: object) -> None:
    """Raise TypeError unless every argument is a NumPy array of floats."""
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            got, hint = type(array).__name__, ""
        elif array.dtype.kind != "f":
            got, hint = f"dtype {array.dtype}", f"Try {name}.astype(float)."
        else:
            continue
        expected = "a NumPy array of floats"
        raise TypeError(message(op, f"{name} is not an array of floats", expected, got, hint))


def shape(op: str, name: str, array, expected: tuple[int | str, ...]) -> None:
    """Raise ValueError unless `array` has the shape; a letter stands for any size.

    >>> shape("affine_forward", "b", np.zeros(4), (3,))
    Traceback (most recent call last):
    ValueError: affine_forward: b has the wrong shape. Expected b of shape (3,), got (4,).
    """
    got = tuple(array.shape)
    fits = len(got) == len(expected) and all(
        isinstance(want, str) or want == size for want, size in zip(expected, got, strict=True)
    )
    if not fits:
        inside = ", ".join(map(str, expected)) + ("," if len(expected) == 1 else "")
        raise ValueError(
            message(op, f"{name} has the wrong shape", f"{name} of shape ({inside})", got)
        )


def in_range(op: str, name: str, value: object, interval: str) -> float:
    """Return `value` as a Python float, or raise unless it is a number in `interval`.

    A Python float on purpose: a NumPy float64 would turn float32 arrays into float64.

    >>> in_range("dropout_forward", "p", 1.5, "[0, 1)")
    Traceback (most recent call last):
    ValueError: dropout_forward: p is out of range. Expected p in [0, 1), got 1.5.
    """
    if not isinstance(value, numbers.Real) or isinstance(value, bool | np.bool_):
        got = f"{value!r} of type {type(value).__name__}"
        raise TypeError(message(op, f"{name} is not a number", f"{name} in {interval}", got))
    low, high = (float(end) for end in interval[1:-1].split(","))
    number = float(value)
    above = number > low or (interval[0] == "[" and number == low)
    below = number < high or (interval[-1] == "]" and number == high)
    if not (above and below):
        raise ValueError(message(op, f"{name} is out of range", f"{name} in {interval}", number))
    return number


def count(op: str, name: str, value: object) -> int:
    """Return `value` as an int, or raise unless it is a whole number of at least 1."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool | np.bool_):
        got = f"{value!r} of type {type(value).__name__}"
        raise TypeError(message(op, f"{name} is not a whole number", f"an integer {name}", got))
    if value < 1:
        raise ValueError(message(op, f"{name} is too small", f"{name} of at least 1", value))
    return int(value)


def flag(op: str, name: str, value: object) -> None:
    """Raise TypeError unless `value` is True or False: a string such as "test" counts as true."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(message(op, f"{name} is not a bool", "True or False", repr(value)))


def generator(op: str, rng: object) -> None:
    """Raise TypeError unless `rng` is a NumPy random generator."""
    if not isinstance(rng, np.random.Generator):
        hint = "Try rng=np.random.default_rng(0)."
        got = type(rng).__name__
        raise TypeError(message(op, "rng is not a generator", "an np.random.Generator", got, hint))


def labels(op: str, y, n: int, k: int) -> None:
    """Raise unless `y` holds n class numbers 0 ... k − 1, as an array of integers."""
    dtype = str(getattr(y, "dtype", f"a {type(y).__name__}")).removeprefix("torch.")
    if not dtype.startswith(("int", "uint")):
        expected = "an array of class numbers, integers"
        raise TypeError(message(op, "y is not an array of integers", expected, dtype))
    shape(op, "y", y, (n,))
    if n and not (y.min() >= 0 and y.max() < k):
        got = f"{y.min()} to {y.max()}"
        raise ValueError(message(op, "y is out of range", f"classes 0 to {k - 1}", got))


def state(op: str, state: object, shapes: dict[str, tuple[int, ...]]) -> None:
    """Raise unless `state` is an optimiser's dict: empty, or entries of these names and shapes."""
    if not isinstance(state, dict):
        got = type(state).__name__
        raise TypeError(message(op, "state is not a dict", "{} before the first step", got))
    if state and set(state) != set(shapes):
        expected = f"{{}} or a dict with the keys {sorted(shapes)}"
        raise ValueError(message(op, "state is not this rule's", expected, sorted(state)))
    for name, value in state.items():
        shape(op, f"state['{name}']", np.asarray(value), shapes[name])


def function(op: str, name: str, value: object) -> None:
    """Raise TypeError unless `value` can be called."""
    if not callable(value):
        got = type(value).__name__
        raise TypeError(message(op, f"{name} is not a function", "a function", got))


def not_empty(op: str, name: str, array) -> None:
    """Raise ValueError if `array` holds no value."""
    if 0 in array.shape:
        got = f"shape {tuple(array.shape)}"
        raise ValueError(message(op, f"{name} is empty", "one value or more", got))


def flat_size(op: str, x) -> int:
    """Return D, the number of values in a sample of x: (N, ...)."""
    if len(x.shape) < 2:
        hint = "Try x[None] for one sample."
        raise ValueError(
            message(op, "x has no batch axis", "x of shape (N, ...)", tuple(x.shape), hint)
        )
    return math.prod(x.shape[1:])
