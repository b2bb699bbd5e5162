"""Resizing and crops: the same picture, a little to the side, or a little larger."""

import numpy as np

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.augment import _sizes


def resize(x: np.ndarray, *, size: int | tuple[int, int]) -> np.ndarray:
    """Scale pictures to another size, bilinear: first in height, then in width.

    The pixel i is the interval from i to i + 1, its middle i + ½. The middle of pixel i of out
    lies in x at s = (i + ½) · H / H_out − ½, counted from the middle of the first pixel, and

        out[i] = (1 − t) · x[⌊s⌋] + t · x[⌊s⌋ + 1],    t = s − ⌊s⌋

    with s kept in [0, H − 1]. A picture made much smaller keeps few of its pixels (`antialias` is
    off, in PyTorch's words).

    x: (N, C, H, W); size: (H_out, W_out), or one number for the shorter side: the longer one then
    keeps the proportions, rounded down. Returns out: (N, C, H_out, W_out).
    Raises TypeError if x is not floats or size not whole numbers; ValueError for other shapes.

    >>> resize(np.array([[[[0.0, 1.0]]]]), size=(1, 4))
    array([[[[0.  , 0.25, 0.75, 1.  ]]]])
    >>> resize(np.zeros((1, 3, 20, 30)), size=10).shape
    (1, 3, 10, 15)

    References: simonyan2015
    """
    _check.floats("resize", x=x)
    height, width = _sizes.resized("resize", x, size)
    low, high, t = _neighbors(x.shape[2], height, x.dtype)
    x = (1 - t[:, None]) * x[:, :, low] + t[:, None] * x[:, :, high]
    low, high, t = _neighbors(x.shape[3], width, x.dtype)
    return (1 - t) * x[:, :, :, low] + t * x[:, :, :, high]


def crop(x: np.ndarray, *, top: int, left: int, size: int | tuple[int, int]) -> np.ndarray:
    """Cut the same window out of all pictures: out[n, c, i, j] = x[n, c, top + i, left + j].

    x: (N, C, H, W); top, left ≥ 0; size: (height, width), or one number for both.
    Returns out: (N, C, height, width).
    Raises TypeError if x is not floats or the others not whole numbers; ValueError for other
    shapes and for a window that is not inside the picture.

    >>> crop(np.arange(12.0).reshape(1, 1, 3, 4), top=1, left=2, size=2)
    array([[[[ 6.,  7.],
             [10., 11.]]]])

    References: krizhevsky2012
    """
    _check.floats("crop", x=x)
    height, width = _sizes.window("crop", x, size)
    top = _sizes.offset("crop", "top", top, x.shape[2] - height)
    left = _sizes.offset("crop", "left", left, x.shape[3] - width)
    return x[:, :, top : top + height, left : left + width].copy()


def center_crop(x: np.ndarray, *, size: int | tuple[int, int]) -> np.ndarray:
    """Cut out the middle: top = (H − height) / 2, left = (W − width) / 2.

    A half is rounded to the even number, as Python and PyTorch round: 0.5 to 0, 1.5 to 2.

    x: (N, C, H, W); size: (height, width), or one number for both.
    Returns out: (N, C, height, width). Raises as `crop` does.

    >>> center_crop(np.arange(9.0).reshape(1, 1, 3, 3), size=1)
    array([[[[4.]]]])

    References: krizhevsky2012
    """
    _check.floats("center_crop", x=x)
    height, width = _sizes.window("center_crop", x, size)
    top, left = round((x.shape[2] - height) / 2), round((x.shape[3] - width) / 2)
    return crop(x, top=top, left=left, size=(height, width))


def random_crop(
    x: np.ndarray, *, size: int | tuple[int, int], rng: np.random.Generator
) -> np.ndarray:
    """Cut a window out of each picture, at a place of its own: 224 × 224 of 256 × 256, say.

    top is one of 0 ... H − height and left one of 0 ... W − width, all equally likely: 33² = 1089
    pictures from one.

    x: (N, C, H, W); size: (height, width), or one number for both; rng draws.
    Returns out: (N, C, height, width). Raises as `crop` does, and TypeError if rng is no generator.

    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> random_crop(x, size=2, rng=np.random.default_rng(0))
    array([[[[4., 5.],
             [7., 8.]]]])

    References: krizhevsky2012
    """
    _check.floats("random_crop", x=x)
    height, width = _sizes.window("random_crop", x, size)
    _check.generator("random_crop", rng)
    top = rng.integers(0, x.shape[2] - height, size=len(x), endpoint=True)
    left = rng.integers(0, x.shape[3] - width, size=len(x), endpoint=True)
    out = np.empty((*x.shape[:2], height, width), x.dtype)
    for n in range(len(x)):
        out[n] = x[n, :, top[n] : top[n] + height, left[n] : left[n] + width]
    return out


def pad_and_crop(x: np.ndarray, *, pad: int, rng: np.random.Generator) -> np.ndarray:
    """Put zeros around each picture, then a random crop of the old size: it moves by up to pad.

    For small pictures, of which a true crop would lose too much; pad = 4 is usual for 32 × 32.
    Zero is the mean color if the pictures were standardized before.

    x: (N, C, H, W); pad ≥ 0; rng draws a place for each picture. Returns out of the shape of x.
    Raises TypeError if x is not floats, pad no whole number or rng no generator; ValueError for
    other shapes and a negative pad.

    >>> pad_and_crop(np.ones((1, 1, 2, 2)), pad=1, rng=np.random.default_rng(0))
    array([[[[1., 1.],
             [0., 0.]]]])

    References: he2016
    """
    _check.floats("pad_and_crop", x=x)
    _check.pictures("pad_and_crop", x)
    pad = _check.count("pad_and_crop", "pad", pad, at_least=0)
    _check.generator("pad_and_crop", rng)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    return random_crop(padded, size=x.shape[2:], rng=rng)


def random_resized_crop(
    x: np.ndarray,
    *,
    size: int | tuple[int, int],
    short_side: tuple[int, int] = (256, 480),
    rng: np.random.Generator,
) -> np.ndarray:
    """Scale jitter, as for ResNet: draw L, resize the shorter side to L, take a random crop.

    L is one of short_side[0] ... short_side[1], all equally likely, drawn for each picture. With
    L = 256 a crop of 224 holds most of a picture, with L = 480 a detail.

    x: (N, C, H, W); size: (height, width), or one number for both; short_side: the smallest and
    the largest L, the smallest no less than height and width; rng draws.
    Returns out: (N, C, height, width).
    Raises TypeError if x is not floats, rng no generator, or size and short_side not whole
    numbers; ValueError for other shapes and ranges.

    torchvision has another operation of this name, which draws an area and a ratio of sides.

    >>> x = np.zeros((8, 3, 300, 400))
    >>> random_resized_crop(x, size=224, rng=np.random.default_rng(0)).shape
    (8, 3, 224, 224)

    References: simonyan2015, he2016
    """
    _check.floats("random_resized_crop", x=x)
    size, low, high = _sizes.scale_range("random_resized_crop", x, size, short_side)
    _check.generator("random_resized_crop", rng)
    out = np.empty((*x.shape[:2], *size), x.dtype)
    for n, short in enumerate(rng.integers(low, high, size=len(x), endpoint=True)):
        out[n : n + 1] = random_crop(resize(x[n : n + 1], size=short), size=size, rng=rng)
    return out


def _neighbors(old: int, new: int, dtype) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each of the new pixels: the two old ones that it lies between, and its place t there."""
    s = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    low = np.floor(s).astype(int)
    return low, np.minimum(low + 1, old - 1), (s - low).astype(dtype)
