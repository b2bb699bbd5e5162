"""Normalization, by `torch.nn.functional`."""

import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.normalization import (
    _check_batchnorm,
    _check_groupnorm,
    _check_instancenorm,
    _check_layernorm,
)
from coursekit.torch_ref._check import floats


def batchnorm_forward(
    x: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    running_mean: torch.Tensor,
    running_var: torch.Tensor,
    *,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Batch normalization: `torch.nn.functional.batch_norm`, which changes the running averages.

    Here they are returned anew.

    x: (N, D), or (N, C, H, W); gamma, beta, running_mean, running_var: (D,) or (C,); momentum in
    [0, 1], eps > 0. Returns out and the new running mean and variance.
    Raises TypeError for wrong types; ValueError for wrong shapes and ranges, and for fewer than
    two values a channel in training.

    >>> x, one, zero = torch.tensor([[1.0], [5.0]]), torch.ones(1), torch.zeros(1)
    >>> out, mean, var = batchnorm_forward(x, one, zero, zero, one, training=True)
    >>> mean, var
    (tensor([0.3000]), tensor([1.7000]))

    References: ioffe2015
    """
    op = "batchnorm_forward"
    floats(op, x=x, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
    _check_batchnorm(op, x, gamma, beta, running_mean, running_var, training)
    momentum = _check.in_range(op, "momentum", momentum, "[0, 1]")
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    mean, var = running_mean.clone(), running_var.clone()
    return F.batch_norm(x, mean, var, gamma, beta, training, momentum, eps), mean, var


def layernorm_forward(
    x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, *, eps: float = 1e-5
) -> torch.Tensor:
    """Layer normalization: `torch.nn.functional.layer_norm`.

    x: (N, ...), and it ends in the shape of gamma and beta; eps > 0. Returns out.
    Raises TypeError for wrong types; ValueError for shapes and ranges, and for fewer than two
    values a sample.

    >>> layernorm_forward(torch.tensor([[1.0, 5.0]]), torch.ones(2), torch.zeros(2))
    tensor([[-1.0000,  1.0000]])

    References: ba2016
    """
    op = "layernorm_forward"
    floats(op, x=x, gamma=gamma, beta=beta)
    _check_layernorm(op, x, gamma, beta)
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    return F.layer_norm(x, tuple(gamma.shape), gamma, beta, eps)


def groupnorm_forward(
    x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, *, groups: int, eps: float = 1e-5
) -> torch.Tensor:
    """Group normalization: `torch.nn.functional.group_norm`.

    x: (N, C, H, W); gamma, beta: (C,); groups ≥ 1 divides C; eps > 0. Returns out.
    Raises TypeError for wrong types; ValueError for shapes and ranges, and for fewer than two
    values a group.

    >>> x = torch.tensor([1.0, 5.0, 10.0, 50.0]).reshape(1, 4, 1, 1)
    >>> groupnorm_forward(x, torch.ones(4), torch.zeros(4), groups=2).ravel()
    tensor([-1.0000,  1.0000, -1.0000,  1.0000])

    References: wu2018
    """
    op = "groupnorm_forward"
    floats(op, x=x, gamma=gamma, beta=beta)
    groups = _check_groupnorm(op, x, gamma, beta, groups)
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    return F.group_norm(x, groups, gamma, beta, eps)


def instancenorm_forward(
    x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, *, eps: float = 1e-5
) -> torch.Tensor:
    """Instance normalization: `torch.nn.functional.group_norm` with a group for each channel.

    `torch.nn.functional.instance_norm` gives the same, but fails for an empty batch.

    x: (N, C, H, W); gamma, beta: (C,); eps > 0. Returns out.
    Raises TypeError for wrong types; ValueError for shapes and ranges, and for H = W = 1.

    >>> x = torch.tensor([1.0, 5.0, 10.0, 50.0]).reshape(1, 2, 1, 2)
    >>> instancenorm_forward(x, torch.ones(2), torch.zeros(2)).ravel()
    tensor([-1.0000,  1.0000, -1.0000,  1.0000])

    References: ulyanov2016
    """
    op = "instancenorm_forward"
    floats(op, x=x, gamma=gamma, beta=beta)
    _check_instancenorm(op, x, gamma, beta)
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    return F.group_norm(x, len(gamma), gamma, beta, eps)
