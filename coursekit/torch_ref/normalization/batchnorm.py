"""Batch normalization, by `torch.nn.functional`."""

import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.normalization._shared import (
    check_batchnorm,
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
    check_batchnorm(op, x, gamma, beta, running_mean, running_var, training)
    momentum = _check.in_range(op, "momentum", momentum, "[0, 1]")
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    mean, var = running_mean.clone(), running_var.clone()
    return F.batch_norm(x, mean, var, gamma, beta, training, momentum, eps), mean, var
