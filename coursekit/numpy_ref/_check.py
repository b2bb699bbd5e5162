"""Argument checks shared by the reference functions: one grammar for every error.

`op: what is wrong. Expected ..., got ....` says where, what, and what would do.
The PyTorch twins use these checks too, except `floats`, which asks for NumPy arrays.
"""

import math
import numbers
from typing import Any

import numpy as np


def message(op: str, wrong: str, expected: str, got: object, hint: str = "") -> str:
    """The one grammar of error messages.

    >>> message("relu_forward", "x is empty", "one value or more", 0)
    'relu_forward: x is empty. Expected one value or more, got 0.'
    """
    return f"{op}: {wrong}. Expected {expected}, got {got}." + (f" {hint}" if hint else "")


def floats(op: str, **arrays: object) -> None:
    """Raise TypeError unless every argument is a NumPy array of floats.

    A matrix is none, because its `*` is a matrix product; nor is an array with masked values.
    """
    for name, array in arrays.items():
        odd = isinstance(array, np.matrix | np.ma.MaskedArray)
        if odd or not isinstance(array, np.ndarray):
            got, hint = type(array).__name__, ""
        elif array.dtype.kind != "f":
            got, hint = f"dtype {array.dtype}", f"Try {name}.astype(float)."
        else:
            continue
        expected = "a NumPy array of floats"
        raise TypeError(message(op, f"{name} is not an array of floats", expected, got, hint))


def same_type(op: str, **arrays: Any) -> None:
    """Raise TypeError unless all arrays have the type of the first: float32 is easily lost.

    >>> same_type("sgd", w=np.ones(2, np.float32), dw=np.ones(2))
    Traceback (most recent call last):
    TypeError: sgd: dw and w differ in type. Expected dw of type float32, got float64.
    """
    names = {  # those of ">f8" and torch.float64 are float64 too
        name: getattr(array.dtype, "name", str(array.dtype)).removeprefix("torch.")
        for name, array in arrays.items()
    }
    (first, dtype), *others = names.items()
    for name, got in others:
        if got != dtype:
            wrong, expected = f"{name} and {first} differ in type", f"{name} of type {dtype}"
            raise TypeError(message(op, wrong, expected, got))


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


def count(op: str, name: str, value: object, at_least: int = 1) -> int:
    """Return `value` as an int, or raise unless it is a whole number of at least 1 (or 0, ...)."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool | np.bool_):
        got = f"{value!r} of type {type(value).__name__}"
        raise TypeError(message(op, f"{name} is not a whole number", f"an integer {name}", got))
    if value < at_least:
        expected = f"{name} of at least {at_least}"
        raise ValueError(message(op, f"{name} is too small", expected, value))
    return int(value)


def flag(op: str, name: str, value: object) -> None:
    """Raise TypeError unless `value` is True or False: a string such as "test" counts as true."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(message(op, f"{name} is not a bool", "True or False", repr(value)))


def choice(op: str, name: str, value: object, choices: tuple[str | bool, ...]) -> None:
    """Raise unless `value` is one of these words (or False, where that is one of them).

    >>> choice("he", "fan", "avg", ("in", "out"))
    Traceback (most recent call last):
    ValueError: he: fan is unknown. Expected 'in' or 'out', got 'avg'.
    """
    expected = " or ".join(map(repr, choices))
    if not isinstance(value, tuple(map(type, choices))):
        got = type(value).__name__
        raise TypeError(message(op, f"{name} is not a word", expected, got))
    if value not in choices:
        raise ValueError(message(op, f"{name} is unknown", expected, repr(value)))


def generator(op: str, rng: object) -> None:
    """Raise TypeError unless `rng` is a NumPy random generator."""
    if not isinstance(rng, np.random.Generator):
        hint = "Try rng=np.random.default_rng(0)."
        got = type(rng).__name__
        raise TypeError(message(op, "rng is not a generator", "an np.random.Generator", got, hint))


