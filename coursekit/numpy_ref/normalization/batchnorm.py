"""Batch normalization: mean and variance of a feature or channel over the batch."""

import numpy as np
from numpy.typing import DTypeLike

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.normalization._shared import (
    Cache,
    Grads,
    Normalization,
    check_batchnorm,
    refuse_overflow,
)


def batchnorm_forward(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    running_mean: np.ndarray,
    running_var: np.ndarray,
    *,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[np.ndarray, Cache, np.ndarray, np.ndarray]:
    """Batch normalization: out = γ (x − mean) / √(var + ε) + β, for each channel.

        training:    mean and var of the batch, which also move the running averages:
                     running ← (1 − momentum) · running + momentum · batch
        evaluation:  mean and var are the running averages, so that no sample sees another

    As in PyTorch, out is made with the biased variance (divided by the number of values m), and
    the running one is unbiased (divided by m − 1). γ = √(var + ε) and β = mean give x back: what
    the network could express before, it still can.

    x: (N, D), or (N, C, H, W) with a mean for each channel; gamma, beta, running_mean,
    running_var: (D,) or (C,); momentum in [0, 1]; eps > 0.
    Returns out, laid out in memory as x is, cache for `batchnorm_backward`, and the new running
    mean and variance. An empty batch gives an empty out in evaluation.
    Raises TypeError for wrong types; ValueError for wrong shapes and ranges, for fewer than two
    values a channel in training, and for values whose squares overflow.

    >>> x, one, zero = np.array([[1.0], [5.0]]), np.ones(1), np.zeros(1)
    >>> out, cache, mean, var = batchnorm_forward(x, one, zero, zero, one, training=True)
    >>> out.round(3), mean, var
    (array([[-1.],
           [ 1.]]), array([0.3]), array([1.7]))

    References: ioffe2015
    """
    op = "batchnorm_forward"
    _check.floats(op, x=x, gamma=gamma, beta=beta)
    _check.floats(op, running_mean=running_mean, running_var=running_var)
    check_batchnorm(op, x, gamma, beta, running_mean, running_var, training)
    momentum = _check.in_range(op, "momentum", momentum, "[0, 1]")
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    m = x.size // len(gamma)
    mean = _channel_sums(x) / m if training else running_mean
    centred = x - _spread(mean, x)
    var = _channel_sums(centred, centred) / m if training else running_var
    refuse_overflow(op, x, var)
    inv_std = 1 / np.sqrt(var + eps)
    out = centred * _spread(gamma * inv_std, x)
    out += _spread(beta, x)
    if training:
        running_mean = _moved(running_mean, mean, momentum)
        running_var = _moved(running_var, var * m / (m - 1), momentum)
    return out, (centred, inv_std, gamma, training), running_mean.copy(), running_var.copy()


def batchnorm_backward(dout: np.ndarray, cache: Cache) -> Grads:
    """The gradients of `batchnorm_forward`.

    With x̂ = (x − mean) / √(var + ε) and m values a channel,

        dβ = Σ dout,   dγ = Σ dout · x̂
        training:    dx = γ / √(var + ε) · (dout − dβ / m − x̂ · dγ / m)
        evaluation:  dx = γ / √(var + ε) · dout

    In training x also moves the mean and the variance. What the two take away is the part of dout
    that a shift or a scaling of x would make: out does not feel those.

    dout: the upstream gradient, of the shape of x; cache: from `batchnorm_forward`.
    Returns dx: the shape of x, dgamma and dbeta: the shape of gamma.
    Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> x, one, zero = np.array([[1.0], [5.0], [6.0]]), np.ones(1), np.zeros(1)
    >>> out, cache, mean, var = batchnorm_forward(x, one, zero, zero, one, training=True)
    >>> dx, dgamma, dbeta = batchnorm_backward(np.array([[1.0], [1.0], [1.0]]), cache)
    >>> abs(dx).max() < 1e-12, dbeta
    (np.True_, array([3.]))

    References: ioffe2015
    """
    centred, inv_std, gamma, training = cache
    _check.floats("batchnorm_backward", dout=dout)
    _check.shape("batchnorm_backward", "dout", dout, centred.shape)
    dbeta = _channel_sums(dout)
    dgamma = _channel_sums(dout, centred) * inv_std
    if training:
        m = dout.size // len(gamma)
        dx = centred * _spread(dgamma * inv_std / -m, centred)
        dx += dout
        dx -= _spread(dbeta / m, centred)
        dx *= _spread(gamma * inv_std, centred)
    else:
        dx = dout * _spread(gamma * inv_std, centred)
    return dx, dgamma.astype(gamma.dtype), dbeta.astype(gamma.dtype)


class BatchNorm1d(Normalization):
    """Batch normalization of x: (N, num_features), with its running averages.

    weight: γ, all `gamma` at first; bias: β, zeros; buffers running_mean, zeros, and running_var,
    ones. `gamma=0` makes a residual branch that ends in this layer start as 0: at first the
    network is a shallow one, which trains more easily. `dtype` is float64 unless you ask.

    >>> layer = BatchNorm1d(1, momentum=0.5)
    >>> layer.forward(np.array([[1.0], [5.0]]), training=True, rng=None).round(3).ravel()
    array([-1.,  1.])
    >>> layer.buffers
    {'running_mean': array([1.5]), 'running_var': array([4.5])}

    References: ioffe2015, goyal2017, he2019
    """

    _backward = staticmethod(batchnorm_backward)
    _space: tuple[str, ...] = ()

    def __init__(
        self,
        num_features: int,
        *,
        eps: float = 1e-5,
        momentum: float = 0.1,
        gamma: float = 1.0,
        dtype: DTypeLike = np.float64,
    ) -> None:
        op = type(self).__name__
        c = _check.count(op, "num_features", num_features)
        super().__init__((c,), eps=eps, dtype=dtype, gamma=gamma)
        self.momentum = _check.in_range(op, "momentum", momentum, "[0, 1]")
        self.buffers = {"running_mean": np.zeros(c, dtype), "running_var": np.ones(c, dtype)}

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Normalize x; in training by the batch, which also moves the running averages."""
        gamma, beta = self.params["weight"], self.params["bias"]
        op = type(self).__name__
        _check.floats(op, x=x)
        _check.shape(op, "x", x, ("N", len(gamma), *self._space))
        out, self.cache, mean, var = batchnorm_forward(
            x,
            gamma,
            beta,
            self.buffers["running_mean"],
            self.buffers["running_var"],
            training=training,
            momentum=self.momentum,
            eps=self.eps,
        )
        self.buffers = {"running_mean": mean, "running_var": var}
        return out


class BatchNorm2d(BatchNorm1d):
    """Batch normalization of x: (N, num_features, H, W), a mean for each channel; see BatchNorm1d.

    >>> layer = BatchNorm2d(3, gamma=0.0)
    >>> float(layer.forward(np.ones((2, 3, 4, 4)), training=True, rng=None).max())
    0.0

    References: ioffe2015, goyal2017, he2019
    """

    _space = ("H", "W")


def _channel_sums(a: np.ndarray, b: np.ndarray | None = None) -> np.ndarray:
    """Return Σ a, or Σ a b, over everything but the channels, in float64.

    First over the batch, which is fast in any order in memory, then over the positions of what is
    left, one picture, in float64: one long sum in float32 would lose more digits.
    """
    picture = a.sum(axis=0) if b is None else np.einsum("n...,n...->...", a, b)
    return picture.reshape(len(picture), -1).sum(axis=1, dtype=np.float64)


def _spread(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return (1, C, H, W), laid out in memory as x is, with each channel's value everywhere.

    `x - _spread(mean, x)` is x - mean[:, None, None], but NumPy is several times faster when it
    repeats whole pictures.
    """
    picture = np.empty_like(x, shape=(1, *x.shape[1:]))
    picture[:] = values.reshape(-1, *[1] * (x.ndim - 2))
    return picture


def _moved(running: np.ndarray, batch: np.ndarray, momentum: float) -> np.ndarray:
    """Move a running average towards the batch's."""
    return ((1 - momentum) * running + momentum * batch).astype(running.dtype)
