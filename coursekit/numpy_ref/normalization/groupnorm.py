"""Group and instance normalization: mean and variance of some channels of a sample."""

import numpy as np
from numpy.typing import DTypeLike

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.normalization._shared import (
    Cache,
    Grads,
    Normalization,
    check_groupnorm,
    check_groups,
    check_instancenorm,
    standardize,
    standardize_backward,
)


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
    groups = check_groupnorm(op, x, gamma, beta, groups)
    x_hat, inv_std = standardize(op, _grouped(x, groups), (2, 3, 4), eps)
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
    dx = standardize_backward(g, _grouped(x_hat, groups), inv_std, (2, 3, 4))
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
    check_instancenorm(op, x, gamma, beta)
    x_hat, inv_std = standardize(op, x, (2, 3), eps)
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
    dx = standardize_backward(dout * gamma[:, None, None], x_hat, inv_std, (2, 3))
    return dx, (dout * x_hat).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))


class GroupNorm(Normalization):
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
        self.num_groups = check_groups("GroupNorm", "num_groups", num_groups, c)

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Normalize each group of each sample; training and rng make no difference."""
        gamma, beta = self.params["weight"], self.params["bias"]
        out, self.cache = groupnorm_forward(x, gamma, beta, groups=self.num_groups, eps=self.eps)
        return out


class InstanceNorm2d(Normalization):
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


def _grouped(x: np.ndarray, groups: int) -> np.ndarray:
    """See (N, C, H, W) as (N, groups, C / groups, H, W)."""
    n, c, h, w = x.shape
    return x.reshape(n, groups, c // groups, h, w)
