"""Activations, by PyTorch."""

import torch
import torch.nn.functional as F

from coursekit.torch_ref._check import floats


def relu_forward(x: torch.Tensor) -> torch.Tensor:
    """The rectified linear unit, max(x, 0): `torch.nn.functional.relu`.

    x: any shape. Returns out of the same shape. Raises TypeError if x is not floats.

    >>> relu_forward(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([0., 0., 2.])

    References: paszke2019
    """
    floats("relu_forward", x=x)
    return F.relu(x)
