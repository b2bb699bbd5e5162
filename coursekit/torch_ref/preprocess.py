"""Preprocessing, by PyTorch: statistics of the training set, and functions that apply them.

Statistics are summed in float64, and divide by N.
"""

import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check, _statistics
from coursekit.torch_ref._check import floats


def mean_image(x_train: torch.Tensor) -> torch.Tensor:
    """The mean picture.

    x_train: (N, C, H, W), N ≥ 1. Returns mean: (C, H, W), for `center`.
    Raises TypeError if x_train is not floats, ValueError for other shapes and no pictures.

    >>> mean_image(torch.tensor([[[[1.0, 2.0]]], [[[3.0, 8.0]]]]))
    tensor([[[2., 5.]]])

    References: krizhevsky2012
    """
    floats("mean_image", x_train=x_train)
    _statistics.training_pictures("mean_image", x_train)
    return x_train.mean(dim=0, dtype=torch.float64).to(x_train.dtype)


def channel_mean(x_train: torch.Tensor) -> torch.Tensor:
    """The mean color, one number a channel.

    x_train: (N, C, H, W), N ≥ 1. Returns mean: (C,), for `center`.
    Raises TypeError if x_train is not floats, ValueError for other shapes and no pictures.

    >>> channel_mean(torch.tensor([[[[1.0, 2.0]]], [[[3.0, 8.0]]]]))
    tensor([3.5000])

    References: simonyan2015
    """
    floats("channel_mean", x_train=x_train)
    _statistics.training_pictures("channel_mean", x_train)
    return x_train.mean(dim=(0, 2, 3), dtype=torch.float64).to(x_train.dtype)


