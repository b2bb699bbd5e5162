"""The affine map, by PyTorch."""

import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats


def affine_forward(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The affine map out = x w + b: `torch.nn.functional.linear`, which wants w transposed.

    x: (N, ...) with D values a sample; w: (D, M); b: (M,). Returns out: (N, M).
    Raises TypeError for tensors that are not floats, ValueError for shapes that do not fit.

    >>> affine_forward(torch.tensor([[1.0, 2.0]]), torch.eye(2), torch.tensor([10.0, 20.0]))
    tensor([[11., 22.]])

    References: paszke2019
    """
    floats("affine_forward", x=x, w=w, b=b)
    d = _check.flat_size("affine_forward", x)
    _check.shape("affine_forward", "w", w, (d, "M"))
    _check.shape("affine_forward", "b", b, (w.shape[1],))
    return F.linear(x.reshape(len(x), d), w.T, b)
