"""Gated activations: x times a gate in (0, 1) that x itself opens. Smooth successors of ReLU."""

import math
from typing import Literal

import numpy as np

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.activations._elementwise import Elementwise
from coursekit.numpy_ref.activations._special import FAR, near, normal_cdf, sigmoid, sigmoid_slope

Cache = tuple[np.ndarray, np.ndarray]
Approximate = Literal[False, "tanh"]
_SCALE, _CUBIC = math.sqrt(2 / math.pi), 0.044715  # of the approximate GELU
_FAR = 40.0  # where φ is 0 in float64, and x³ still fits into float16


def silu_forward(x: np.ndarray) -> tuple[np.ndarray, Cache]:
    """The sigmoid linear unit, also called swish: out = x · σ(x), a smooth ReLU.

    σ(x) is a gate that x itself opens: close to 1 for large x, close to 0 for very negative x.

    x: any shape. Returns out of the same shape, and cache for `silu_backward`.
    Never overflows; NaN stays NaN. Raises TypeError if x is not an array of floats.

    >>> silu_forward(np.array([-1e4, -1.0, 2.0]))[0].round(4)
    array([-0.    , -0.2689,  1.7616])

    References: elfwing2018
    """
    _check.floats("silu_forward", x=x)
    gate = sigmoid(x)
    return _times_gate(x, gate), (x, gate)


def silu_backward(dout: np.ndarray, cache: Cache) -> np.ndarray:
    """The gradient of `silu_forward`: dx = dout · (σ(x) + x · σ′(x)), with σ′ = σ(1 − σ).

    The slope is ½ at 0, and negative below −1.278, where out has its minimum, −0.278.

    dout: the upstream gradient, of the shape of x; cache: from `silu_forward`. Returns dx.
    Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> out, cache = silu_forward(np.array([-1.2785, 0.0, 9.0]))
    >>> abs(silu_backward(np.ones(3), cache).round(3))
    array([0.   , 0.5  , 1.001])

    References: elfwing2018
    """
    x, gate = cache
    _check.floats("silu_backward", dout=dout)
    _check.shape("silu_backward", "dout", dout, x.shape)
    return dout * (gate + near(x) * sigmoid_slope(x))


def gelu_forward(
    x: np.ndarray, *, approximate: Approximate = False
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, Approximate]]:
    """The Gaussian error linear unit: out = x · Φ(x), Φ the normal distribution function.

    It is what dropout gives on average if x is kept with probability Φ(x): the larger, the
    likelier. A cheaper approximation, off by less than 0.0005, replaces Φ(x) by

        ½ (1 + tanh u) = σ(2u),   u = √(2/π) (x + 0.044715 x³)

    x: any shape; approximate: False or "tanh" (torch.nn calls False "none").
    Returns out of the same shape, and cache for `gelu_backward`. Never overflows; NaN stays NaN.
    Raises TypeError if x is not an array of floats, ValueError or TypeError for another
    approximate.

    >>> x = np.array([-1e4, -1.0, 2.0])
    >>> gelu_forward(x)[0].round(4), gelu_forward(x, approximate="tanh")[0].round(4)
    (array([-0.    , -0.1587,  1.9545]), array([-0.    , -0.1588,  1.9546]))

    References: hendrycks2016
    """
    _check.floats("gelu_forward", x=x)
    _check.choice("gelu_forward", "approximate", approximate, (False, "tanh"))
    gate = sigmoid(_twice_u(near(x, _FAR))) if approximate else normal_cdf(x)
    return _times_gate(x, gate), (x, gate, approximate)


def gelu_backward(
    dout: np.ndarray, cache: tuple[np.ndarray, np.ndarray, Approximate]
) -> np.ndarray:
    """The gradient of `gelu_forward`: dx = dout · (Φ(x) + x · φ(x)), with φ = Φ′, the density.

        φ(x) = exp(−x²/2) / √(2π),   or for "tanh"   2u′ σ′(2u),   u′ = √(2/π) (1 + 0.134145 x²)

    The slope is ½ at 0, and negative below −0.752, where out has its minimum, −0.170.

    dout: the upstream gradient, of the shape of x; cache: from `gelu_forward`. Returns dx.
    Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> out, cache = gelu_forward(np.array([-0.75179, 0.0, 9.0]))
    >>> abs(gelu_backward(np.ones(3), cache).round(4))
    array([0. , 0.5, 1. ])

    References: hendrycks2016
    """
    x, gate, approximate = cache
    _check.floats("gelu_backward", dout=dout)
    _check.shape("gelu_backward", "dout", dout, x.shape)
    x = near(x, _FAR)
    if approximate:
        density = 2 * _SCALE * (1 + 3 * _CUBIC * x * x) * sigmoid_slope(_twice_u(x))
    else:
        density = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    return dout * (gate + x * density)


class SiLU(Elementwise):
    """The layer out = x · σ(x); it has no parameters.

    >>> SiLU().forward(np.array([[-1e4, 1e4]]), training=True, rng=None)
    array([[   -0., 10000.]])

    References: elfwing2018
    """

    pair = (silu_forward, silu_backward)


class GELU(Elementwise):
    """The layer out = x · Φ(x), `approximate` False or "tanh"; it has no parameters.

    >>> GELU().forward(np.array([[-1e4, 1e4]]), training=True, rng=None)
    array([[   -0., 10000.]])

    References: hendrycks2016
    """

    pair = (gelu_forward, gelu_backward)

    def __init__(self, approximate: Approximate = False) -> None:
        _check.choice("GELU", "approximate", approximate, (False, "tanh"))
        super().__init__(approximate=approximate)


def _times_gate(x: np.ndarray, gate: np.ndarray) -> np.ndarray:
    """The product x · gate, and 0, its limit, at −∞, where plain arithmetic gives NaN."""
    return np.maximum(x, -FAR) * gate


def _twice_u(x: np.ndarray) -> np.ndarray:
    """The argument 2u of the sigmoid in the approximate GELU."""
    return 2 * _SCALE * (x + _CUBIC * x * x * x)
