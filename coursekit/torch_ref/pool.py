"""Pooling, by PyTorch."""

import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats


def max_pool_forward(
    x: torch.Tensor, *, size: int, stride: int | None = None, pad: int = 0
) -> torch.Tensor:
    """The largest value of each window: `torch.nn.functional.max_pool2d`.

    x: (N, C, H, W), framed by `pad` times −∞; size ≥ 1; stride ≥ 1, by default the size;
    0 ≤ pad ≤ size/2. Returns out: (N, C, H_out, W_out).
    Raises TypeError if x is not floats or a setting not a whole number, ValueError for shapes and
    settings out of range.

    >>> max_pool_forward(torch.arange(16.0).reshape(1, 1, 4, 4), size=2)
    tensor([[[[ 5.,  7.],
              [13., 15.]]]])

    References: paszke2019
    """
    floats("max_pool_forward", x=x)
    size, stride, pad = _check.pooling("max_pool_forward", x, size, stride, pad)
    return F.max_pool2d(x, size, stride, pad)


def avg_pool_forward(
    x: torch.Tensor, *, size: int, stride: int | None = None, pad: int = 0
) -> torch.Tensor:
    """The mean of each window: `torch.nn.functional.avg_pool2d`.

    x: (N, C, H, W), framed by `pad` zeros, which count; size, stride, pad, the shape of out and
    the errors are those of `max_pool_forward`.

    >>> avg_pool_forward(torch.arange(16.0).reshape(1, 1, 4, 4), size=2)
    tensor([[[[ 2.5000,  4.5000],
              [10.5000, 12.5000]]]])

    References: paszke2019
    """
    floats("avg_pool_forward", x=x)
    size, stride, pad = _check.pooling("avg_pool_forward", x, size, stride, pad)
    return F.avg_pool2d(x, size, stride, pad, count_include_pad=True)


def global_avg_pool_forward(x: torch.Tensor) -> torch.Tensor:
    """The mean of each channel: `torch.nn.functional.adaptive_avg_pool2d` to 1×1, flat.

    x: (N, C, H, W). Returns out: (N, C).
    Raises TypeError if x is not floats, ValueError if its shape is not (N, C, H, W) or is empty.

    >>> global_avg_pool_forward(torch.arange(8.0).reshape(1, 2, 2, 2))
    tensor([[1.5000, 5.5000]])

    References: paszke2019
    """
    floats("global_avg_pool_forward", x=x)
    _check.pictures("global_avg_pool_forward", x)
    return F.adaptive_avg_pool2d(x, 1).flatten(1)
