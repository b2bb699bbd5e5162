"""Noisy points on a curve: the smallest data that can be under- and overfitted."""

import numpy as np

from coursekit.data.dataset import Dataset, split_rng
from coursekit.numpy_ref import _check

PARABOLA = (0.0, 3.0, -2.5)


def polynomial(
    split: str = "train",
    *,
    n: int = 10,
    noise: float = 0.1,
    seed: int = 0,
    coefficients: tuple[float, ...] = PARABOLA,
) -> Dataset:
    """Points around the polynomial f, with normal noise: a regression.

        y = f(x) + noise · ε,    f(x) = Σᵢ coefficientsᵢ xⁱ

    with one x, at random, in each nth part of [0, 1], in shuffled order.

    Fit polynomials to the ten points of "train". By default f is a parabola that climbs to 0.9
    at x = 0.6 and bends down again. Degree 1 cannot bend: it underfits. Degree 2 is right. Degree
    9 has a coefficient for every point: it goes through all ten, learns the noise by heart, and
    is far off between them, as many new points (`polynomial("validation", n=1000)`) show.

    split: "train", "validation" or "test", independent draws; n ≥ 1 points; noise ≥ 0: a standard
    deviation; seed: a whole number of at least 0; coefficients: finite, constant term first.
    Returns a Dataset with x: (n, 1) in [0, 1], y: (n,), float32, and no class names.
    Raises ValueError for values out of range, TypeError for what is no number.

    >>> points = polynomial("train")
    >>> points.x.shape, points.y.dtype, points.class_names
    ((10, 1), dtype('float32'), ())
    >>> fit = np.polynomial.Polynomial.fit(points.x[:, 0], points.y, deg=9)
    >>> bool(np.abs(fit(points.x[:, 0]) - points.y).max() < 1e-3)
    True

    References: bishop2006
    """
    rng = split_rng("polynomial", split, seed)
    n = _check.count("polynomial", "n", n)
    noise = _check.in_range("polynomial", "noise", noise, "[0, inf)")
    f = _curve(coefficients)
    x = (rng.permutation(n) + rng.random(n)) / n
    y = f(x) + noise * rng.standard_normal(n)
    return Dataset(x[:, None].astype(np.float32), y.astype(np.float32), (), split)


def _curve(coefficients: tuple[float, ...]) -> np.polynomial.Polynomial:
    if not isinstance(coefficients, tuple | list | np.ndarray) or len(coefficients) == 0:
        expected = "a tuple of numbers, constant term first"
        wrong = "coefficients are not numbers in a row"
        raise TypeError(_check.message("polynomial", wrong, expected, repr(coefficients)))
    return np.polynomial.Polynomial(
        [_check.in_range("polynomial", "coefficients", c, "(-inf, inf)") for c in coefficients]
    )
