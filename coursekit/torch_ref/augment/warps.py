"""Pictures turned, leaned and stretched around their center, by torchvision and `grid_sample`."""

import numpy as np
import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats
from coursekit.torch_ref.augment._torchvision import Amount, each, functional, one_each


def rotate(x: torch.Tensor, *, degrees: Amount) -> torch.Tensor:
    """Turn pictures around their center, counterclockwise for degrees > 0: torchvision's `rotate`.

    x: (N, C, H, W); degrees: a number, or (N,), one for each picture.
    Returns out of the shape of x. Raises TypeError for an x that is not floats and degrees that
    are no number; ValueError for shapes and degrees that are not finite.

    >>> rotate(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), degrees=90)
    tensor([[[[2., 4.],
              [1., 3.]]]])

    References: simard2003
    """
    amounts = _amounts("rotate", "degrees", x, degrees, "(-inf, inf)")
    turn = functional().rotate
    return each(lambda picture, by: turn(picture, by, interpolation="bilinear"), x, amounts)


def shear(x: torch.Tensor, *, degrees: Amount) -> torch.Tensor:
    """Let pictures lean, their tops to the right for degrees > 0: torchvision's `affine`.

    x: (N, C, H, W); degrees in (−90, 90): a number, or (N,), one for each picture.
    Returns out of the shape of x. Raises as `rotate` does.

    >>> upright = torch.tensor([[[[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]]])
    >>> shear(upright, degrees=45).round(decimals=4)
    tensor([[[[0., 0., 1.],
              [0., 1., 0.],
              [1., 0., 0.]]]])

    References: simard2003
    """
    amounts = _amounts("shear", "degrees", x, degrees, "(-90, 90)")
    affine = functional().affine

    def lean(picture, by):
        return affine(picture, 0.0, [0, 0], 1.0, shear=[by, 0.0], interpolation="bilinear")

    return each(lean, x, amounts)


def stretch(
    x: torch.Tensor,
    *,
    horizontal: Amount = 1.0,
    vertical: Amount = 1.0,
) -> torch.Tensor:
    """Stretch pictures around their center: `affine_grid` and `grid_sample`.

    torchvision's `affine` scales both directions by one factor.

    x: (N, C, H, W); horizontal, vertical ≥ 0.001: a number, or (N,), one for each picture.
    Returns out of the shape of x. Raises as `rotate` does.

    >>> stretch(torch.tensor([[[[0.0, 1.0, 2.0, 3.0]]]]), horizontal=2.0)
    tensor([[[[0.7500, 1.2500, 1.7500, 2.2500]]]])

    References: simard2003
    """
    a = _amounts("stretch", "horizontal", x, horizontal, "[0.001, inf)")
    b = _amounts("stretch", "vertical", x, vertical, "[0.001, inf)")
    theta = torch.zeros(len(x), 2, 3).to(x)
    theta[:, 0, 0], theta[:, 1, 1] = torch.from_numpy(1 / a), torch.from_numpy(1 / b)
    if not len(x):
        return x.clone()  # grid_sample refuses an empty batch
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


def _amounts(op: str, name: str, x, amount, interval: str) -> np.ndarray:
    """Check the arguments; return one amount for each picture."""
    floats(op, x=x)
    _check.pictures(op, x)
    return one_each(op, name, amount, len(x), interval)
