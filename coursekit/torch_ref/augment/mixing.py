"""Cutout by torchvision, mixup by PyTorch, with squares, shares and partners drawn by NumPy."""

import numpy as np
import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats
from coursekit.torch_ref.augment._torchvision import functional


def cutout(x: torch.Tensor, *, size: int, rng: np.random.Generator) -> torch.Tensor:
    """Cut a square around a random pixel out of every picture: torchvision's `erase`.

    x: (N, C, H, W); size ≥ 1, in pixels; rng draws the centers. Returns out of the shape of x.
    Raises TypeError unless x is floats, size a whole number and rng a generator; ValueError for
    shapes and a size below 1.

    >>> cutout(torch.ones(1, 1, 4, 4), size=2, rng=np.random.default_rng(0))
    tensor([[[[1., 1., 1., 1.],
              [1., 1., 1., 1.],
              [1., 0., 0., 1.],
              [1., 0., 0., 1.]]]])

    References: devries2017
    """
    floats("cutout", x=x)
    _check.pictures("cutout", x)
    size = _check.count("cutout", "size", size)
    _check.generator("cutout", rng)
    n, _, h, w = x.shape
    tops, lefts = rng.integers(h, size=n) - size // 2, rng.integers(w, size=n) - size // 2
    erase, zero, out = functional().erase, torch.zeros(1, 1, 1).to(x), x.clone()
    for picture, top, left in zip(out, tops.tolist(), lefts.tolist(), strict=True):
        height, width = size + min(top, 0), size + min(left, 0)  # what hangs over is cut off
        erase(picture, max(top, 0), max(left, 0), height, width, zero, inplace=True)
    return out


def mixup(
    x: torch.Tensor, y: torch.Tensor, *, alpha: float, num_classes: int, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mix every picture with another one of the batch, and their labels: `torch.lerp`.

    torchvision's `MixUp` draws one λ for the whole batch, from PyTorch's own generator.

    x: (N, C, H, W); y: (N,), integers 0 ... K − 1; α > 0; num_classes: K; rng draws λ and partners.
    Returns out of the shape of x, and y_out: (N, K), whose rows sum to 1, in the type of x.
    Raises TypeError for an x that is not floats, a y that is not integers, and wrong types of the
    others; ValueError for shapes and ranges.

    >>> x, y = torch.tensor([0.0, 1.0]).reshape(2, 1, 1, 1), torch.tensor([0, 1])
    >>> out, y_out = mixup(x, y, alpha=1.0, num_classes=2, rng=np.random.default_rng(3))
    >>> out.flatten()
    tensor([0.7344, 0.1785])
    >>> y_out
    tensor([[0.2656, 0.7344],
            [0.8215, 0.1785]])

    References: zhang2018
    """
    floats("mixup", x=x)
    _check.pictures("mixup", x)
    alpha = _check.in_range("mixup", "alpha", alpha, "(0, inf)")
    num_classes = _check.count("mixup", "num_classes", num_classes)
    _check.labels("mixup", y, len(x), num_classes)
    _check.generator("mixup", rng)
    share = torch.from_numpy(rng.beta(alpha, alpha, len(x))).to(x)
    partner = torch.from_numpy(rng.permutation(len(x))).to(x.device)
    onehot = F.one_hot(y.long(), num_classes).to(x)
    return (
        torch.lerp(x[partner], x, share[:, None, None, None]),
        torch.lerp(onehot[partner], onehot, share[:, None]),
    )
