"""Preprocessing: move, scale and turn the data before the network sees them.

Every method has two parts, and they are two functions. One looks at the training set and returns
its statistics; the other applies statistics to any data, and computes none. So the test set is
treated exactly as the training set was, and tells the network nothing about itself:

    mean, std = standardizer(x_train)
    x_train = standardize(x_train, mean, std)
    x_test = standardize(x_test, mean, std)

Statistics are summed in float64, and divide by N.
"""

import numpy as np

from coursekit.numpy_ref import _check, _statistics


def mean_image(x_train: np.ndarray) -> np.ndarray:
    """The mean picture, a mean for every pixel of every channel: AlexNet subtracts it.

    x_train: (N, C, H, W), N ≥ 1. Returns mean: (C, H, W), for `center`.
    Raises TypeError if x_train is not floats, ValueError for other shapes and no pictures.

    >>> mean_image(np.array([[[[1.0, 2.0]]], [[[3.0, 8.0]]]]))
    array([[[2., 5.]]])

    References: krizhevsky2012
    """
    _check.floats("mean_image", x_train=x_train)
    _statistics.training_pictures("mean_image", x_train)
    return x_train.mean(axis=0, dtype=np.float64).astype(x_train.dtype)


def channel_mean(x_train: np.ndarray) -> np.ndarray:
    """The mean color, one number a channel: VGG subtracts it.

    Three numbers instead of a picture: they fit pictures of every size.

    x_train: (N, C, H, W), N ≥ 1. Returns mean: (C,), for `center`.
    Raises TypeError if x_train is not floats, ValueError for other shapes and no pictures.

    >>> channel_mean(np.array([[[[1.0, 2.0]]], [[[3.0, 8.0]]]]))
    array([3.5])

    References: simonyan2015
    """
    _check.floats("channel_mean", x_train=x_train)
    _statistics.training_pictures("channel_mean", x_train)
    return x_train.mean(axis=(0, 2, 3), dtype=np.float64).astype(x_train.dtype)


