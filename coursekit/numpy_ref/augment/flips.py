"""Mirror images: a cat that looks left is as much a cat as one that looks right.

Where left and right mean something, as for the digit 2, a flip makes a wrong label.
"""

import numpy as np

from coursekit.numpy_ref import _check


def horizontal_flip(x: np.ndarray, *, p: float = 0.5, rng: np.random.Generator) -> np.ndarray:
    """Swap left and right, out[n, c, h, w] = x[n, c, h, W − 1 − w], with probability p.

    Each picture of the batch is flipped, or not, on its own: p = 1 flips all, p = 0 none.

    x: (N, C, H, W); p in [0, 1]; rng draws. Returns out of the shape of x.
    Raises TypeError if x is not floats or rng no generator; ValueError for other shapes and p.

    >>> x = np.array([[[[1.0, 2.0, 3.0]]]])
    >>> horizontal_flip(x, p=1.0, rng=np.random.default_rng(0))
    array([[[[3., 2., 1.]]]])

    References: krizhevsky2012
    """
    flipped = _chosen("horizontal_flip", x, p, rng)
    return np.where(flipped, x[:, :, :, ::-1], x)


def vertical_flip(x: np.ndarray, *, p: float = 0.5, rng: np.random.Generator) -> np.ndarray:
    """Swap top and bottom, out[n, c, h, w] = x[n, c, H − 1 − h, w], with probability p.

    For pictures that have no up and down: seen through a microscope, or from a satellite.

    x: (N, C, H, W); p in [0, 1]; rng draws. Returns out of the shape of x.
    Raises as `horizontal_flip` does.

    >>> x = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> vertical_flip(x, p=1.0, rng=np.random.default_rng(0))
    array([[[[3., 4.],
             [1., 2.]]]])

    References: ciresan2013
    """
    flipped = _chosen("vertical_flip", x, p, rng)
    return np.where(flipped, x[:, :, ::-1, :], x)


def _chosen(op: str, x, p: float, rng: np.random.Generator) -> np.ndarray:
    """Check the arguments of a flip; draw true with probability p for each picture."""
    _check.floats(op, x=x)
    _check.pictures(op, x)
    p = _check.in_range(op, "p", p, "[0, 1]")
    _check.generator(op, rng)
    return rng.random((len(x), 1, 1, 1)) < p
