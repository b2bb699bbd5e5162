"""Colors of pictures, by torchvision, whose functions adjust a whole batch by one amount.

The amounts are drawn by NumPy: the same rng gives the same pictures as `numpy_ref`.
"""

import numpy as np
import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats
from coursekit.torch_ref.augment._torchvision import Amount, each, functional, one_each


def brightness(x: torch.Tensor, *, factor: Amount) -> torch.Tensor:
    """Multiply every color by a factor: torchvision's `adjust_brightness`.

    x: (N, 3, H, W), values in [0, 1]; factor ≥ 0: a number, or (N,), one for each picture.
    Returns out of the shape of x. Raises TypeError for an x that is not floats and a factor that
    is no number; ValueError for shapes, and values or factors out of range.

    >>> brightness(torch.full((1, 3, 1, 1), 0.5), factor=1.5).flatten()
    tensor([0.7500, 0.7500, 0.7500])

    References: howard2013
    """
    factors = _amounts("brightness", "factor", x, factor, "[0, inf)")
    return each(functional().adjust_brightness, x, factors)


def contrast(x: torch.Tensor, *, factor: Amount) -> torch.Tensor:
    """Move every color away from the picture's mean gray: torchvision's `adjust_contrast`.

    x: (N, 3, H, W), values in [0, 1]; factor ≥ 0: a number, or (N,), one for each picture.
    Returns out of the shape of x. Raises as `brightness` does.

    >>> x = torch.tensor([[[[0.2, 0.6]]]]).repeat(1, 3, 1, 1)
    >>> contrast(x, factor=1.5)[0, 0]
    tensor([[0.1000, 0.7000]])

    References: howard2013
    """
    factors = _amounts("contrast", "factor", x, factor, "[0, inf)")
    return each(functional().adjust_contrast, x, factors)


def saturation(x: torch.Tensor, *, factor: Amount) -> torch.Tensor:
    """Move every pixel away from its own gray: torchvision's `adjust_saturation`.

    x: (N, 3, H, W), values in [0, 1]; factor ≥ 0: a number, or (N,), one for each picture.
    Returns out of the shape of x. Raises as `brightness` does.

    >>> red = torch.tensor([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1)
    >>> saturation(red, factor=0.5).flatten()
    tensor([0.6495, 0.1495, 0.1495])

    References: howard2013
    """
    factors = _amounts("saturation", "factor", x, factor, "[0, inf)")
    return each(functional().adjust_saturation, x, factors)


def hue(x: torch.Tensor, *, shift: Amount) -> torch.Tensor:
    """Turn the color circle, a shift of 1 all the way round.

    torchvision's `adjust_hue` does the same, but in float32 whatever the type of x; this stays in
    that type. In each sixth of the circle one color is the largest, one the smallest, and the
    third rises or falls between them.

    x: (N, 3, H, W), values in [0, 1]; shift in [−0.5, 0.5]: a number, or (N,), one for each
    picture. Returns out of the shape of x. Raises as `brightness` does.

    >>> red = torch.tensor([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1)
    >>> hue(red, shift=0.5).flatten()
    tensor([0., 1., 1.])

    References: smith1978
    """
    shifts = _amounts("hue", "shift", x, shift, "[-0.5, 0.5]")
    turn = torch.from_numpy(shifts).to(x).reshape(-1, 1, 1, 1)
    low, (high, largest) = x.amin(dim=1, keepdim=True), x.max(dim=1, keepdim=True)
    chroma = high - low
    ahead = x.gather(1, (largest + 1) % 3) - x.gather(1, (largest + 2) % 3)
    sixths = 2 * largest + ahead / torch.where(chroma == 0, 1, chroma) + 6 * turn
    whole = sixths.floor()
    rise = chroma * (sixths - whole)
    levels = torch.cat([high, high - rise, low, low + rise], dim=1)
    which = torch.tensor([[0, 3, 2], [1, 0, 2], [2, 0, 3], [2, 1, 0], [3, 2, 0], [0, 2, 1]])
    chosen = which.to(x.device)[whole.nan_to_num().long().squeeze(1) % 6].movedim(-1, 1)
    return levels.gather(1, chosen)


