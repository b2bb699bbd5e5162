"""Augmentation at test time, by torchvision."""

import torch

from coursekit.numpy_ref.augment import _sizes
from coursekit.torch_ref._check import floats
from coursekit.torch_ref.augment._torchvision import functional
from coursekit.torch_ref.augment.crops import resize


def ten_crop(x: torch.Tensor, *, size: int | tuple[int, int]) -> torch.Tensor:
    """The corners and the center, then those of the mirror image: torchvision's `ten_crop`.

    x: (N, C, H, W); size: (height, width), or one number for both.
    Returns out: (10, N, C, height, width).
    Raises TypeError if x is not floats or size not whole numbers; ValueError for other shapes and
    for crops larger than the picture.

    >>> ten_crop(torch.arange(9.0).reshape(1, 1, 3, 3), size=1).flatten()
    tensor([0., 2., 6., 8., 4., 2., 0., 8., 6., 4.])

    References: krizhevsky2012
    """
    floats("ten_crop", x=x)
    return torch.stack(functional().ten_crop(x, list(_sizes.window("ten_crop", x, size))))


def multi_scale_ten_crop(
    x: torch.Tensor,
    *,
    size: int | tuple[int, int],
    short_sides: tuple[int, ...] = (224, 256, 384, 480, 640),
) -> torch.Tensor:
    """Ten crops at every scale: resize the shorter side to each of `short_sides`, then `ten_crop`.

    x: (N, C, H, W); size: (height, width), or one number for both; short_sides: one scale or
    more, none smaller than height and width.
    Returns out: (10 · scales, N, C, height, width), scale after scale.
    Raises TypeError if x is not floats or the sizes not whole numbers; ValueError for other shapes
    and for crops larger than a resized picture.

    >>> x = torch.arange(6.0).reshape(1, 1, 2, 3)
    >>> multi_scale_ten_crop(x, size=2, short_sides=(2, 3, 4)).shape
    torch.Size([30, 1, 1, 2, 2])

    References: simonyan2015, he2016
    """
    floats("multi_scale_ten_crop", x=x)
    size, shorts = _sizes.scales("multi_scale_ten_crop", x, size, "short_sides", short_sides)
    return torch.cat([ten_crop(resize(x, size=short), size=size) for short in shorts])
