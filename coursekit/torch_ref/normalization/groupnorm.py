"""Group and instance normalization, by `torch.nn.functional`."""

import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.normalization._shared import (
    check_groupnorm,
    check_instancenorm,
)
from coursekit.torch_ref._check import floats


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
    groups = check_groupnorm(op, x, gamma, beta, groups)
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
    check_instancenorm(op, x, gamma, beta)
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    return F.group_norm(x, len(gamma), gamma, beta, eps)
