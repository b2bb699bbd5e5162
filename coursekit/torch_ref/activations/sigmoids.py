"""Sigmoid and tanh, by PyTorch."""

import torch

from coursekit.torch_ref._check import floats


def sigmoid_forward(x: torch.Tensor) -> torch.Tensor:
    """The sigmoid, 1 / (1 + e⁻ˣ): `torch.sigmoid`.

    x: any shape. Returns out of the same shape. Raises TypeError if x is not floats.

    >>> sigmoid_forward(torch.tensor([-1e4, 0.0, 1e4]))
    tensor([0.0000, 0.5000, 1.0000])

    References: paszke2019
    """
    floats("sigmoid_forward", x=x)
    return torch.sigmoid(x)


def tanh_forward(x: torch.Tensor) -> torch.Tensor:
    """The hyperbolic tangent: `torch.tanh`.

    x: any shape. Returns out of the same shape. Raises TypeError if x is not floats.

    >>> tanh_forward(torch.tensor([-1e4, 0.0, 1.0]))
    tensor([-1.0000,  0.0000,  0.7616])

    References: paszke2019
    """
    floats("tanh_forward", x=x)
    return torch.tanh(x)
