"""Normalization: subtract a mean, divide by a deviation, then scale by γ and shift by β.

The methods differ in what the mean runs over. For x: (N, C, H, W), one mean belongs to

    batch norm       a channel                        all of N, H, W
    layer norm       a sample                         all of C, H, W
    group norm       a sample and a group of channels C / groups, H, W
    instance norm    a sample and a channel           H, W

Only batch norm lets the samples of a batch see each other, so only it must do something else in
evaluation. Variances are means of (x − mean)², never E[x²] − E[x]², which loses all digits where
the mean is large. Local response norm, which has no mean, is in local_response_norm.py.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.layers import Layer
from coursekit.numpy_ref.local_response_norm import (  # noqa: F401 - found here too
    local_response_norm_backward,
    local_response_norm_forward,
)

Cache = tuple
Grads = tuple[np.ndarray, np.ndarray, np.ndarray]


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
    _check_batchnorm(op, x, gamma, beta, running_mean, running_var, training)
    momentum = _check.in_range(op, "momentum", momentum, "[0, 1]")
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    m = x.size // len(gamma)
    mean = _channel_sums(x) / m if training else running_mean
    centred = x - _spread(mean, x)
    var = _channel_sums(centred, centred) / m if training else running_var
    _refuse_overflow(op, x, var)
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
    axes = _check_layernorm(op, x, gamma, beta)
    x_hat, inv_std = _standardize(op, x, axes, eps)
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
    dx = _standardize_backward(dout * gamma, x_hat, inv_std, axes)
    return dx, (dout * x_hat).sum(axis=samples), dout.sum(axis=samples)


def groupnorm_forward(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, *, groups: int, eps: float = 1e-5
) -> tuple[np.ndarray, Cache]:
    """Group normalization: out = γ (x − mean) / √(var + ε) + β, for each sample and group.

    The channels are split into `groups` of neighbours. With one group the statistics are those of
    layer norm, with C groups those of instance norm; γ and β always belong to a channel. It works
    on batches of one or two pictures, where the statistics of batch norm are too noisy.

    x: (N, C, H, W); gamma, beta: (C,); groups ≥ 1 divides C; eps > 0.
    Returns out of the shape of x, and cache for `groupnorm_backward`.
    Raises TypeError for wrong types; ValueError for shapes and ranges, for fewer than two values
    a group, and for values whose squares overflow. An empty batch gives an empty out.

    >>> x = np.array([1.0, 5.0, 10.0, 50.0]).reshape(1, 4, 1, 1)
    >>> out, cache = groupnorm_forward(x, np.ones(4), np.zeros(4), groups=2)
    >>> out.round(3).ravel()
    array([-1.,  1., -1.,  1.])

    References: wu2018
    """
    op = "groupnorm_forward"
    _check.floats(op, x=x, gamma=gamma, beta=beta)
    groups = _check_groupnorm(op, x, gamma, beta, groups)
    x_hat, inv_std = _standardize(op, _grouped(x, groups), (2, 3, 4), eps)
    x_hat = x_hat.reshape(x.shape)
    out = x_hat * gamma[:, None, None] + beta[:, None, None]
    return out, (x_hat, inv_std, gamma, groups)


def groupnorm_backward(dout: np.ndarray, cache: Cache) -> Grads:
    """The gradients of `groupnorm_forward`: those of layer norm, with means over a group.

    dout: the upstream gradient, of the shape of x; cache: from `groupnorm_forward`.
    Returns dx: the shape of x, dgamma and dbeta: (C,).
    Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> x = np.array([1.0, 5.0, 10.0, 50.0]).reshape(1, 4, 1, 1)
    >>> out, cache = groupnorm_forward(x, np.ones(4), np.zeros(4), groups=2)
    >>> dx, dgamma, dbeta = groupnorm_backward(np.ones((1, 4, 1, 1)), cache)
    >>> dgamma.round(3), dbeta
    (array([-1.,  1., -1.,  1.]), array([1., 1., 1., 1.]))

    References: wu2018
    """
    x_hat, inv_std, gamma, groups = cache
    _check.floats("groupnorm_backward", dout=dout)
    _check.shape("groupnorm_backward", "dout", dout, x_hat.shape)
    g = _grouped(dout * gamma[:, None, None], groups)
    dx = _standardize_backward(g, _grouped(x_hat, groups), inv_std, (2, 3, 4))
    dgamma, dbeta = (dout * x_hat).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))
    return dx.reshape(dout.shape), dgamma, dbeta


def instancenorm_forward(
    x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, *, eps: float = 1e-5
) -> tuple[np.ndarray, Cache]:
    """Instance normalization: out = γ (x − mean) / √(var + ε) + β, for each sample and channel.

    It takes the contrast of each picture away, which pictures painted in a given style need.

    x: (N, C, H, W); gamma, beta: (C,); eps > 0.
    Returns out of the shape of x, and cache for `instancenorm_backward`.
    Raises TypeError for wrong types; ValueError for shapes and ranges, for H = W = 1, and for
    values whose squares overflow. An empty batch gives an empty out.

    >>> x = np.array([1.0, 5.0, 10.0, 50.0]).reshape(1, 2, 1, 2)
    >>> out, cache = instancenorm_forward(x, np.ones(2), np.zeros(2))
    >>> out.round(3).ravel()
    array([-1.,  1., -1.,  1.])

    References: ulyanov2016
    """
    op = "instancenorm_forward"
    _check.floats(op, x=x, gamma=gamma, beta=beta)
    _check_instancenorm(op, x, gamma, beta)
    x_hat, inv_std = _standardize(op, x, (2, 3), eps)
    return x_hat * gamma[:, None, None] + beta[:, None, None], (x_hat, inv_std, gamma)


def instancenorm_backward(dout: np.ndarray, cache: Cache) -> Grads:
    """The gradients of `instancenorm_forward`: those of layer norm, with means over H and W.

    dout: the upstream gradient, of the shape of x; cache: from `instancenorm_forward`.
    Returns dx: the shape of x, dgamma and dbeta: (C,).
    Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> x = np.array([1.0, 5.0, 10.0, 50.0]).reshape(1, 2, 1, 2)
    >>> out, cache = instancenorm_forward(x, np.ones(2), np.zeros(2))
    >>> dx, dgamma, dbeta = instancenorm_backward(np.ones((1, 2, 1, 2)), cache)
    >>> dbeta
    array([2., 2.])

    References: ulyanov2016
    """
    x_hat, inv_std, gamma = cache
    _check.floats("instancenorm_backward", dout=dout)
    _check.shape("instancenorm_backward", "dout", dout, x_hat.shape)
    dx = _standardize_backward(dout * gamma[:, None, None], x_hat, inv_std, (2, 3))
    return dx, (dout * x_hat).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))


class _Normalization(Layer):
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


class BatchNorm1d(_Normalization):
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


class LayerNorm(_Normalization):
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


class GroupNorm(_Normalization):
    """Group normalization of x: (N, num_channels, H, W), in `num_groups` groups of channels.

    weight: γ, ones at first; bias: β, zeros; each (num_channels,).

    >>> layer = GroupNorm(2, 4)
    >>> x = np.array([1.0, 5.0, 10.0, 50.0]).reshape(1, 4, 1, 1)
    >>> layer.forward(x, training=True, rng=None).round(3).ravel()
    array([-1.,  1., -1.,  1.])

    References: wu2018
    """

    _backward = staticmethod(groupnorm_backward)

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        *,
        eps: float = 1e-5,
        dtype: DTypeLike = np.float64,
    ) -> None:
        c = _check.count("GroupNorm", "num_channels", num_channels)
        super().__init__((c,), eps=eps, dtype=dtype)
        self.num_groups = _check_groups("GroupNorm", "num_groups", num_groups, c)

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Normalize each group of each sample; training and rng make no difference."""
        gamma, beta = self.params["weight"], self.params["bias"]
        out, self.cache = groupnorm_forward(x, gamma, beta, groups=self.num_groups, eps=self.eps)
        return out