def center(x: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
    """Subtract a mean: out = x − mean.

    x: (N, D) or (N, C, H, W); mean, of the training set: the shape of one sample, or (C,).
    Returns out of the shape of x.
    Raises TypeError for tensors that are not floats, ValueError for shapes that do not fit.

    >>> center(torch.tensor([[1.0, 2.0]]), torch.tensor([1.0, 4.0]))
    tensor([[ 0., -2.]])

    References: lecun2012
    """
    floats("center", x=x, mean=mean)
    return x - _statistics.for_each_sample("center", x, "mean", mean)


def standardizer(x_train: torch.Tensor, *, eps: float = 1e-6) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean and the standard deviation of every feature, by `torch.std_mean`.

    x_train: (N, ...), one sample or more; ε > 0, added to std.
    Returns mean and std, of the shape of a sample.
    Raises TypeError if x_train is not floats, ValueError for other shapes, no samples, or ε.

    >>> standardizer(torch.tensor([[1.0], [3.0]]))[0]
    tensor([2.])

    References: lecun2012
    """
    floats("standardizer", x_train=x_train)
    _statistics.training_samples("standardizer", x_train)
    return _mean_std("standardizer", x_train, (0,), eps)


def channel_mean_std(
    x_train: torch.Tensor, *, eps: float = 1e-6
) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean and the standard deviation of every channel, by `torch.std_mean`.

    x_train: (N, C, H, W), N ≥ 1; ε > 0, added to std. Returns mean: (C,), and std: (C,).
    Raises TypeError if x_train is not floats, ValueError for other shapes, no pictures, or ε.

    >>> channel_mean_std(torch.tensor([[[[1.0, 3.0]]], [[[1.0, 3.0]]]]))
    (tensor([2.]), tensor([1.0000]))

    References: lecun2012
    """
    floats("channel_mean_std", x_train=x_train)
    _statistics.training_pictures("channel_mean_std", x_train)
    return _mean_std("channel_mean_std", x_train, (0, 2, 3), eps)


def standardize(x: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """Move and scale: (x − mean) / std, as torchvision's `Normalize` does for channels.

    x: (N, D) or (N, C, H, W); mean; std > 0: each the shape of one sample, or (C,).
    Returns out of the shape of x.
    Raises TypeError for tensors that are not floats, ValueError for shapes that do not fit and for
    an std that is not positive.

    >>> standardize(torch.tensor([[1.0, 2.0]]), torch.tensor([0.0, 4.0]), torch.tensor([2.0, 0.5]))
    tensor([[ 0.5000, -4.0000]])

    References: lecun2012
    """
    floats("standardize", x=x, mean=mean, std=std)
    _statistics.positive("standardize", std)
    mean = _statistics.for_each_sample("standardize", x, "mean", mean)
    std = _statistics.for_each_sample("standardize", x, "std", std)
    return x.sub(mean).div(std)


def pca(
    x_train: torch.Tensor, *, components: int | None = None
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The principal axes, by `torch.linalg.eigh` of the covariance matrix, in float64.

    The largest coordinate of each axis, of either sign, is positive (the first of them if several
    are equally large, to 0.1%).

    x_train: (N, D), N ≥ 2; components: K, how many axes, at most min(N − 1, D), the default.
    Returns mean: (D,), axes: (K, D), unit rows, and variances: (K,), from the largest down.
    Raises TypeError if x_train is not floats or K no whole number, ValueError for other shapes,
    N < 2, K out of range, and values that are not finite.

    >>> x_train = torch.tensor([[0.0, 0.0], [3.0, -4.0], [6.0, -8.0]])
    >>> pca(x_train, components=1)
    (tensor([ 3., -4.]), tensor([[-0.6000,  0.8000]]), tensor([16.6667]))

    References: pearson1901
    """
    floats("pca", x_train=x_train)
    components = _statistics.components("pca", x_train, components)
    x = x_train.double()
    mean = x.mean(dim=0)
    variances, vectors = torch.linalg.eigh((x - mean).T @ (x - mean) / len(x))  # smallest first
    axes = vectors.T.flip(0)[:components]
    variances = variances.flip(0)[:components].clamp(min=0)  # rounding: −1e-17 is 0
    return mean.to(x_train), (axes * _signs(axes)).to(x_train), variances.to(x_train)


def pca_transform(x: torch.Tensor, mean: torch.Tensor, axes: torch.Tensor) -> torch.Tensor:
    """The coordinates of x along principal axes: out = (x − mean) axesᵀ.

    x: (N, D); mean: (D,); axes: (K, D). Returns out: (N, K).
    Raises TypeError for tensors that are not floats, ValueError for shapes that do not fit.

    >>> x, mean = torch.tensor([[6.0, -8.0]]), torch.tensor([3.0, -4.0])
    >>> pca_transform(x, mean, torch.tensor([[-0.6, 0.8]]))
    tensor([[-5.]])

    References: pearson1901
    """
    floats("pca_transform", x=x, mean=mean, axes=axes)
    _statistics.fitting_axes("pca_transform", mean, axes, "x", x, "D")
    return F.linear(x - mean, axes)


def pca_reconstruct(z: torch.Tensor, mean: torch.Tensor, axes: torch.Tensor) -> torch.Tensor:
    """Back from coordinates to data: out = z axes + mean.

    z: (N, K); mean: (D,); axes: (K, D). Returns out: (N, D).
    Raises TypeError for tensors that are not floats, ValueError for shapes that do not fit.

    >>> z, mean = torch.tensor([[-5.0]]), torch.tensor([3.0, -4.0])
    >>> pca_reconstruct(z, mean, torch.tensor([[-0.6, 0.8]]))
    tensor([[ 6., -8.]])

    References: pearson1901
    """
    floats("pca_reconstruct", z=z, mean=mean, axes=axes)
    _statistics.fitting_axes("pca_reconstruct", mean, axes, "z", z, "K")
    return torch.addmm(mean, z, axes)


def whiten(
    x: torch.Tensor,
    mean: torch.Tensor,
    axes: torch.Tensor,
    variances: torch.Tensor,
    *,
    kind: str = "pca",
    eps: float = 1e-5,
) -> torch.Tensor:
    """Give every principal axis the variance 1, by one matrix: out = (x − mean) W.

    W = axesᵀ diag(1 / √(variances + ε)) for "pca", and that times axes, symmetric, for "zca".

    x: (N, D); mean: (D,); axes: (K, D); variances ≥ 0: (K,), the last three from `pca`; ε > 0.
    Returns out: (N, K) for "pca", (N, D) for "zca".
    Raises TypeError for tensors that are not floats, ValueError for shapes that do not fit, a
    negative variance, another kind, or ε.

    >>> x, mean, axes = torch.tensor([[6.0, -8.0]]), torch.zeros(2), torch.tensor([[-0.6, 0.8]])
    >>> whiten(x, mean, axes, torch.tensor([25.0]))
    tensor([[-2.0000]])

    References: bell1997
    """
    floats("whiten", x=x, mean=mean, axes=axes, variances=variances)
    _statistics.fitting_axes("whiten", mean, axes, "x", x, "D")
    _statistics.whitening("whiten", axes, variances, kind)
    eps = _check.in_range("whiten", "eps", eps, "(0, inf)")
    w = axes.T * (variances + eps).rsqrt()
    return (x - mean) @ (w if kind == "pca" else w @ axes)


def _mean_std(op: str, x_train, dim: tuple[int, ...], eps: float):
    """The mean, and the standard deviation plus ε, over some axes."""
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    std, mean = torch.std_mean(x_train.double(), dim=dim, correction=0)
    return mean.to(x_train), (std + eps).to(x_train)


def _signs(axes: torch.Tensor) -> torch.Tensor:
    """The sign of the first of the largest coordinates of each axis."""
    size = axes.abs()
    first = (size > 0.999 * size.amax(dim=1, keepdim=True)).int().argmax(dim=1, keepdim=True)
    return axes.gather(1, first).sign()