def center(x: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Subtract a mean: out = x − mean.

    Data that are all positive drive all weights of a neuron in the same direction, up or down.

    x: (N, D) or (N, C, H, W); mean, of the training set: the shape of one sample, or (C,).
    Returns out of the shape of x.
    Raises TypeError for arrays that are not floats, ValueError for shapes that do not fit.

    >>> center(np.array([[1.0, 2.0]]), np.array([1.0, 4.0]))
    array([[ 0., -2.]])

    References: lecun2012
    """
    _check.floats("center", x=x, mean=mean)
    return x - _statistics.for_each_sample("center", x, "mean", mean)


def standardizer(x_train: np.ndarray, *, eps: float = 1e-6) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the standard deviation of every feature, for `standardize`.

        mean = Σₙ xₙ / N,    std = √(Σₙ (xₙ − mean)² / N) + ε

    ε is there for features that never change: they become 0, up to rounding, and not 0/0.

    x_train: (N, ...), one sample or more; ε > 0. Returns mean and std, of the shape of a sample.
    Raises TypeError if x_train is not floats, ValueError for other shapes, no samples, or ε.

    >>> mean, std = standardizer(np.array([[1.0, 5.0], [3.0, 5.0]]))
    >>> mean, std
    (array([2., 5.]), array([1.000001e+00, 1.000000e-06]))

    References: lecun2012
    """
    _check.floats("standardizer", x_train=x_train)
    _statistics.training_samples("standardizer", x_train)
    return _mean_std("standardizer", x_train, (0,), eps)


def channel_mean_std(x_train: np.ndarray, *, eps: float = 1e-6) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the standard deviation of every channel, for `standardize`: the usual choice.

    A pixel at the border then keeps its smaller spread, which a deviation for every pixel hides.

    x_train: (N, C, H, W), N ≥ 1; ε > 0, added to std. Returns mean: (C,), and std: (C,).
    Raises TypeError if x_train is not floats, ValueError for other shapes, no pictures, or ε.

    >>> mean, std = channel_mean_std(np.array([[[[1.0, 3.0]]], [[[1.0, 3.0]]]]))
    >>> mean, std
    (array([2.]), array([1.000001]))

    References: lecun2012
    """
    _check.floats("channel_mean_std", x_train=x_train)
    _statistics.training_pictures("channel_mean_std", x_train)
    return _mean_std("channel_mean_std", x_train, (0, 2, 3), eps)


def standardize(x: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Move and scale: out = (x − mean) / std, with the mean and std of the training set.

    A feature counted in grams no longer outweighs one counted in tons, and one learning rate fits
    all. The training set gets mean 0 and deviation 1; another set nearly.

    x: (N, D) or (N, C, H, W); mean; std > 0: each the shape of one sample, or (C,).
    Returns out of the shape of x.
    Raises TypeError for arrays that are not floats, ValueError for shapes that do not fit and for
    an std that is not positive.

    >>> standardize(np.array([[1.0, 2.0]]), np.array([0.0, 4.0]), np.array([2.0, 0.5]))
    array([[ 0.5, -4. ]])

    References: lecun2012
    """
    _check.floats("standardize", x=x, mean=mean, std=std)
    _statistics.positive("standardize", std)
    mean = _statistics.for_each_sample("standardize", x, "mean", mean)
    return (x - mean) / _statistics.for_each_sample("standardize", x, "std", std)


def pca(
    x_train: np.ndarray, *, components: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The principal axes: where the data vary most, each at right angles to those before it.

    They are the eigenvectors of the covariance XᵀX / N of the centered data X = x_train − mean,
    the variances its eigenvalues. The singular value decomposition X = U S V gives both without
    forming XᵀX: the axes are the rows of V, the variances S² / N.

    With an axis its opposite is one too. Ours are those whose largest coordinate, of either sign,
    is positive (the first of them if several are equally large, to 0.1%).

    x_train: (N, D), N ≥ 2; components: K, how many axes, at most min(N − 1, D), which is the
    default: N points span N − 1 directions.
    Returns mean: (D,), axes: (K, D), unit rows, and variances: (K,), from the largest down.
    Raises TypeError if x_train is not floats or K no whole number, ValueError for other shapes,
    N < 2, K out of range, and values that are not finite.

    >>> mean, axes, variances = pca(np.array([[0.0, 0.0], [3.0, -4.0], [6.0, -8.0]]), components=1)
    >>> mean, axes.round(6), variances.round(3)
    (array([ 3., -4.]), array([[-0.6,  0.8]]), array([16.667]))

    References: pearson1901
    """
    _check.floats("pca", x_train=x_train)
    components = _statistics.components("pca", x_train, components)
    mean = x_train.mean(axis=0, dtype=np.float64)
    _, s, axes = np.linalg.svd(x_train - mean, full_matrices=False)
    axes = _with_sign(axes[:components])
    variances = s[:components] ** 2 / len(x_train)
    dtype = x_train.dtype
    return mean.astype(dtype), axes.astype(dtype), variances.astype(dtype)


def pca_transform(x: np.ndarray, mean: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """The coordinates of x along principal axes: out = (x − mean) axesᵀ.

    Those of the training set are uncorrelated; the few that vary most often say nearly all.

    x: (N, D); mean: (D,); axes: (K, D), the last two from `pca`. Returns out: (N, K).
    Raises TypeError for arrays that are not floats, ValueError for shapes that do not fit.

    >>> pca_transform(np.array([[6.0, -8.0]]), np.array([3.0, -4.0]), np.array([[-0.6, 0.8]]))
    array([[-5.]])

    References: pearson1901
    """
    _check.floats("pca_transform", x=x, mean=mean, axes=axes)
    _statistics.fitting_axes("pca_transform", mean, axes, "x", x, "D")
    return (x - mean) @ axes.T


def pca_reconstruct(z: np.ndarray, mean: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Back from coordinates to data: out = z axes + mean, the nearest point to x on the axes.

    What is lost are the axes left out. With all D axes nothing is.

    z: (N, K), from `pca_transform`; mean: (D,); axes: (K, D). Returns out: (N, D).
    Raises TypeError for arrays that are not floats, ValueError for shapes that do not fit.

    >>> pca_reconstruct(np.array([[-5.0]]), np.array([3.0, -4.0]), np.array([[-0.6, 0.8]]))
    array([[ 6., -8.]])

    References: pearson1901
    """
    _check.floats("pca_reconstruct", z=z, mean=mean, axes=axes)
    _statistics.fitting_axes("pca_reconstruct", mean, axes, "z", z, "K")
    return z @ axes + mean


def whiten(
    x: np.ndarray,
    mean: np.ndarray,
    axes: np.ndarray,
    variances: np.ndarray,
    *,
    kind: str = "pca",
    eps: float = 1e-5,
) -> np.ndarray:
    """Turn the data to their principal axes and give each the variance 1: the cloud becomes a ball.

        "pca":  out = (x − mean) axesᵀ / √(variances + ε)
        "zca":  the same, turned back: out · axes. Of all ways to whiten, it changes x least.

    ε keeps axes of nearly no variance, which are noise, from being blown up.

    x: (N, D); mean: (D,); axes: (K, D); variances ≥ 0: (K,), the last three from `pca`; ε > 0.
    Returns out: (N, K) for "pca", (N, D) for "zca", which still looks like a picture.
    Raises TypeError for arrays that are not floats, ValueError for shapes that do not fit, a
    negative variance, another kind, or ε.

    >>> mean, axes, variances = np.zeros(2), np.array([[-0.6, 0.8]]), np.array([25.0])
    >>> whiten(np.array([[6.0, -8.0]]), mean, axes, variances).round(4)
    array([[-2.]])
    >>> whiten(np.array([[6.0, -8.0]]), mean, axes, variances, kind="zca").round(4)
    array([[ 1.2, -1.6]])

    References: bell1997
    """
    _check.floats("whiten", x=x, mean=mean, axes=axes, variances=variances)
    _statistics.fitting_axes("whiten", mean, axes, "x", x, "D")
    _statistics.whitening("whiten", axes, variances, kind)
    eps = _check.in_range("whiten", "eps", eps, "(0, inf)")
    out = (x - mean) @ axes.T / np.sqrt(variances + eps)
    return out @ axes if kind == "zca" else out


def _mean_std(op: str, x_train, axis: tuple[int, ...], eps: float) -> tuple[np.ndarray, np.ndarray]:
    """The mean, and the standard deviation plus ε, over some axes."""
    eps = _check.in_range(op, "eps", eps, "(0, inf)")
    mean = x_train.mean(axis=axis, dtype=np.float64)
    std = x_train.std(axis=axis, dtype=np.float64) + eps
    return mean.astype(x_train.dtype), std.astype(x_train.dtype)


def _with_sign(axes: np.ndarray) -> np.ndarray:
    """Turn each axis so that the first of its largest coordinates is positive."""
    size = np.abs(axes)
    first = np.argmax(size > 0.999 * size.max(axis=1, keepdims=True), axis=1)
    return axes * np.sign(axes[np.arange(len(axes)), first])[:, None]