def labels(op: str, y, n: int, k: int) -> None:
    """Raise unless `y` holds n class numbers 0 ... k − 1, as an array of integers."""
    dtype = getattr(y, "dtype", f"a {type(y).__name__}")
    dtype = str(getattr(dtype, "name", dtype)).removeprefix("torch.")  # the name of ">i4" is int32
    if not dtype.startswith(("int", "uint")):
        expected = "an array of class numbers, integers"
        raise TypeError(message(op, "y is not an array of integers", expected, dtype))
    shape(op, "y", y, (n,))
    if n and not (y.min() >= 0 and y.max() < k):
        got = f"{y.min()} to {y.max()}"
        raise ValueError(message(op, "y is out of range", f"classes 0 to {k - 1}", got))


def batch_of_scores(op: str, scores) -> tuple[int, int]:
    """Return N and K, or raise ValueError unless scores are (N, K) with at least one value."""
    shape(op, "scores", scores, ("N", "K"))
    not_empty(op, "scores", scores)
    n, k = scores.shape
    return n, k


def state(op: str, state: object, shapes: dict[str, tuple[int, ...]]) -> None:
    """Raise unless `state` is an optimiser's dict: empty, or entries of these names and shapes."""
    if not isinstance(state, dict):
        got = type(state).__name__
        raise TypeError(message(op, "state is not a dict", "{} before the first step", got))
    if state and set(state) != set(shapes):
        expected = f"{{}} or a dict with the keys {sorted(shapes)}"
        got = sorted(map(str, state))
        raise ValueError(message(op, "state is not this rule's", expected, got))
    for name, value in state.items():
        shape(op, f"state['{name}']", np.asarray(value), shapes[name])


def counted(op: str, state: dict, name: str) -> int:
    """Return how far a checked state has counted: 0 before the first step.

    >>> counted("adam", {"step": 3}, "step")
    3
    """
    number = state.get(name, 0)
    if isinstance(number, np.ndarray):  # saved with the others, it comes back as an array
        number = number.item()
    return count(op, f"state['{name}']", number, at_least=0)


def as_array(value: Any) -> Any:
    """Return the array without axes that NumPy made a scalar of; leave all else as it is.

    >>> as_array(2 * np.array(1.0))
    array(2.)
    """
    return np.asarray(value) if isinstance(value, np.floating) else value


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


def pictures(op: str, x, channels: int | str = "C") -> None:
    """Raise ValueError unless x is (N, C, H, W), with at least one pixel a picture; N may be 0.

    >>> pictures("rotate", np.zeros((3, 32, 32)))
    Traceback (most recent call last):
    ValueError: rotate: x has the wrong shape. Expected x of shape (N, C, H, W), got (3, 32, 32).
    """
    shape(op, "x", x, ("N", channels, "H", "W"))
    if 0 in x.shape[1:]:
        expected, got = "one pixel or more a picture", tuple(x.shape)
        raise ValueError(message(op, "x has pictures without pixels", expected, got))


def divides(op: str, name: str, divisor: int, **sizes: int) -> None:
    """Raise ValueError unless `divisor`, the argument `name`, divides every size.

    >>> divides("conv2d_forward", "groups", 2, C=4, F=3)
    Traceback (most recent call last):
    ValueError: conv2d_forward: groups does not divide F. Expected F divisible by 2, got 3.
    """
    for what, size in sizes.items():
        if size % divisor:
            wrong, expected = f"{name} does not divide {what}", f"{what} divisible by {divisor}"
            raise ValueError(message(op, wrong, expected, size))


