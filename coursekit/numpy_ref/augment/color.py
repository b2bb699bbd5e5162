"""Colors of pictures, red, green and blue in [0, 1]: brightness, contrast, saturation, hue.

The first four do what they are told, the same at every call; chance comes in where the amounts are
drawn: `brightness(x, factor=rng.uniform(0.6, 1.4, len(x)))`. `jitter` draws all four.
They need colors as the camera gave them, so they come before standardizing.
"""

import numpy as np

from coursekit.numpy_ref import _check


def brightness(x: np.ndarray, *, factor: float | np.ndarray) -> np.ndarray:
    """Multiply every color by a factor: out = clip(factor · x, 0, 1).

    x: (N, 3, H, W), values in [0, 1]; factor ≥ 0: a number, or (N,), one for each picture.
    0 is black, 1 leaves the pictures as they are. Returns out of the shape of x.
    Raises TypeError for an x that is not floats and a factor that is no number; ValueError for
    shapes, and values or factors out of range.

    >>> brightness(np.full((1, 3, 1, 1), 0.4), factor=1.5).round(2).ravel()
    array([0.6, 0.6, 0.6])

    References: howard2013
    """
    return _blend(x, 0, _factors("brightness", x, factor))


def contrast(x: np.ndarray, *, factor: float | np.ndarray) -> np.ndarray:
    """Move every color away from the picture's mean gray m: out = clip(m + factor · (x − m), 0, 1).

    m is one number a picture, the mean of gray = 0.2989 red + 0.587 green + 0.114 blue (the eye
    is most sensitive to green).

    x: (N, 3, H, W), values in [0, 1]; factor ≥ 0: a number, or (N,), one for each picture.
    0 is a gray plane, 1 leaves the pictures as they are. Returns out of the shape of x.
    Raises as `brightness` does.

    >>> x = np.repeat([[[[0.2, 0.6]]]], 3, axis=1)
    >>> contrast(x, factor=1.5)[0, 0].round(2)
    array([[0.1, 0.7]])

    References: howard2013
    """
    factor = _factors("contrast", x, factor)
    return _blend(x, _gray(x).mean(axis=(1, 2, 3), keepdims=True), factor)


def saturation(x: np.ndarray, *, factor: float | np.ndarray) -> np.ndarray:
    """Move every pixel away from its own gray g: out = clip(g + factor · (x − g), 0, 1).

    x: (N, 3, H, W), values in [0, 1]; factor ≥ 0: a number, or (N,), one for each picture.
    0 is a gray picture, 1 leaves the pictures as they are. Returns out of the shape of x.
    Raises as `brightness` does.

    >>> red = np.array([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1)
    >>> saturation(red, factor=0.5).round(3).ravel()
    array([0.649, 0.149, 0.149])

    References: howard2013
    """
    factor = _factors("saturation", x, factor)
    return _blend(x, _gray(x), factor)


def hue(x: np.ndarray, *, shift: float | np.ndarray) -> np.ndarray:
    """Turn the color circle: red → yellow → green → cyan → blue → magenta → red is a shift of 1.

    The hue of a pixel is its place on that circle, counted here in sixths: 0 is red, 2 green, 4
    blue. With v = max(r, g, b) and c = v − min(r, g, b), which a shift does not change,

        hue = (g − b) / c  if r is the largest,   2 + (b − r) / c  if g,   4 + (r − g) / c  if b
        out = v − c · clip(min(k, 4 − k), 0, 1),   k = (offset + hue + 6 · shift) mod 6

    with the offsets 5, 3 and 1 for red, green and blue. Gray has c = 0 and stays gray.

    x: (N, 3, H, W), values in [0, 1]; shift in [−0.5, 0.5]: a number, or (N,), one for each
    picture. Returns out of the shape of x. Raises as `brightness` does.

    >>> red = np.array([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1)
    >>> hue(red, shift=1 / 3).round(2).ravel()
    array([0., 1., 0.])

    References: smith1978
    """
    shift = _amounts("hue", "shift", x, shift, "[-0.5, 0.5]")[:, 0]
    red, green, blue = x[:, 0], x[:, 1], x[:, 2]
    value = x.max(axis=1)
    chroma = value - x.min(axis=1)
    divisor = chroma + (chroma == 0)  # never 0
    sixths = np.where(
        value == red,
        (green - blue) / divisor,
        np.where(value == green, 2 + (blue - red) / divisor, 4 + (red - green) / divisor),
    )
    k = [(offset + sixths + 6 * shift) % 6 for offset in (5, 3, 1)]
    return np.stack([value - chroma * np.clip(np.minimum(k, 4 - k), 0, 1) for k in k], axis=1)


