"""Maxout, by PyTorch."""

import torch

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats


def maxout_forward(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The largest of P affine pieces x w_p + b_p, by `torch.max`: where they tie, the first.

    x: (N, D); w: (P, D, M), P ≥ 2; b: (P, M). Returns out: (N, M).
    Raises TypeError for tensors that are not floats, ValueError for shapes that do not fit.

    >>> w, b = torch.tensor([[[1.0]], [[-1.0]]]), torch.zeros((2, 1))
    >>> maxout_forward(torch.tensor([[-3.0], [2.0]]), w, b)
    tensor([[3.],
            [2.]])

    References: paszke2019
    """
    floats("maxout_forward", x=x, w=w, b=b)
    _check.shape("maxout_forward", "x", x, ("N", "D"))
    _check.shape("maxout_forward", "w", w, ("P", x.shape[1], "M"))
    _check.count("maxout_forward", "P", len(w), at_least=2)
    _check.shape("maxout_forward", "b", b, (len(w), w.shape[2]))
    return (x @ w + b[:, None]).max(dim=0).values