class InstanceNorm2d(_Normalization):
    """Instance normalization of x: (N, num_features, H, W).

    weight: γ, ones at first; bias: β, zeros; each (num_features,). PyTorch has them if
    affine=True.

    >>> x = np.array([1.0, 5.0, 10.0, 50.0]).reshape(1, 2, 1, 2)
    >>> InstanceNorm2d(2).forward(x, training=True, rng=None).round(3).ravel()
    array([-1.,  1., -1.,  1.])

    References: ulyanov2016
    """

    _backward = staticmethod(instancenorm_backward)

    def __init__(
        self, num_features: int, *, eps: float = 1e-5, dtype: DTypeLike = np.float64
    ) -> None:
        c = _check.count("InstanceNorm2d", "num_features", num_features)
        super().__init__((c,), eps=eps, dtype=dtype)

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Normalize each channel of each sample; training and rng make no difference."""
        gamma, beta = self.params["weight"], self.params["bias"]
        out, self.cache = instancenorm_forward(x, gamma, beta, eps=self.eps)
        return out


def _check_batchnorm(op: str, x, gamma, beta, running_mean, running_var, training: bool) -> None:
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
        _check_several(op, "channel", x.shape[0] * math.prod(x.shape[2:]))


def _check_layernorm(op: str, x, gamma, beta) -> tuple[int, ...]:
    """Check the shapes of layer norm; return the axes of x that make a sample."""
    k = len(gamma.shape)
    if not 0 < k < len(x.shape):
        expected = "x of shape (N, ...), and gamma of the shape that x ends in"
        got = f"{tuple(x.shape)} and {tuple(gamma.shape)}"
        raise ValueError(_check.message(op, "x or gamma has the wrong rank", expected, got))
    _check.shape(op, "gamma", gamma, tuple(x.shape[-k:]))
    _check.shape(op, "beta", beta, tuple(gamma.shape))
    _check_several(op, "sample", math.prod(gamma.shape))
    return tuple(range(-k, 0))


def _check_groupnorm(op: str, x, gamma, beta, groups: object) -> int:
    """Check the arguments of group norm; return groups."""
    _check_pictures(op, x, gamma, beta)
    groups = _check_groups(op, "groups", groups, x.shape[1])
    _check_several(op, "group", math.prod(x.shape[1:]) // groups)
    return groups


def _check_groups(op: str, name: str, groups: object, c: int) -> int:
    """Return the number of groups, or raise unless it divides the number of channels."""
    groups = _check.count(op, name, groups)
    if c % groups:
        wrong = f"{name} does not divide the channels"
        raise ValueError(_check.message(op, wrong, f"a divisor of {c}", groups))
    return groups


def _check_instancenorm(op: str, x, gamma, beta) -> None:
    """Check the arrays of instance norm."""
    _check_pictures(op, x, gamma, beta)
    _check_several(op, "channel", math.prod(x.shape[2:]))


def _check_pictures(op: str, x, gamma, beta) -> None:
    """Check x: (N, C, H, W) and gamma, beta: (C,)."""
    _check.pictures(op, x)
    _check.shape(op, "gamma", gamma, (x.shape[1],))
    _check.shape(op, "beta", beta, (x.shape[1],))


def _check_several(op: str, where: str, values: int) -> None:
    """Raise ValueError for one value or none: out would be β, whatever x is."""
    if values < 2:
        wrong = f"a {where} has too few values to normalize"
        raise ValueError(_check.message(op, wrong, "two or more", values))


def _refuse_overflow(op: str, x: np.ndarray, var: np.ndarray) -> None:
    """Raise ValueError where squares of x are too large for its dtype: out would be β there."""
    if np.isinf(var).any():
        expected = f"values below {np.sqrt(np.finfo(x.dtype).max):.0e}, which can be squared"
        got = f"{np.abs(x).max():.0e}"
        raise ValueError(_check.message(op, f"the variance overflows {x.dtype}", expected, got))


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


def _standardize(
    op: str, x: np.ndarray, axes: tuple[int, ...], eps: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return x̂ = (x − mean) / √(var + ε) and 1 / √(var + ε), with statistics over the axes."""
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    centred = x - x.mean(axis=axes, keepdims=True)
    with np.errstate(over="ignore"):
        var = np.square(centred).mean(axis=axes, keepdims=True)
    _refuse_overflow(op, x, var)
    inv_std = 1 / np.sqrt(var + eps)
    return centred * inv_std, inv_std


def _standardize_backward(
    g: np.ndarray, x_hat: np.ndarray, inv_std: np.ndarray, axes: tuple[int, ...]
) -> np.ndarray:
    """Return the gradient of `_standardize` for the upstream gradient g of x̂."""
    mean_g = g.mean(axis=axes, keepdims=True)
    mean_gx = (g * x_hat).mean(axis=axes, keepdims=True)
    return (g - mean_g - x_hat * mean_gx) * inv_std


def _grouped(x: np.ndarray, groups: int) -> np.ndarray:
    """See (N, C, H, W) as (N, groups, C / groups, H, W)."""
    n, c, h, w = x.shape
    return x.reshape(n, groups, c // groups, h, w)