def jitter(
    x: np.ndarray,
    *,
    brightness: float = 0.0,
    contrast: float = 0.0,
    saturation: float = 0.0,
    hue: float = 0.0,
    rng: np.random.Generator,
) -> np.ndarray:
    """Change all four at random, in random order: tomorrow the light will be another.

    Every picture gets amounts of its own: factors from [max(0, 1 − b), 1 + b] for b = brightness,
    contrast and saturation, and a shift from [−hue, hue]. The order of the four changes matters,
    as colors are clipped; it is drawn once a call, for all pictures.

    x: (N, 3, H, W), values in [0, 1]; brightness, contrast, saturation ≥ 0; hue in [0, 0.5];
    rng draws. Returns out of the shape of x.
    Raises TypeError unless x is floats, the four are numbers and rng is a generator; ValueError
    for shapes, and values or amounts out of range.

    >>> x = np.full((2, 3, 1, 1), 0.5)
    >>> jitter(x, brightness=0.4, rng=np.random.default_rng(0))[:, 0].round(3).ravel()
    array([0.316, 0.307])

    References: howard2013, krizhevsky2012
    """
    _check_pictures("jitter", x)
    spreads = {"brightness": brightness, "contrast": contrast, "saturation": saturation}
    ranges = [
        (max(0.0, 1 - b), 1 + b)
        for b in (_check.in_range("jitter", name, b, "[0, inf)") for name, b in spreads.items())
    ]
    hue = _check.in_range("jitter", "hue", hue, "[0, 0.5]")
    _check.generator("jitter", rng)
    order = rng.permutation(4)
    draws = [rng.uniform(low, high, len(x)) for low, high in (*ranges, (-hue, hue))]
    for change in order:
        x = _CHANGES[change](x, draws[change])
    return x


def pca_jitter(
    x: np.ndarray, covariance: np.ndarray, *, std: float = 0.1, rng: np.random.Generator
) -> np.ndarray:
    """Add to each picture a color of its own, as colors vary in the training set (AlexNet).

    With the principal components v₁, v₂, v₃ of the colors of all pixels, and their variances λ,

        out = x + Σᵢ αᵢ λᵢ vᵢ        αᵢ ~ N(0, std²), drawn anew for each picture

    The sum is V Λ α with the covariance matrix V Λ Vᵀ. Normal noise is the same in all directions,
    so instead of α we may draw ε = V α: then the sum is simply covariance · ε.

    x: (N, 3, H, W), of any mean and scale; covariance: (3, 3), of red, green and blue over all
    pixels of the training set; std ≥ 0; rng draws. Returns out of the shape of x, not clipped.
    Raises TypeError unless arrays are floats, std a number and rng a generator; ValueError for
    shapes, ranges, and a covariance that is not symmetric.

    >>> x, covariance = np.zeros((1, 3, 1, 1)), np.diag([0.2, 0.02, 0.004])
    >>> pca_jitter(x, covariance, rng=np.random.default_rng(0)).round(4).ravel()
    array([ 0.0025, -0.0003,  0.0003])

    References: krizhevsky2012
    """
    _check.floats("pca_jitter", x=x, covariance=covariance)
    _check.pictures("pca_jitter", x, channels=3)
    _check.shape("pca_jitter", "covariance", covariance, (3, 3))
    _check.symmetric("pca_jitter", "covariance", covariance)
    std = _check.in_range("pca_jitter", "std", std, "[0, inf)")
    _check.generator("pca_jitter", rng)
    noise = rng.normal(0, std, (len(x), 3)).astype(x.dtype)
    return x + (noise @ covariance.astype(x.dtype))[:, :, None, None]


# By the names of the functions above: in `jitter` they are numbers.
_CHANGES = (
    lambda x, factor: brightness(x, factor=factor),
    lambda x, factor: contrast(x, factor=factor),
    lambda x, factor: saturation(x, factor=factor),
    lambda x, shift: hue(x, shift=shift),
)


def _check_pictures(op: str, x) -> None:
    """Raise unless x is pictures in color."""
    _check.floats(op, x=x)
    _check.colors(op, x)


def _amounts(op: str, name: str, x, amount, interval: str) -> np.ndarray:
    """Check the arguments; return one amount for each picture, (N, 1, 1, 1), in the type of x."""
    _check_pictures(op, x)
    each = _check.one_each(op, name, amount, len(x), interval)
    return each.reshape(-1, 1, 1, 1).astype(x.dtype)


def _factors(op: str, x, factor) -> np.ndarray:
    """Check the arguments; return a factor for each picture."""
    return _amounts(op, "factor", x, factor, "[0, inf)")


def _gray(x: np.ndarray) -> np.ndarray:
    """The gray that looks as bright: (N, 3, H, W) -> (N, 1, H, W)."""
    return 0.2989 * x[:, 0:1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:3]


def _blend(x: np.ndarray, other: np.ndarray | int, factor: np.ndarray) -> np.ndarray:
    """Go from `other` (factor 0) to x (factor 1) and beyond, as far as there are colors."""
    return np.clip(factor * x + (1 - factor) * other, 0, 1)
