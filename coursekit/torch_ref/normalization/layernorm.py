"""Layer normalization, by `torch.nn.functional`."""

import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.normalization._shared import (
    check_layernorm,
)
from coursekit.torch_ref._check import floats


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
    check_layernorm(op, x, gamma, beta)
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    return F.layer_norm(x, tuple(gamma.shape), gamma, beta, eps)
