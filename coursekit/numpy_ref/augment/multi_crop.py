"""Augmentation at test time: ask the network about many crops of a picture, average the answers."""

import numpy as np

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.augment import _sizes
from coursekit.numpy_ref.augment.crops import center_crop, crop, resize


def ten_crop(x: np.ndarray, *, size: int | tuple[int, int]) -> np.ndarray:
    """Cut out the four corners and the center, of each picture and of its mirror image.

    In this order: top left, top right, bottom left, bottom right, center; then the same five of
    the mirror image. The network's answer for a picture is its mean answer for the ten:

        scores(out.reshape(-1, C, height, width)).reshape(10, N, K).mean(axis=0)

    x: (N, C, H, W); size: (height, width), or one number for both.
    Returns out: (10, N, C, height, width).
    Raises TypeError if x is not floats or size not whole numbers; ValueError for other shapes and
    for crops larger than the picture.

    >>> ten_crop(np.arange(9.0).reshape(1, 1, 3, 3), size=1).ravel()
    array([0., 2., 6., 8., 4., 2., 0., 8., 6., 4.])

    References: krizhevsky2012
    """
    _check.floats("ten_crop", x=x)
    size = _sizes.window("ten_crop", x, size)
    bottom, right = x.shape[2] - size[0], x.shape[3] - size[1]
    corners = [(0, 0), (0, right), (bottom, 0), (bottom, right)]
    crops = []
    for picture in (x, x[:, :, :, ::-1]):
        crops += [crop(picture, top=top, left=left, size=size) for top, left in corners]
        crops += [center_crop(picture, size=size)]
    return np.stack(crops)


def multi_scale_ten_crop(
    x: np.ndarray,
    *,
    size: int | tuple[int, int],
    short_sides: tuple[int, ...] = (224, 256, 384, 480, 640),
) -> np.ndarray:
    """Ten crops at every scale: resize the shorter side to each of `short_sides`, then `ten_crop`.

    Objects come in all sizes, and the network is asked about each. Fifty crops, with the five
    scales of ResNet, cost fifty times one; a fully convolutional network would share the work.

    x: (N, C, H, W); size: (height, width), or one number for both; short_sides: one scale or
    more, none smaller than height and width.
    Returns out: (10 · scales, N, C, height, width), scale after scale.
    Raises TypeError if x is not floats or the sizes not whole numbers; ValueError for other shapes
    and for crops larger than a resized picture.

    >>> x = np.arange(6.0).reshape(1, 1, 2, 3)
    >>> multi_scale_ten_crop(x, size=2, short_sides=(2, 3, 4)).shape
    (30, 1, 1, 2, 2)

    References: simonyan2015, he2016
    """
    _check.floats("multi_scale_ten_crop", x=x)
    size, shorts = _sizes.scales("multi_scale_ten_crop", x, size, "short_sides", short_sides)
    return np.concatenate([ten_crop(resize(x, size=short), size=size) for short in shorts])
