"""What the normalisations share: their checks, which serve the twins too, and their layers."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.layers import Layer

Cache = tuple
Grads = tuple[np.ndarray, np.ndarray, np.ndarray]


class Normalization(Layer):
    """What the layers below share: weight γ, `gamma` at first, bias β, zeros, and ε."""

    _backward: Callable[[np.ndarray, Cache], Grads]

    def __init__(
        self, shape: tuple[int, ...], *, eps: float, dtype: DTypeLike, gamma: float = 1.0
    ) -> None:
        super().__init__()
        op = type(self).__name__
        self.eps = _check.in_range(op, "eps", eps, "(0, inf)")
        gamma = _check.in_range(op, "gamma", gamma, "(-inf, inf)")
        weight = np.full(shape, gamma, dtype)
        _check.floats(op, weight=weight)
        self.params = {"weight": weight, "bias": np.zeros(shape, dtype)}

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx; fill `grads` with those of weight and bias."""
        dx, dgamma, dbeta = self._backward(dout, self._cached())
        self.grads = {"weight": dgamma, "bias": dbeta}
        return dx


def check_batchnorm(op: str, x, gamma, beta, running_mean, running_var, training: bool) -> None:
    """Check the arrays of batch norm; like the checks below it serves the twin too."""
    _check.flag(op, "training", training)
    if len(x.shape) not in (2, 4):
        expected = "x of shape (N, D) or (N, C, H, W)"
        raise ValueError(_check.message(op, "x has the wrong rank", expected, tuple(x.shape)))
    _check.not_empty(op, "gamma", gamma)
    _check.shape(op, "gamma", gamma, (x.shape[1],))
    _check.shape(op, "beta", beta, tuple(gamma.shape))
    _check.shape(op, "running_mean", running_mean, tuple(gamma.shape))
    _check.shape(op, "running_var", running_var, tuple(gamma.shape))
    if (running_var < 0).any() or (running_var == math.inf).any():
        wrong, expected = "running_var is out of range", "variances in [0, inf)"
        got = f"{float(running_var.min())} to {float(running_var.max())}"
        raise ValueError(_check.message(op, wrong, expected, got))
    if training:
        check_several(op, "channel", x.shape[0] * math.prod(x.shape[2:]))


def check_layernorm(op: str, x, gamma, beta) -> tuple[int, ...]:
    """Check the shapes of layer norm; return the axes of x that make a sample."""
    k = len(gamma.shape)
    if not 0 < k < len(x.shape):
        expected = "x of shape (N, ...), and gamma of the shape that x ends in"
        got = f"{tuple(x.shape)} and {tuple(gamma.shape)}"
        raise ValueError(_check.message(op, "x or gamma has the wrong rank", expected, got))
    _check.shape(op, "gamma", gamma, tuple(x.shape[-k:]))
    _check.shape(op, "beta", beta, tuple(gamma.shape))
    check_several(op, "sample", math.prod(gamma.shape))
    return tuple(range(-k, 0))


def check_groupnorm(op: str, x, gamma, beta, groups: object) -> int:
    """Check the arguments of group norm; return groups."""
    _check_pictures(op, x, gamma, beta)
    groups = check_groups(op, "groups", groups, x.shape[1])
    check_several(op, "group", math.prod(x.shape[1:]) // groups)
    return groups


def check_instancenorm(op: str, x, gamma, beta) -> None:
    """Check the arrays of instance norm."""
    _check_pictures(op, x, gamma, beta)
    check_several(op, "channel", math.prod(x.shape[2:]))


def check_groups(op: str, name: str, groups: object, c: int) -> int:
    """Return the number of groups, or raise unless it divides the number of channels."""
    groups = _check.count(op, name, groups)
    if c % groups:
        wrong = f"{name} does not divide the channels"
        raise ValueError(_check.message(op, wrong, f"a divisor of {c}", groups))
    return groups


def _check_pictures(op: str, x, gamma, beta) -> None:
    """Check x: (N, C, H, W) and gamma, beta: (C,)."""
    _check.pictures(op, x)
    _check.shape(op, "gamma", gamma, (x.shape[1],))
    _check.shape(op, "beta", beta, (x.shape[1],))


def check_several(op: str, where: str, values: int) -> None:
    """Raise ValueError for one value or none: out would be β, whatever x is."""
    if values < 2:
        wrong = f"a {where} has too few values to normalize"
        raise ValueError(_check.message(op, wrong, "two or more", values))


def refuse_overflow(op: str, x: np.ndarray, var: np.ndarray) -> None:
    """Raise ValueError where the sum of squares overflows the dtype of x: out would be β there."""
    if np.isinf(var).any():
        limit = np.sqrt(np.finfo(x.dtype).max / (x.size // var.size))
        expected = f"values below {limit:.0e}, whose squares can be summed"
        got = f"{np.abs(x).max():.0e}"
        raise ValueError(_check.message(op, f"the variance overflows {x.dtype}", expected, got))


def standardize(
    op: str, x: np.ndarray, axes: tuple[int, ...], eps: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return x̂ = (x − mean) / √(var + ε) and 1 / √(var + ε), with statistics over the axes."""
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    centred = x - x.mean(axis=axes, keepdims=True)
    with np.errstate(over="ignore"):
        var = np.square(centred).mean(axis=axes, keepdims=True)
    refuse_overflow(op, x, var)
    inv_std = 1 / np.sqrt(var + eps)
    centred *= inv_std  # in place, here and below: fetching new memory is what takes the time
    return centred, inv_std


def standardize_backward(
    g: np.ndarray, x_hat: np.ndarray, inv_std: np.ndarray, axes: tuple[int, ...]
) -> np.ndarray:
    """Return the gradient of `standardize` for the upstream gradient g of x̂."""
    mean_g = g.mean(axis=axes, keepdims=True)
    mean_gx = (g * x_hat).mean(axis=axes, keepdims=True)
    dx = g - mean_g
    dx -= x_hat * mean_gx
    dx *= inv_std
    return dx
