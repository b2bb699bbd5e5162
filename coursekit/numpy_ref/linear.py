"""The affine map: every output is a weighted sum of all inputs, plus a bias."""

import math

import numpy as np
from numpy.typing import DTypeLike

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.layers import Layer

Cache = tuple[np.ndarray, np.ndarray]


def affine_forward(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, Cache]:
    """The affine map out = x w + b, one row a sample.

    x: (N, D), or (N, ...) with D values a sample, which are laid out in a row; w: (D, M); b: (M,).
    An empty batch, N = 0, gives an empty out.
    Returns out: (N, M), and cache for `affine_backward`.
    Raises TypeError for arrays that are not floats, ValueError for shapes that do not fit.

    PyTorch keeps the transposed weight, (M, D).

    >>> out, cache = affine_forward(np.array([[1.0, 2.0]]), np.eye(2), np.array([10.0, 20.0]))
    >>> out
    array([[11., 22.]])

    References: goodfellow2016
    """
    _check.floats("affine_forward", x=x, w=w, b=b)
    d = _check.flat_size("affine_forward", x)
    _check.shape("affine_forward", "w", w, (d, "M"))
    _check.shape("affine_forward", "b", b, (w.shape[1],))
    return x.reshape(len(x), d) @ w + b, (x, w)


def affine_backward(dout: np.ndarray, cache: Cache) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients of `affine_forward`: dx = dout wᵀ, dw = xᵀ dout, db = Σₙ dout.

    Each has the shape of what it belongs to, which leaves one way only to write the products.

    dout: (N, M), the upstream gradient; cache: from `affine_forward`.
    Returns dx: the shape of x, dw: (D, M), db: (M,).
    Raises TypeError if dout is not floats, ValueError if its shape is not that of out.

    >>> x, w, b = np.array([[1.0, 2.0]]), np.eye(2), np.zeros(2)
    >>> dx, dw, db = affine_backward(np.array([[1.0, 10.0]]), affine_forward(x, w, b)[1])
    >>> dw
    array([[ 1., 10.],
           [ 2., 20.]])

    References: goodfellow2016
    """
    x, w = cache
    dw, db = _parameter_gradients(dout, cache)
    return (dout @ w.T).reshape(x.shape), dw, db


class Linear(Layer):
    """The affine layer out = x w + b, with He's initial weights.

    weight: (in_features, out_features), normal with deviation `std`, by default √(2 / in_features):
    then a ReLU layer passes on signals of the size that it receives. bias: (out_features,), zeros.
    `rng` draws the weights; std ≥ 0; `dtype` is float64 unless you ask for np.float32.

    >>> layer = Linear(2, 3, rng=np.random.default_rng(0))
    >>> layer.forward(np.zeros((1, 2)), training=True, rng=None)
    array([[0., 0., 0.]])

    References: he2015
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        rng: np.random.Generator,
        std: float | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        d = _check.count("Linear", "in_features", in_features)
        m = _check.count("Linear", "out_features", out_features)
        _check.generator("Linear", rng)
        std = _check.in_range("Linear", "std", math.sqrt(2 / d) if std is None else std, "[0, inf)")
        weight = (std * rng.standard_normal((d, m))).astype(dtype)
        _check.floats("Linear", weight=weight)
        self.params = {"weight": weight, "bias": np.zeros(m, dtype)}

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return x w + b; training and rng make no difference."""
        out, self.cache = affine_forward(x, self.params["weight"], self.params["bias"])
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx; fill `grads` with those of weight and bias."""
        dx, dw, db = affine_backward(dout, self._cached())
        self.grads = {"weight": dw, "bias": db}
        return dx

    def backward_params(self, dout: np.ndarray) -> None:
        """Fill `grads` only, for half the work of `backward`."""
        dw, db = _parameter_gradients(dout, self._cached())
        self.grads = {"weight": dw, "bias": db}


def _parameter_gradients(dout: np.ndarray, cache: Cache) -> tuple[np.ndarray, np.ndarray]:
    """Check dout; return dw and db."""
    x, w = cache
    _check.floats("affine_backward", dout=dout)
    _check.shape("affine_backward", "dout", dout, (len(x), w.shape[1]))
    return x.reshape(len(x), len(w)).T @ dout, dout.sum(axis=0)
