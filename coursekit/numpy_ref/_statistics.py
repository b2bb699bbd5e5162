"""Checks of preprocess.py that its twin shares: do statistics and data fit each other?"""

import math

from coursekit.numpy_ref import _check


def training_pictures(op: str, x_train) -> None:
    """Raise unless x_train is one picture or more."""
    _check.shape(op, "x_train", x_train, ("N", "C", "H", "W"))
    _check.not_empty(op, "x_train", x_train)


def training_samples(op: str, x_train) -> None:
    """Raise unless x_train is (N, ...), with one value or more."""
    if len(x_train.shape) < 2:
        wrong, got = "x_train has no batch axis", tuple(x_train.shape)
        raise ValueError(_check.message(op, wrong, "x_train of shape (N, ...)", got))
    _check.not_empty(op, "x_train", x_train)


def for_each_sample(op: str, x, name: str, statistic):
    """Check a statistic and let it meet x: the shape of one sample, or (C,), a number a channel."""
    _check.flat_size(op, x)
    if len(statistic.shape) == 1 and len(x.shape) > 2:
        _check.shape(op, name, statistic, (x.shape[1],))
        return statistic.reshape(-1, *[1] * len(x.shape[2:]))
    _check.shape(op, name, statistic, tuple(x.shape[1:]))
    return statistic


def positive(op: str, std) -> None:
    """Raise if a standard deviation is 0 or less; NaN is let through."""
    if (std <= 0).any():
        got, hint = f"{float(std.min()):g}", "standardizer(x_train) adds eps to it."
        raise ValueError(_check.message(op, "std is not positive", "an std above 0", got, hint))


def components(op: str, x_train, wanted: int | None) -> int:
    """Return how many principal axes are wanted, or raise unless x_train has as many."""
    _check.shape(op, "x_train", x_train, ("N", "D"))
    _check.not_empty(op, "x_train", x_train)
    if len(x_train) < 2:
        wrong, expected = "x_train has too few samples", "N of at least 2"
        raise ValueError(_check.message(op, wrong, expected, len(x_train)))
    if not abs(x_train).max() < math.inf:
        wrong, got = "x_train is not finite", "NaN or infinity"
        raise ValueError(_check.message(op, wrong, "finite values", got))
    largest = min(len(x_train) - 1, x_train.shape[1])
    number = largest if wanted is None else _check.count(op, "components", wanted)
    if number > largest:
        wrong, expected = "components is too large", f"components of at most {largest}"
        raise ValueError(_check.message(op, wrong, expected, number))
    return number


def fitting_axes(op: str, mean, axes, name: str, data, width: str) -> None:
    """Raise unless mean: (D,), axes: (K, D), and data as wide as `width` says, "D" or "K"."""
    _check.shape(op, "axes", axes, ("K", "D"))
    k, d = axes.shape
    _check.shape(op, "mean", mean, (d,))
    _check.shape(op, name, data, ("N", {"D": d, "K": k}[width]))


def whitening(op: str, axes, variances, kind: object) -> None:
    """Raise unless every axis has a variance of 0 or more and the kind is known."""
    _check.shape(op, "variances", variances, (len(axes),))
    if (variances < 0).any():
        got = f"{float(variances.min()):g}"
        raise ValueError(_check.message(op, "a variance is negative", "variances ≥ 0", got))
    _check.choice(op, "kind", kind, ("pca", "zca"))
