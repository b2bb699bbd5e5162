"""Gated activations, by PyTorch."""

from typing import Literal

import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats


def silu_forward(x: torch.Tensor) -> torch.Tensor:
    """The sigmoid linear unit, x · σ(x): `torch.nn.functional.silu`.

    x: any shape. Returns out of the same shape. Raises TypeError if x is not floats.

    >>> silu_forward(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([-0.2689,  0.0000,  1.7616])

    References: paszke2019
    """
    floats("silu_forward", x=x)
    return F.silu(x)


def gelu_forward(x: torch.Tensor, *, approximate: Literal[False, "tanh"] = False) -> torch.Tensor:
    """The Gaussian error linear unit, x · Φ(x): `torch.nn.functional.gelu`.

    x: any shape; approximate: False, which PyTorch calls "none", or "tanh".
    Returns out of the same shape.
    Raises TypeError if x is not floats, ValueError or TypeError for another approximate.

    >>> gelu_forward(torch.tensor([-1.0, 0.0, 2.0]))
    tensor([-0.1587,  0.0000,  1.9545])

    References: paszke2019
    """
    floats("gelu_forward", x=x)
    _check.choice("gelu_forward", "approximate", approximate, (False, "tanh"))
    return F.gelu(x, approximate=approximate or "none")
