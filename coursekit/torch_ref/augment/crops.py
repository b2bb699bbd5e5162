"""Resizing and crops, by torchvision, at places drawn by NumPy, as in `numpy_ref`."""

import numpy as np
import torch

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.augment import _sizes
from coursekit.torch_ref._check import floats
from coursekit.torch_ref.augment._torchvision import functional


def resize(x: torch.Tensor, *, size: int | tuple[int, int]) -> torch.Tensor:
    """Scale pictures to another size: torchvision's `resize`, bilinear, without `antialias`.

    x: (N, C, H, W); size: (H_out, W_out), or one number for the shorter side.
    Returns out: (N, C, H_out, W_out).
    Raises TypeError if x is not floats or size not whole numbers; ValueError for other shapes.

    >>> resize(torch.tensor([[[[0.0, 1.0]]]]), size=(1, 4))
    tensor([[[[0.0000, 0.2500, 0.7500, 1.0000]]]])

    References: simonyan2015
    """
    floats("resize", x=x)
    _sizes.resized("resize", x, size)
    shape = list(size) if isinstance(size, tuple | list) else [int(size)]
    return functional().resize(x, shape, antialias=False).clone()  # never x itself


def crop(x: torch.Tensor, *, top: int, left: int, size: int | tuple[int, int]) -> torch.Tensor:
    """Cut the same window out of all pictures: torchvision's `crop`, which pads if it must.

    x: (N, C, H, W); top, left ≥ 0; size: (height, width), or one number for both.
    Returns out: (N, C, height, width).
    Raises TypeError if x is not floats or the others not whole numbers; ValueError for other
    shapes and for a window that is not inside the picture.

    >>> crop(torch.arange(12.0).reshape(1, 1, 3, 4), top=1, left=2, size=2).flatten()
    tensor([ 6.,  7., 10., 11.])

    References: krizhevsky2012
    """
    floats("crop", x=x)
    height, width = _sizes.window("crop", x, size)
    top = _sizes.offset("crop", "top", top, x.shape[2] - height)
    left = _sizes.offset("crop", "left", left, x.shape[3] - width)
    return functional().crop(x, top, left, height, width).clone()


def center_crop(x: torch.Tensor, *, size: int | tuple[int, int]) -> torch.Tensor:
    """Cut out the middle: torchvision's `center_crop`.

    x: (N, C, H, W); size: (height, width), or one number for both.
    Returns out: (N, C, height, width). Raises as `crop` does.

    >>> center_crop(torch.arange(9.0).reshape(1, 1, 3, 3), size=1)
    tensor([[[[4.]]]])

    References: krizhevsky2012
    """
    floats("center_crop", x=x)
    return functional().center_crop(x, list(_sizes.window("center_crop", x, size))).clone()


def random_crop(
    x: torch.Tensor, *, size: int | tuple[int, int], rng: np.random.Generator
) -> torch.Tensor:
    """Cut a window out of each picture, at a place of its own: torchvision's `crop`.

    x: (N, C, H, W); size: (height, width), or one number for both; rng draws.
    Returns out: (N, C, height, width). Raises as `crop` does, and TypeError if rng is no generator.

    >>> x = torch.arange(9.0).reshape(1, 1, 3, 3)
    >>> random_crop(x, size=2, rng=np.random.default_rng(0)).flatten()
    tensor([4., 5., 7., 8.])

    References: krizhevsky2012
    """
    floats("random_crop", x=x)
    height, width = _sizes.window("random_crop", x, size)
    _check.generator("random_crop", rng)
    tops = rng.integers(0, x.shape[2] - height, size=len(x), endpoint=True).tolist()
    lefts = rng.integers(0, x.shape[3] - width, size=len(x), endpoint=True).tolist()
    crops = [
        functional().crop(x[n : n + 1], tops[n], lefts[n], height, width) for n in range(len(x))
    ]
    return torch.cat([x[:0, :, :height, :width], *crops])


def pad_and_crop(x: torch.Tensor, *, pad: int, rng: np.random.Generator) -> torch.Tensor:
    """Put zeros around each picture, then a random crop of the old size: torchvision's `pad`.

    x: (N, C, H, W); pad ≥ 0; rng draws a place for each picture. Returns out of the shape of x.
    Raises TypeError if x is not floats, pad no whole number or rng no generator; ValueError for
    other shapes and a negative pad.

    >>> pad_and_crop(torch.ones(1, 1, 2, 2), pad=1, rng=np.random.default_rng(0))
    tensor([[[[1., 1.],
              [0., 0.]]]])

    References: he2016
    """
    floats("pad_and_crop", x=x)
    _check.pictures("pad_and_crop", x)
    pad = _check.count("pad_and_crop", "pad", pad, at_least=0)
    _check.generator("pad_and_crop", rng)
    height, width = x.shape[2:]
    return random_crop(functional().pad(x, [pad]), size=(height, width), rng=rng)


def random_resized_crop(
    x: torch.Tensor,
    *,
    size: int | tuple[int, int],
    short_side: tuple[int, int] = (256, 480),
    rng: np.random.Generator,
) -> torch.Tensor:
    """Scale jitter: draw L for each picture, resize its shorter side to L, take a random crop.

    x: (N, C, H, W); size: (height, width), or one number for both; short_side: the smallest and
    the largest L, the smallest no less than height and width; rng draws.
    Returns out: (N, C, height, width).
    Raises TypeError if x is not floats, rng no generator, or size and short_side not whole
    numbers; ValueError for other shapes and ranges.

    torchvision's `RandomResizedCrop` draws an area and a ratio of sides instead.

    >>> x = torch.zeros(2, 3, 300, 400)
    >>> random_resized_crop(x, size=224, rng=np.random.default_rng(0)).shape
    torch.Size([2, 3, 224, 224])

    References: simonyan2015, he2016
    """
    floats("random_resized_crop", x=x)
    size, low, high = _sizes.scale_range("random_resized_crop", x, size, short_side)
    _check.generator("random_resized_crop", rng)
    shorts = rng.integers(low, high, size=len(x), endpoint=True).tolist()
    crops = [
        random_crop(resize(x[n : n + 1], size=short), size=size, rng=rng)
        for n, short in enumerate(shorts)
    ]
    return torch.cat([x.new_empty(0, x.shape[1], *size), *crops])
