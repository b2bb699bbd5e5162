"""Sigmoid and tanh, which squash every number into an interval and saturate on both sides."""

import numpy as np

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.activations._elementwise import Elementwise
from coursekit.numpy_ref.activations._special import near, sigmoid, sigmoid_slope


def sigmoid_forward(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sigmoid squashes any number into (0, 1): σ(x) = 1 / (1 + e⁻ˣ).

    Every out is positive, so the gradients of all weights that lead from here to one unit of the
    next layer have the same sign: they can only grow together or shrink together.

    x: any shape. Returns out of the same shape, and cache for `sigmoid_backward`.
    Never overflows; NaN stays NaN. Raises TypeError if x is not an array of floats.

    >>> sigmoid_forward(np.array([-1e4, 0.0, 1e4]))[0]
    array([0. , 0.5, 1. ])

    References: lecun1998
    """
    _check.floats("sigmoid_forward", x=x)
    return sigmoid(x), x


def sigmoid_backward(dout: np.ndarray, cache: np.ndarray) -> np.ndarray:
    """The gradient of `sigmoid_forward`: dx = dout · σ(1 − σ), and σ(1 − σ) ≤ ¼.

    The slope is ¼ at 0 and falls like e^−|x| on both sides: a saturated unit hardly learns, and
    every sigmoid layer takes at least three quarters of the gradient away.

    dout: the upstream gradient, of the shape of x; cache: from `sigmoid_forward`. Returns dx.
    Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> out, cache = sigmoid_forward(np.array([0.0, 10.0]))
    >>> sigmoid_backward(np.ones(2), cache).round(6)
    array([2.5e-01, 4.5e-05])

    References: lecun1998, glorot2011
    """
    x = cache
    _check.floats("sigmoid_backward", dout=dout)
    _check.shape("sigmoid_backward", "dout", dout, x.shape)
    return dout * sigmoid_slope(x)


def tanh_forward(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The hyperbolic tangent squashes into (−1, 1): tanh x = (eˣ − e⁻ˣ)/(eˣ + e⁻ˣ) = 2σ(2x) − 1.

    A sigmoid stretched and shifted so that its outputs are centred at 0. It saturates all the same.

    x: any shape. Returns out of the same shape, and cache for `tanh_backward`.
    Never overflows; NaN stays NaN. Raises TypeError if x is not an array of floats.

    >>> tanh_forward(np.array([-1e4, 0.0, 1.0]))[0].round(4)
    array([-1.    ,  0.    ,  0.7616])

    References: lecun1998
    """
    _check.floats("tanh_forward", x=x)
    return np.tanh(x), x


def tanh_backward(dout: np.ndarray, cache: np.ndarray) -> np.ndarray:
    """The gradient of `tanh_forward`: dx = dout · (1 − tanh² x).

    The slope is 1 at 0, four times the sigmoid's, and below 1 everywhere else. It is computed as
    4σ′(2x), which is the same: 1 − tanh² would lose its digits where tanh is close to 1.

    dout: the upstream gradient, of the shape of x; cache: from `tanh_forward`. Returns dx.
    Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> out, cache = tanh_forward(np.array([0.0, 1.0]))
    >>> tanh_backward(np.ones(2), cache).round(4)
    array([1.  , 0.42])

    References: lecun1998
    """
    x = cache
    _check.floats("tanh_backward", dout=dout)
    _check.shape("tanh_backward", "dout", dout, x.shape)
    return dout * (4 * sigmoid_slope(2 * near(x)))


class Sigmoid(Elementwise):
    """The layer out = 1 / (1 + e⁻ˣ); it has no parameters.

    >>> Sigmoid().forward(np.array([[0.0]]), training=True, rng=None)
    array([[0.5]])

    References: lecun1998
    """

    pair = (sigmoid_forward, sigmoid_backward)


class Tanh(Elementwise):
    """The layer out = tanh x; it has no parameters.

    >>> Tanh().forward(np.array([[0.0]]), training=True, rng=None)
    array([[0.]])

    References: lecun1998
    """

    pair = (tanh_forward, tanh_backward)
