"""Mirror images, by torchvision, of the pictures that NumPy draws, as in `numpy_ref`."""

import numpy as np
import torch

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats
from coursekit.torch_ref.augment._torchvision import functional


def horizontal_flip(x: torch.Tensor, *, p: float = 0.5, rng: np.random.Generator) -> torch.Tensor:
    """Swap left and right with probability p, picture by picture: torchvision's `horizontal_flip`.

    x: (N, C, H, W); p in [0, 1]; rng draws. Returns out of the shape of x.
    Raises TypeError if x is not floats or rng no generator; ValueError for other shapes and p.

    >>> x = torch.tensor([[[[1.0, 2.0, 3.0]]]])
    >>> horizontal_flip(x, p=1.0, rng=np.random.default_rng(0))
    tensor([[[[3., 2., 1.]]]])

    References: krizhevsky2012
    """
    flipped = _chosen("horizontal_flip", x, p, rng)
    return torch.where(flipped, functional().horizontal_flip(x), x)


def vertical_flip(x: torch.Tensor, *, p: float = 0.5, rng: np.random.Generator) -> torch.Tensor:
    """Swap top and bottom with probability p, picture by picture: torchvision's `vertical_flip`.

    x: (N, C, H, W); p in [0, 1]; rng draws. Returns out of the shape of x.
    Raises as `horizontal_flip` does.

    >>> x = torch.tensor([[[[1.0], [2.0]]]])
    >>> vertical_flip(x, p=1.0, rng=np.random.default_rng(0)).flatten()
    tensor([2., 1.])

    References: ciresan2013
    """
    flipped = _chosen("vertical_flip", x, p, rng)
    return torch.where(flipped, functional().vertical_flip(x), x)


def _chosen(op: str, x, p: float, rng: np.random.Generator) -> torch.Tensor:
    """Check the arguments of a flip; draw true with probability p for each picture."""
    floats(op, x=x)
    _check.pictures(op, x)
    p = _check.in_range(op, "p", p, "[0, 1]")
    _check.generator(op, rng)
    return torch.from_numpy(rng.random((len(x), 1, 1, 1)) < p).to(x.device)
