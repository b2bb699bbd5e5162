"""Points in the plane: data whose decision boundary can be drawn.

Both sets have two classes, half of the points each. The splits of one seed are independent draws.
"""

import math

import numpy as np

from coursekit.data.dataset import Dataset, split_rng
from coursekit.numpy_ref import _check


def moons(split: str = "train", *, n: int = 200, noise: float = 0.2, seed: int = 0) -> Dataset:
    """Two half circles that reach into each other, with normal noise.

    With t uniform in [0, π], class 0 lies at (cos t, sin t), class 1 at (1 − cos t, ½ − sin t).

    split: "train", "validation" or "test"; n ≥ 2 points; noise ≥ 0: the standard deviation added
    to both coordinates; seed: a whole number of at least 0.
    Returns a Dataset with x: (n, 2) and y: (n,).
    Raises ValueError for values out of range, TypeError for what is no number.

    >>> moons("train", n=4, noise=0.0).x.shape
    (4, 2)
    """
    rng, y = _start("moons", split, n, noise, seed)
    t = rng.uniform(0, math.pi, n)
    x = np.stack([np.cos(t), np.sin(t)], axis=1)
    x[y == 1] = (1.0, 0.5) - x[y == 1]
    x = x + noise * rng.standard_normal(x.shape)
    return Dataset(x.astype(np.float32), y, ("upper moon", "lower moon"), split)


def spirals(split: str = "train", *, n: int = 200, noise: float = 0.05, seed: int = 0) -> Dataset:
    """Two arms of a spiral, wound around each other, with normal noise.

    With r uniform in [0.1, 1], class k lies at radius r and angle 5r + kπ: no straight line
    comes near to separating the arms.

    Arguments, result and errors are those of `moons`.

    >>> spirals("train").class_names
    ('first arm', 'second arm')
    """
    rng, y = _start("spirals", split, n, noise, seed)
    r = rng.uniform(0.1, 1, n)
    angle = 5 * r + math.pi * y
    x = np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1)
    x = x + noise * rng.standard_normal(x.shape)
    return Dataset(x.astype(np.float32), y, ("first arm", "second arm"), split)


def _start(
    op: str, split: str, n: int, noise: float, seed: int
) -> tuple[np.random.Generator, np.ndarray]:
    """Check the arguments; return a generator of this split's own, and shuffled labels."""
    rng = split_rng(op, split, seed)
    n = _check.count(op, "n", n, at_least=2)
    _check.in_range(op, "noise", noise, "[0, inf)")
    return rng, rng.permutation(np.arange(n, dtype=np.int64) % 2)
