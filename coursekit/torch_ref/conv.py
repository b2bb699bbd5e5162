"""Convolution, by PyTorch."""

import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats


def conv2d_forward(
    x: torch.Tensor,
    w: torch.Tensor,
    b: torch.Tensor,
    *,
    stride: int = 1,
    pad: int = 0,
    groups: int = 1,
) -> torch.Tensor:
    """Convolution by `torch.nn.functional.conv2d`, whose `padding` is our `pad`.

    x: (N, C, H, W); w: (F, C / groups, KH, KW); b: (F,). Returns out: (N, F, H_out, W_out).
    Raises TypeError for tensors that are not floats and settings that are not whole numbers,
    ValueError for shapes that do not fit, groups that do not divide, and a kernel that is larger
    than the padded x.

    >>> x = torch.arange(9.0).reshape(1, 1, 3, 3)
    >>> conv2d_forward(x, torch.ones(1, 1, 2, 2), torch.zeros(1), stride=2, pad=1)
    tensor([[[[ 0.,  3.],
              [ 9., 24.]]]])

    References: lecun1989, paszke2019
    """
    floats("conv2d_forward", x=x, w=w, b=b)
    _check.convolution("conv2d_forward", x, w, b, stride, pad, groups)
    return F.conv2d(x, w, b, stride=stride, padding=pad, groups=groups)