def jitter(
    x: torch.Tensor,
    *,
    brightness: float = 0.0,
    contrast: float = 0.0,
    saturation: float = 0.0,
    hue: float = 0.0,
    rng: np.random.Generator,
) -> torch.Tensor:
    """Change all four at random, in random order, as torchvision's `ColorJitter` does.

    `ColorJitter` draws the amounts once a call, from PyTorch's own generator; here each picture
    has its own, from rng.

    x: (N, 3, H, W), values in [0, 1]; brightness, contrast, saturation ≥ 0; hue in [0, 0.5];
    rng draws. Returns out of the shape of x.
    Raises TypeError unless x is floats, the four are numbers and rng is a generator; ValueError
    for shapes, and values or amounts out of range.

    >>> x = torch.full((2, 3, 1, 1), 0.5)
    >>> jitter(x, brightness=0.4, rng=np.random.default_rng(0))[:, 0].flatten()
    tensor([0.3164, 0.3066])

    References: howard2013, krizhevsky2012
    """
    floats("jitter", x=x)
    _check.colors("jitter", x)
    ranges = []
    for name, b in (("brightness", brightness), ("contrast", contrast), ("saturation", saturation)):
        b = _check.in_range("jitter", name, b, "[0, inf)")
        ranges.append((max(0.0, 1 - b), 1 + b))
    hue = _check.in_range("jitter", "hue", hue, "[0, 0.5]")
    _check.generator("jitter", rng)
    order = rng.permutation(4)
    draws = [rng.uniform(low, high, len(x)) for low, high in (*ranges, (-hue, hue))]
    for change in order:
        x = _CHANGES[change](x, draws[change])
    return x


def pca_jitter(
    x: torch.Tensor, covariance: torch.Tensor, *, std: float = 0.1, rng: np.random.Generator
) -> torch.Tensor:
    """Add to each picture a color of its own, covariance · ε with ε ~ N(0, std²): AlexNet's noise.

    x: (N, 3, H, W), of any mean and scale; covariance: (3, 3), of red, green and blue over all
    pixels of the training set; std ≥ 0; rng draws. Returns out of the shape of x, not clipped.
    Raises TypeError unless tensors are floats, std a number and rng a generator; ValueError for
    shapes, ranges, and a covariance that is not symmetric.

    >>> x, covariance = torch.zeros(1, 3, 1, 1), torch.diag(torch.tensor([0.2, 0.02, 0.004]))
    >>> pca_jitter(x, covariance, rng=np.random.default_rng(0)).flatten()
    tensor([ 0.0025, -0.0003,  0.0003])

    References: krizhevsky2012
    """
    floats("pca_jitter", x=x, covariance=covariance)
    _check.pictures("pca_jitter", x, channels=3)
    _check.shape("pca_jitter", "covariance", covariance, (3, 3))
    _check.symmetric("pca_jitter", "covariance", covariance)
    std = _check.in_range("pca_jitter", "std", std, "[0, inf)")
    _check.generator("pca_jitter", rng)
    noise = torch.from_numpy(rng.normal(0, std, (len(x), 3))).to(x)
    return x + F.linear(noise, covariance.to(x))[:, :, None, None]


# By the names of the functions above: in `jitter` they are numbers.
_CHANGES = (
    lambda x, factor: brightness(x, factor=factor),
    lambda x, factor: contrast(x, factor=factor),
    lambda x, factor: saturation(x, factor=factor),
    lambda x, shift: hue(x, shift=shift),
)


def _amounts(op: str, name: str, x, amount, interval: str) -> np.ndarray:
    """Check the arguments; return one amount for each picture."""
    floats(op, x=x)
    _check.colors(op, x)
    return one_each(op, name, amount, len(x), interval)
