"""Maxout: the largest of several affine maps, an activation that learns its own shape."""

import math

import numpy as np
from numpy.typing import DTypeLike

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.layers import Layer

Cache = tuple[np.ndarray, np.ndarray, np.ndarray]


def maxout_forward(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, Cache]:
    """The largest of P affine pieces: outₙₘ = maxₚ (x w_p + b_p)ₙₘ.

    Piecewise linear and convex in x: ReLU is max(0, x w + b), |x| is max(x, −x), and more pieces
    come closer to any convex function. It saturates nowhere and no unit dies, as some piece always
    learns; the price is P times the parameters.

    x: (N, D); w: (P, D, M), P ≥ 2; b: (P, M). An empty batch gives an empty out.
    Returns out: (N, M), and cache for `maxout_backward`. NaN in any piece gives NaN.
    Raises TypeError for arrays that are not floats, ValueError for shapes that do not fit.

    >>> w, b = np.array([[[1.0]], [[-1.0]]]), np.zeros((2, 1))
    >>> maxout_forward(np.array([[-3.0], [2.0]]), w, b)[0]
    array([[3.],
           [2.]])

    References: goodfellow2013
    """
    _check.floats("maxout_forward", x=x, w=w, b=b)
    _check.shape("maxout_forward", "x", x, ("N", "D"))
    _check.shape("maxout_forward", "w", w, ("P", x.shape[1], "M"))
    _check.count("maxout_forward", "P", len(w), at_least=2)
    _check.shape("maxout_forward", "b", b, (len(w), w.shape[2]))
    z = x @ w + b[:, None]  # (P, N, M)
    winner = z.argmax(axis=0)  # the first of the largest; NaN counts as the largest
    return np.take_along_axis(z, winner[None], axis=0)[0], (x, w, winner)


def maxout_backward(dout: np.ndarray, cache: Cache) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients of `maxout_forward`: only the piece that won learns.

        dz_p = dout where piece p won, else 0
        dx = Σₚ dz_p w_pᵀ,   dw_p = xᵀ dz_p,   db_p = Σₙ dz_p

    Where pieces tie the first takes all, as in `torch.max`; `torch.amax` would share it out.

    dout: (N, M), the upstream gradient; cache: from `maxout_forward`.
    Returns dx: (N, D), dw: (P, D, M), db: (P, M).
    Raises TypeError if dout is not floats, ValueError if its shape is not that of out.

    >>> w, b = np.array([[[1.0]], [[-1.0]]]), np.zeros((2, 1))
    >>> _, cache = maxout_forward(np.array([[-3.0], [2.0]]), w, b)
    >>> dx, dw, db = maxout_backward(np.array([[1.0], [10.0]]), cache)
    >>> dx.ravel(), dw.ravel(), db.ravel()
    (array([-1., 10.]), array([20., -3.]), array([10.,  1.]))

    References: goodfellow2013
    """
    x, w, winner = cache
    _check.floats("maxout_backward", dout=dout)
    _check.shape("maxout_backward", "dout", dout, winner.shape)
    dz = dout * (winner == np.arange(len(w))[:, None, None])  # (P, N, M)
    dx = (dz @ w.transpose(0, 2, 1)).sum(axis=0)
    return dx, x.T @ dz, dz.sum(axis=1)


class Maxout(Layer):
    """The maxout layer: `out_features` values, each the largest of `pieces` affine maps.

    weight: (pieces, in_features, out_features), normal with deviation `std`, by default
    √(1 / in_features): the larger of two such pieces keeps the mean square of the signal.
    bias: (pieces, out_features), zeros. `rng` draws the weights; pieces ≥ 2; std ≥ 0; `dtype` is
    float64 unless you ask for np.float32.

    >>> layer = Maxout(3, 2, 4, rng=np.random.default_rng(0))
    >>> {name: array.shape for name, array in layer.params.items()}
    {'weight': (4, 3, 2), 'bias': (4, 2)}

    References: goodfellow2013
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        pieces: int,
        *,
        rng: np.random.Generator,
        std: float | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        d = _check.count("Maxout", "in_features", in_features)
        m = _check.count("Maxout", "out_features", out_features)
        p = _check.count("Maxout", "pieces", pieces, at_least=2)
        _check.generator("Maxout", rng)
        std = _check.in_range("Maxout", "std", math.sqrt(1 / d) if std is None else std, "[0, inf)")
        weight = (std * rng.standard_normal((p, d, m))).astype(dtype)
        _check.floats("Maxout", weight=weight)
        self.params = {"weight": weight, "bias": np.zeros((p, m), dtype)}

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return the largest piece; training and rng make no difference."""
        out, self.cache = maxout_forward(x, self.params["weight"], self.params["bias"])
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx; fill `grads` with those of weight and bias."""
        dx, dw, db = maxout_backward(dout, self._cached())
        self.grads = {"weight": dw, "bias": db}
        return dx
