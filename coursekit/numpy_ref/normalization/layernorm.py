"""Layer normalization: mean and variance of a sample."""

import numpy as np
from numpy.typing import DTypeLike

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.normalization._shared import (
    Cache,
    Grads,
    Normalization,
    check_layernorm,
    standardize,
    standardize_backward,
)


def layernorm_forward(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, *, eps: float = 1e-5
) -> tuple[np.ndarray, Cache]:
    """Layer normalization: out = γ (x − mean) / √(var + ε) + β, mean and var for each sample.

    A sample is what has the shape of gamma: (D,) for a row of features; (C, H, W) for a whole
    picture; (D,) again for each position of x: (N, T, D). Every value has a γ and β of its own.
    Nothing depends on the batch, so training and evaluation are the same.

    x: (N, ...), and it ends in the shape of gamma and beta; eps > 0.
    Returns out of the shape of x, and cache for `layernorm_backward`.
    Raises TypeError for wrong types; ValueError for shapes and ranges, for fewer than two values
    a sample, and for values whose squares overflow. An empty batch gives an empty out.

    >>> x = np.array([[1.0, 5.0], [10.0, 50.0]])
    >>> out, cache = layernorm_forward(x, np.ones(2), np.zeros(2))
    >>> out.round(3)
    array([[-1.,  1.],
           [-1.,  1.]])

    References: ba2016
    """
    op = "layernorm_forward"
    _check.floats(op, x=x, gamma=gamma, beta=beta)
    axes = check_layernorm(op, x, gamma, beta)
    x_hat, inv_std = standardize(op, x, axes, eps)
    return x_hat * gamma + beta, (x_hat, inv_std, gamma)


def layernorm_backward(dout: np.ndarray, cache: Cache) -> Grads:
    """The gradients of `layernorm_forward`: with g = γ · dout, and means over a sample,

        dβ = Σ dout,   dγ = Σ dout · x̂      (over all samples)
        dx = (g − mean(g) − x̂ · mean(g · x̂)) / √(var + ε)

    dout: the upstream gradient, of the shape of x; cache: from `layernorm_forward`.
    Returns dx: the shape of x, dgamma and dbeta: the shape of gamma.
    Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> out, cache = layernorm_forward(np.array([[1.0, 5.0, 6.0]]), np.ones(3), np.zeros(3))
    >>> dx, dgamma, dbeta = layernorm_backward(np.array([[0.0, 1.0, 0.0]]), cache)
    >>> dbeta, bool(abs(dx.sum()) < 1e-12)
    (array([0., 1., 0.]), True)

    References: ba2016
    """
    x_hat, inv_std, gamma = cache
    _check.floats("layernorm_backward", dout=dout)
    _check.shape("layernorm_backward", "dout", dout, x_hat.shape)
    samples = tuple(range(dout.ndim - gamma.ndim))
    axes = tuple(range(-gamma.ndim, 0))
    dx = standardize_backward(dout * gamma, x_hat, inv_std, axes)
    return dx, (dout * x_hat).sum(axis=samples), dout.sum(axis=samples)


class LayerNorm(Normalization):
    """Layer normalization over the last axes of x, which have the shape `normalized_shape`.

    weight: γ, ones at first; bias: β, zeros; each of normalized_shape.

    >>> LayerNorm(2).forward(np.array([[1.0, 5.0]]), training=True, rng=None).round(3)
    array([[-1.,  1.]])

    References: ba2016
    """

    _backward = staticmethod(layernorm_backward)

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        *,
        eps: float = 1e-5,
        dtype: DTypeLike = np.float64,
    ) -> None:
        sizes = normalized_shape if isinstance(normalized_shape, tuple) else (normalized_shape,)
        shape = tuple(_check.count("LayerNorm", "normalized_shape", size) for size in sizes)
        super().__init__(shape, eps=eps, dtype=dtype)

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Normalize each sample of x; training and rng make no difference."""
        gamma, beta = self.params["weight"], self.params["bias"]
        out, self.cache = layernorm_forward(x, gamma, beta, eps=self.eps)
        return out
