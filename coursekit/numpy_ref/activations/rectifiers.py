"""ReLU and its kin: x itself where x is positive, and next to nothing below."""

import numpy as np
from numpy.typing import DTypeLike

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.activations._elementwise import Elementwise
from coursekit.numpy_ref.layers import Layer


def relu_forward(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rectified linear unit: out = max(x, 0).

    x: any shape. Returns out of the same shape, and cache for `relu_backward`.
    NaN stays NaN. Raises TypeError if x is not an array of floats.

    >>> out, cache = relu_forward(np.array([-1.0, 0.0, 2.0]))
    >>> out
    array([0., 0., 2.])

    References: nair2010
    """
    _check.floats("relu_forward", x=x)
    return np.maximum(x, 0), x


def relu_backward(dout: np.ndarray, cache: np.ndarray) -> np.ndarray:
    """The gradient of `relu_forward`: dx = dout where x > 0, else 0.

    An active unit passes on the whole gradient, however large x is: it does not saturate. A unit
    that is negative for every sample gets no gradient and cannot come back: it is dead.
    At x = 0 the slope is undefined; like PyTorch we take 0.

    dout: the upstream gradient, of the shape of x; cache: from `relu_forward`. Returns dx.
    Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> out, cache = relu_forward(np.array([-1.0, 0.0, 2.0]))
    >>> relu_backward(np.array([5.0, 6.0, 7.0]), cache)
    array([0., 0., 7.])

    References: nair2010, glorot2011
    """
    x = cache
    _check.floats("relu_backward", dout=dout)
    _check.shape("relu_backward", "dout", dout, x.shape)
    return dout * (x > 0)


def leaky_relu_forward(
    x: np.ndarray, *, negative_slope: float = 0.01
) -> tuple[np.ndarray, tuple[np.ndarray, float]]:
    """The leaky ReLU: out = max(x, 0) + a · min(x, 0), with a small slope a below 0.

    x: any shape; negative_slope a: any finite number (0 gives ReLU, −1 gives |x|).
    Returns out of the same shape, and cache for `leaky_relu_backward`. NaN stays NaN.
    Raises TypeError if x is not an array of floats or a no number, ValueError if a is not finite.

    >>> leaky_relu_forward(np.array([-1.0, 0.0, 2.0]))[0]
    array([-0.01,  0.  ,  2.  ])

    References: maas2013
    """
    _check.floats("leaky_relu_forward", x=x)
    a = _check.in_range("leaky_relu_forward", "negative_slope", negative_slope, "(-inf, inf)")
    return np.maximum(x, 0) + a * np.minimum(x, 0), (x, a)


def leaky_relu_backward(dout: np.ndarray, cache: tuple[np.ndarray, float]) -> np.ndarray:
    """The gradient of `leaky_relu_forward`: dx = dout where x > 0, else a · dout.

    No unit dies: a little of the gradient comes through whatever x is. At x = 0 we take the slope
    a, like PyTorch.

    dout: the upstream gradient, of the shape of x; cache: from `leaky_relu_forward`. Returns dx.
    Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> out, cache = leaky_relu_forward(np.array([-1.0, 0.0, 2.0]), negative_slope=0.5)
    >>> leaky_relu_backward(np.array([5.0, 6.0, 7.0]), cache)
    array([2.5, 3. , 7. ])

    References: maas2013
    """
    x, a = cache
    _check.floats("leaky_relu_backward", dout=dout)
    _check.shape("leaky_relu_backward", "dout", dout, x.shape)
    return _bent(x, dout, a)


def prelu_forward(
    x: np.ndarray, alpha: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """The parametric ReLU: out = max(x, 0) + α · min(x, 0), where the slope α is learned.

    x: any shape; alpha: (1,), one slope for all, or (C,), one for each channel of x: (N, C, ...).
    Returns out of the shape of x, and cache for `prelu_backward`. NaN stays NaN.
    Raises TypeError for arrays that are not floats, ValueError if alpha has another shape.

    >>> prelu_forward(np.array([[-1.0, -1.0], [3.0, -2.0]]), np.array([0.5, 0.1]))[0]
    array([[-0.5, -0.1],
           [ 3. , -0.2]])

    References: he2015
    """
    _check.floats("prelu_forward", x=x, alpha=alpha)
    if alpha.shape != (1,):
        _check.shape("prelu_forward", "alpha", alpha, x.shape[1:2] or (1,))
    return np.maximum(x, 0) + _per_channel(alpha, x) * np.minimum(x, 0), (x, alpha)


def prelu_backward(
    dout: np.ndarray, cache: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """The gradients of `prelu_forward`: dx = dout where x > 0, else α · dout.

    dα = Σ dout · min(x, 0), over all values that share the slope. Do not decay α: that would pull
    it to 0, back to ReLU.

    dout: the upstream gradient, of the shape of x; cache: from `prelu_forward`.
    Returns dx, and dalpha of the shape of alpha.
    Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> out, cache = prelu_forward(np.array([[-1.0, -1.0], [3.0, -2.0]]), np.array([0.5, 0.1]))
    >>> prelu_backward(np.ones((2, 2)), cache)[1]
    array([-1., -3.])

    References: he2015
    """
    x, alpha = cache
    _check.floats("prelu_backward", dout=dout)
    _check.shape("prelu_backward", "dout", dout, x.shape)
    slope = _per_channel(alpha, x)
    shared = tuple(axis for axis, size in enumerate(slope.shape) if size == 1)
    dalpha = (dout * np.minimum(x, 0)).sum(axis=shared).reshape(alpha.shape)
    return _bent(x, dout, slope), dalpha


def elu_forward(
    x: np.ndarray, *, alpha: float = 1.0
) -> tuple[np.ndarray, tuple[np.ndarray, float]]:
    """The exponential linear unit: out = x where x > 0, else α(eˣ − 1).

    Its negative outputs bring the mean closer to 0, as tanh does; below, it saturates at −α.

    x: any shape; α ≥ 0. Returns out of the same shape, and cache for `elu_backward`.
    Never overflows; NaN stays NaN.
    Raises TypeError if x is not an array of floats or α no number, ValueError for α < 0.

    >>> elu_forward(np.array([-1e4, -1.0, 2.0]))[0].round(4)
    array([-1.    , -0.6321,  2.    ])

    References: clevert2016
    """
    _check.floats("elu_forward", x=x)
    alpha = _check.in_range("elu_forward", "alpha", alpha, "[0, inf)")
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0)), (x, alpha)


def elu_backward(dout: np.ndarray, cache: tuple[np.ndarray, float]) -> np.ndarray:
    """The gradient of `elu_forward`: dx = dout where x > 0, else dout · αeˣ, which is out + α.

    With α = 1 the slope has no jump at 0.

    dout: the upstream gradient, of the shape of x; cache: from `elu_forward`. Returns dx.
    Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> out, cache = elu_forward(np.array([-1.0, 0.0, 2.0]), alpha=2.0)
    >>> elu_backward(np.ones(3), cache).round(4)
    array([0.7358, 2.    , 1.    ])

    References: clevert2016
    """
    x, alpha = cache
    _check.floats("elu_backward", dout=dout)
    _check.shape("elu_backward", "dout", dout, x.shape)
    return _bent(x, dout, alpha * np.exp(np.minimum(x, 0)))


class ReLU(Elementwise):
    """The layer out = max(x, 0); it has no parameters.

    >>> ReLU().forward(np.array([[-1.0, 2.0]]), training=True, rng=None)
    array([[0., 2.]])

    References: nair2010
    """

    pair = (relu_forward, relu_backward)


class LeakyReLU(Elementwise):
    """The layer out = max(x, 0) + a · min(x, 0), `negative_slope` a; it has no parameters.

    >>> LeakyReLU(0.1).forward(np.array([[-1.0, 2.0]]), training=True, rng=None)
    array([[-0.1,  2. ]])

    References: maas2013
    """

    pair = (leaky_relu_forward, leaky_relu_backward)

    def __init__(self, negative_slope: float = 0.01) -> None:
        a = _check.in_range("LeakyReLU", "negative_slope", negative_slope, "(-inf, inf)")
        super().__init__(negative_slope=a)


class PReLU(Layer):
    """The layer out = max(x, 0) + α · min(x, 0), whose slopes α are learned.

    weight: (num_parameters,), all `init` at first: one slope for all, or one for each channel.
    `init` is any finite number; `dtype` is float64 unless you ask for np.float32.

    >>> PReLU(3).params["weight"]
    array([0.25, 0.25, 0.25])

    References: he2015
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, *, dtype: DTypeLike = np.float64
    ) -> None:
        super().__init__()
        c = _check.count("PReLU", "num_parameters", num_parameters)
        weight = np.full(c, _check.in_range("PReLU", "init", init, "(-inf, inf)"), dtype)
        _check.floats("PReLU", weight=weight)
        self.params = {"weight": weight}

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return out; training and rng make no difference."""
        out, self.cache = prelu_forward(x, self.params["weight"])
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx; fill `grads` with that of weight."""
        dx, dalpha = prelu_backward(dout, self._cached())
        self.grads = {"weight": dalpha}
        return dx


class ELU(Elementwise):
    """The layer out = x where x > 0, else α(eˣ − 1), `alpha` α ≥ 0; it has no parameters.

    >>> ELU().forward(np.array([[-1e4, 2.0]]), training=True, rng=None)
    array([[-1.,  2.]])

    References: clevert2016
    """

    pair = (elu_forward, elu_backward)

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__(alpha=_check.in_range("ELU", "alpha", alpha, "[0, inf)"))


def _per_channel(alpha: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Alpha with as many axes as x has: its values along axis 1, if there is one."""
    return alpha.reshape([-1 if axis == 1 else 1 for axis in range(x.ndim)])


def _bent(x: np.ndarray, dout: np.ndarray, slope: np.ndarray | float) -> np.ndarray:
    """Return dout where x > 0, else slope · dout: np.where would take four times as long."""
    positive = x > 0
    return dout * positive + slope * dout * ~positive
