"""ReLU and its kin, by PyTorch."""

import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
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


def leaky_relu_forward(x: torch.Tensor, *, negative_slope: float = 0.01) -> torch.Tensor:
    """The leaky ReLU, max(x, 0) + a · min(x, 0): `torch.nn.functional.leaky_relu`.

    x: any shape; negative_slope a: any finite number. Returns out of the same shape.
    Raises TypeError if x is not floats or a no number, ValueError if a is not finite.

    >>> leaky_relu_forward(torch.tensor([-1.0, 0.0, 2.0]), negative_slope=0.5)
    tensor([-0.5000,  0.0000,  2.0000])

    References: paszke2019
    """
    floats("leaky_relu_forward", x=x)
    a = _check.in_range("leaky_relu_forward", "negative_slope", negative_slope, "(-inf, inf)")
    return F.leaky_relu(x, a)


def prelu_forward(x: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """The parametric ReLU, max(x, 0) + α · min(x, 0): `torch.nn.functional.prelu`.

    x: any shape; alpha: (1,), one slope for all, or (C,), one for each channel of x: (N, C, ...).
    Returns out of the shape of x.
    Raises TypeError for tensors that are not floats, ValueError if alpha has another shape.

    >>> prelu_forward(torch.tensor([[-1.0, -1.0], [3.0, -2.0]]), torch.tensor([0.5, 0.1]))
    tensor([[-0.5000, -0.1000],
            [ 3.0000, -0.2000]])

    References: paszke2019
    """
    floats("prelu_forward", x=x, alpha=alpha)
    if alpha.shape != (1,):
        _check.shape("prelu_forward", "alpha", alpha, tuple(x.shape[1:2]) or (1,))
    return F.prelu(x, alpha)


def elu_forward(x: torch.Tensor, *, alpha: float = 1.0) -> torch.Tensor:
    """The exponential linear unit, x or α(eˣ − 1): `torch.nn.functional.elu`.

    x: any shape; α ≥ 0. Returns out of the same shape.
    Raises TypeError if x is not floats or α no number, ValueError for α < 0.

    >>> elu_forward(torch.tensor([-1e4, -1.0, 2.0]))
    tensor([-1.0000, -0.6321,  2.0000])

    References: paszke2019
    """
    floats("elu_forward", x=x)
    return F.elu(x, _check.in_range("elu_forward", "alpha", alpha, "[0, inf)"))
