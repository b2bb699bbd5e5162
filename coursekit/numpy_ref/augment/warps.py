"""Pictures turned, leaned and stretched around their center.

All three ask, for every pixel of the new picture, from where in the old one its color comes: the
map is walked backwards, so that no pixel is left without a color. The place is rarely a pixel, so
the four around it are mixed, by nearness (bilinear). What lies outside the old picture is 0: the
mean color, if the pictures are standardized.

They do what they are told, the same at every call; chance comes in where the amounts are drawn:
`rotate(x, degrees=rng.uniform(-15, 15, len(x)))`.
"""

import numpy as np

from coursekit.numpy_ref import _check


def rotate(x: np.ndarray, *, degrees: float | np.ndarray) -> np.ndarray:
    """Turn pictures around their center, counterclockwise for degrees > 0.

    With p and p' the places, from the center, of a pixel in the old and in the new picture
    (a to the right, b *down*, as rows are counted), and φ the angle,

        a = cos φ · a' − sin φ · b'
        b = sin φ · a' + cos φ · b'

    x: (N, C, H, W); degrees: a number, or (N,), one for each picture.
    Returns out of the shape of x; the corners that turn out of the picture are lost.
    Raises TypeError for an x that is not floats and degrees that are no number; ValueError for
    shapes and degrees that are not finite.

    >>> rotate(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), degrees=90).round(6)
    array([[[[2., 4.],
             [1., 3.]]]])

    References: simard2003
    """
    angle = np.radians(_amounts("rotate", "degrees", x, degrees, "(-inf, inf)"))
    cos, sin = np.cos(angle), np.sin(angle)
    return _warp(x, [[cos, -sin], [sin, cos]])


def shear(x: np.ndarray, *, degrees: float | np.ndarray) -> np.ndarray:
    """Let pictures lean: rows slide sideways, the further from the center the more.

    Upright lines lean by φ, their tops to the right for degrees > 0. As in `rotate`,

        a = a' + tan φ · b'
        b = b'

    x: (N, C, H, W); degrees in (−90, 90): a number, or (N,), one for each picture.
    Returns out of the shape of x. Raises as `rotate` does.

    >>> upright = np.array([[[[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]]])
    >>> shear(upright, degrees=45).round(6)
    array([[[[0., 0., 1.],
             [0., 1., 0.],
             [1., 0., 0.]]]])

    References: simard2003
    """
    lean = np.tan(np.radians(_amounts("shear", "degrees", x, degrees, "(-90, 90)")))
    one, zero = np.ones_like(lean), np.zeros_like(lean)
    return _warp(x, [[one, lean], [zero, one]])


def stretch(
    x: np.ndarray,
    *,
    horizontal: float | np.ndarray = 1.0,
    vertical: float | np.ndarray = 1.0,
) -> np.ndarray:
    """Stretch pictures around their center, horizontally and vertically; below 1, shrink them.

    As in `rotate`,

        a = a' / horizontal
        b = b' / vertical

    x: (N, C, H, W); horizontal, vertical ≥ 0.001: a number, or (N,), one for each picture.
    Returns out of the shape of x; what is stretched out of the picture is lost.
    Raises as `rotate` does.

    >>> stretch(np.array([[[[0.0, 1.0, 2.0, 3.0]]]]), horizontal=2.0)
    array([[[[0.75, 1.25, 1.75, 2.25]]]])

    References: simard2003
    """
    a = 1 / _amounts("stretch", "horizontal", x, horizontal, "[0.001, inf)")
    b = 1 / _amounts("stretch", "vertical", x, vertical, "[0.001, inf)")
    zero = np.zeros_like(a)
    return _warp(x, [[a, zero], [zero, b]])


def _amounts(op: str, name: str, x, amount, interval: str) -> np.ndarray:
    """Check the arguments; return one amount for each picture, (N, 1)."""
    _check.floats(op, x=x)
    _check.pictures(op, x)
    return _check.one_each(op, name, amount, len(x), interval)[:, None]


def _warp(x: np.ndarray, back: list[list[np.ndarray]]) -> np.ndarray:
    """Color every pixel from where the matrix `back`, of entries (N, 1), says it was."""
    h, w = x.shape[2:]
    center_b, center_a = (h - 1) / 2, (w - 1) / 2
    b, a = (place.ravel() for place in np.indices((h, w)))
    a, b = a - center_a, b - center_b
    row = back[1][0] * a + back[1][1] * b + center_b
    column = back[0][0] * a + back[0][1] * b + center_a
    return _bilinear(x, row, column).reshape(x.shape)


def _bilinear(x: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """The colors of x: (N, C, H, W) at places (N, P) between its pixels; outside, 0.

    Returns (N, C, P).
    """
    n, c, h, w = x.shape
    framed = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))  # a frame of zeros is all that is outside
    flat = framed.reshape(n, c, (h + 2) * (w + 2))
    row, column = np.clip(row + 1, 0, h + 1), np.clip(column + 1, 0, w + 1)
    top, left = np.minimum(row.astype(int), h), np.minimum(column.astype(int), w)
    down, right = (row - top).astype(x.dtype)[:, None], (column - left).astype(x.dtype)[:, None]

    def pixels(row, column):
        return np.take_along_axis(flat, (row * (w + 2) + column)[:, None], axis=2)

    above = (1 - right) * pixels(top, left) + right * pixels(top, left + 1)
    below = (1 - right) * pixels(top + 1, left) + right * pixels(top + 1, left + 1)
    return (1 - down) * above + down * below
