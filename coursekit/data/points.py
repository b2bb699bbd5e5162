"""Points in the plane: data whose decision boundary can be drawn.

Both sets have two classes, half of the points each. The splits of one seed are independent draws.
"""

import math

import numpy as np

from coursekit.data.dataset import SPLITS, Dataset, check_split


def moons(split: str = "train", *, n: int = 200, noise: float = 0.2, seed: int = 0) -> Dataset:
    """Two half circles that reach into each other, with normal noise.

    With t uniform in [0, π], class 0 lies at (cos t, sin t), class 1 at (1 − cos t, ½ − sin t).

    split: "train", "validation" or "test"; n ≥ 2 points; noise ≥ 0: the standard deviation added
    to both coordinates; seed: a whole number of at least 0.
    Returns a Dataset with x: (n, 2) and y: (n,). Raises ValueError for values out of range.

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
    check_split(op, split)
    if not n >= 2:
        raise ValueError(f"{op}: n is too small. Expected n of at least 2, got {n}.")
    if not 0 <= noise < math.inf:
        raise ValueError(f"{op}: noise is out of range. Expected noise in [0, inf), got {noise}.")
    rng = np.random.default_rng([seed, SPLITS.index(split)])
    return rng, rng.permutation(np.arange(n, dtype=np.int64) % 2)
