"""Pictures with a hole, and pictures that are half another: what is left must be enough."""

import numpy as np

from coursekit.numpy_ref import _check


def cutout(x: np.ndarray, *, size: int, rng: np.random.Generator) -> np.ndarray:
    """Cut a square out of every picture, so that no single part of an object can be relied on.

    Its center is any pixel, all equally likely, so the square may hang over the border: some
    pictures keep most of their pixels. What is cut out is 0, in all channels: the mean color, so
    standardize the pictures first.

    x: (N, C, H, W); size ≥ 1, in pixels (of an even size, the center is the pixel right below the
    middle); rng draws the centers. Returns out of the shape of x.
    Raises TypeError unless x is floats, size a whole number and rng a generator; ValueError for
    shapes and a size below 1.

    >>> cutout(np.ones((1, 1, 4, 4)), size=2, rng=np.random.default_rng(0))
    array([[[[1., 1., 1., 1.],
             [1., 1., 1., 1.],
             [1., 0., 0., 1.],
             [1., 0., 0., 1.]]]])

    References: devries2017
    """
    _check.floats("cutout", x=x)
    _check.pictures("cutout", x)
    size = _check.count("cutout", "size", size)
    _check.generator("cutout", rng)
    n, _, h, w = x.shape
    tops, lefts = rng.integers(h, size=n) - size // 2, rng.integers(w, size=n) - size // 2
    out = x.copy()
    for picture, top, left in zip(out, tops, lefts, strict=True):
        picture[:, max(top, 0) : top + size, max(left, 0) : left + size] = 0
    return out


def mixup(
    x: np.ndarray, y: np.ndarray, *, alpha: float, num_classes: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Mix every picture with another one of the batch, and their labels in the same proportion.

        out   = λ · x + (1 − λ) · x[partner]               λ ~ Beta(α, α), one for each picture
        y_out = λ · onehot(y) + (1 − λ) · onehot(y[partner])

    The partners are a random order of the batch, so a picture can be its own. Between two samples
    the network is asked to predict what lies between their labels. A small α leaves most pictures
    nearly alone (λ close to 0 or 1), α = 1 draws all mixtures equally often.

    x: (N, C, H, W); y: (N,), integers 0 ... K − 1; α > 0; num_classes: K; rng draws λ and partners.
    Returns out of the shape of x, and y_out: (N, K), whose rows sum to 1, in the type of x.
    Raises TypeError for an x that is not floats, a y that is not integers, and wrong types of the
    others; ValueError for shapes and ranges.

    >>> x, y = np.array([0.0, 1.0]).reshape(2, 1, 1, 1), np.array([0, 1])
    >>> out, y_out = mixup(x, y, alpha=1.0, num_classes=2, rng=np.random.default_rng(3))
    >>> out.round(2).ravel()
    array([0.73, 0.18])
    >>> y_out.round(2)
    array([[0.27, 0.73],
           [0.82, 0.18]])

    References: zhang2018
    """
    _check.floats("mixup", x=x)
    _check.pictures("mixup", x)
    alpha = _check.in_range("mixup", "alpha", alpha, "(0, inf)")
    num_classes = _check.count("mixup", "num_classes", num_classes)
    _check.labels("mixup", y, len(x), num_classes)
    _check.generator("mixup", rng)
    share = rng.beta(alpha, alpha, len(x)).astype(x.dtype)
    partner = rng.permutation(len(x))
    onehot = np.eye(num_classes, dtype=x.dtype)[y]
    return _mixed(x, x[partner], share), _mixed(onehot, onehot[partner], share)


def _mixed(a: np.ndarray, b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """share · a + (1 − share) · b, with a share for each sample."""
    share = share.reshape(-1, *[1] * (a.ndim - 1))
    return share * a + (1 - share) * b