def convolution(
    op: str, x, w, b, stride: int, pad: int, groups: int
) -> tuple[tuple[int, int, int, int], int, int, int]:
    """Return the shape of out, stride, pad and groups, or raise if they do not fit together."""
    stride, groups = count(op, "stride", stride), count(op, "groups", groups)
    pad = count(op, "pad", pad, at_least=0)
    pictures(op, x)
    n, c, height, width = x.shape
    divides(op, "groups", groups, C=c)
    shape(op, "w", w, ("F", c // groups, "KH", "KW"))
    not_empty(op, "w", w)
    f, _, kh, kw = w.shape
    divides(op, "groups", groups, F=f)
    shape(op, "b", b, (f,))
    room_h, room_w = height + 2 * pad - kh, width + 2 * pad - kw
    if min(room_h, room_w) < 0:
        expected = f"(KH, KW) of at most {(height + 2 * pad, width + 2 * pad)}"
        raise ValueError(message(op, "w is larger than the padded x", expected, (kh, kw)))
    return (n, f, room_h // stride + 1, room_w // stride + 1), stride, pad, groups


def pooling(op: str, x, size: int, stride: int | None, pad: int) -> tuple[int, int, int]:
    """Return size, stride (by default the size) and pad, or raise if they do not fit x."""
    size = count(op, "size", size)
    stride = size if stride is None else count(op, "stride", stride)
    pad = count(op, "pad", pad, at_least=0)
    pictures(op, x)
    if pad > size / 2:
        wrong, expected = "pad is more than half a window", f"pad of at most {size // 2}"
        raise ValueError(message(op, wrong, expected, pad))
    room = min(x.shape[2:]) + 2 * pad
    if size > room:
        expected = f"size of at most {room}"
        raise ValueError(message(op, "the window is larger than the padded x", expected, size))
    return size, stride, pad


def symmetric(op: str, name: str, matrix) -> None:
    """Raise ValueError unless a square matrix is symmetric, up to rounding; NaN is let through.

    >>> symmetric("pca_jitter", "covariance", np.array([[2.0, 1.0], [0.0, 2.0]]))
    Traceback (most recent call last):
    ValueError: pca_jitter: covariance is not symmetric. Expected a symmetric matrix, got entries \
that differ by 1.0 from those opposite.
    """
    apart = abs(matrix - matrix.T).max()
    if apart > 1e-3 * abs(matrix).max():
        got = f"entries that differ by {float(apart)} from those opposite"
        raise ValueError(message(op, f"{name} is not symmetric", "a symmetric matrix", got))


def colors(op: str, x) -> None:
    """Raise ValueError unless x is (N, 3, H, W) with values in [0, 1]; NaN is let through.

    Bilinear weights may sum to a little more than 1, so the check is not sharp.
    """
    pictures(op, x, channels=3)
    if len(x) and (x.min() < -1e-3 or x.max() > 1 + 1e-3):
        got = f"{float(x.min()):g} to {float(x.max()):g}"
        hint = "Change colors before you standardize the pictures."
        raise ValueError(message(op, "x is out of range", "values in [0, 1]", got, hint))


def one_each(op: str, name: str, value: object, n: int, interval: str) -> np.ndarray:
    """Return n numbers in `interval`, one a picture: an array (n,), or one number for all.

    >>> one_each("rotate", "degrees", 30, 2, "(-inf, inf)")
    array([30., 30.])
    """
    if not isinstance(value, np.ndarray):
        return np.full(n, in_range(op, name, value, interval))
    floats(op, **{name: value})
    shape(op, name, value, (n,))
    return np.array([in_range(op, name, number, interval) for number in value.tolist()])


def lr_bounds(op: str, lr_min: object, lr_max: object) -> tuple[float, float]:
    """Return both as floats, or raise unless 0 ≤ lr_min ≤ lr_max and lr_max > 0."""
    lr_max = in_range(op, "lr_max", lr_max, "(0, inf)")
    return in_range(op, "lr_min", lr_min, f"[0, {lr_max}]"), lr_max


def stages(op: str, stages: object) -> list[tuple[float, int]]:
    """Return stages: ((lr, steps), ...) as a list, or raise unless that is what they are."""
    expected = "pairs (lr, steps), one or more"
    if not isinstance(stages, tuple | list):
        got = type(stages).__name__
        raise TypeError(message(op, "stages is not a tuple", expected, got))
    if not stages or any(not isinstance(s, tuple | list) or len(s) != 2 for s in stages):
        raise ValueError(message(op, "stages are not pairs", expected, stages))
    return [(in_range(op, "lr", lr, "(0, inf)"), count(op, "steps", steps)) for lr, steps in stages]


def shares(op: str, name: str, array, expected: tuple[int, int]) -> None:
    """Raise ValueError unless rows are shares that sum to 1, up to rounding; NaN is let through."""
    shape(op, name, array, expected)
    rows = array.sum(axis=1)
    if (array < 0).any() or (abs(rows - 1) > 1e-3).any():
        got = f"{float(array.min()):g} at least, and sums up to {float(rows.max()):g}"
        raise ValueError(message(op, f"{name} are not shares", "rows ≥ 0 that sum to 1", got))
