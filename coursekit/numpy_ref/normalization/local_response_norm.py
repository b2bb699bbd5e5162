"""Local response normalization: a strong response quietens its neighbours. AlexNet used it."""

import numpy as np

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.layers import Layer

Cache = tuple


def local_response_norm_forward(
    x: np.ndarray, *, n: int, k: float, alpha: float, beta: float, across: str = "channels"
) -> tuple[np.ndarray, Cache]:
    """Local response normalization: out = x / (k + α Σ x²)^β, the sum over n neighbours.

        across="channels"   the sum over n channels, at the same position
        across="space"      the sum over n × n positions, in the same channel

    The value itself is in the middle; at the border the neighbourhood is cut. AlexNet has n = 5,
    k = 2, α = 10⁻⁴, β = 0.75, across channels. As in its paper, α multiplies the sum: PyTorch,
    which multiplies the *mean* by its alpha, needs alpha = α n to give the same.

    x: (N, C, H, W); n odd, ≥ 1; k ≥ 0; alpha ≥ 0; beta ≥ 0.
    Returns out, laid out in memory as x is, and cache for `local_response_norm_backward`.
    An empty batch gives an empty out.
    Raises TypeError for wrong types; ValueError for shapes and ranges, where k + α Σ x² is 0 (as
    for a neighbourhood of zeros if k = 0), and where it overflows.

    >>> x = np.array([2.0, 1.0, 2.0]).reshape(1, 3, 1, 1)
    >>> out, cache = local_response_norm_forward(x, n=3, k=0, alpha=1, beta=1)
    >>> out[0, 1, 0, 0] == 1 / (0 + 4 + 1 + 4)
    np.True_

    References: krizhevsky2012
    """
    op = "local_response_norm_forward"
    _check.floats(op, x=x)
    _check.pictures(op, x)
    n, k, alpha, beta = _check_settings(op, "n", n, k, alpha, beta)
    _check.choice(op, "across", across, ("channels", "space"))
    axes = (1,) if across == "channels" else (2, 3)
    with np.errstate(over="ignore"):
        base = _window_sums(np.square(x), n, axes)
        base *= alpha
        base += k
    _refuse_zero_and_infinity(op, base)
    scale = _inverse_power(base, beta)
    return x * scale, (x, base, scale, n, alpha, beta, axes)


def local_response_norm_backward(dout: np.ndarray, cache: Cache) -> np.ndarray:
    """The gradient of `local_response_norm_forward`: with base = k + α Σ x²,

        dx = dout · base^−β − 2αβ x Σ (dout · x · base^(−β−1))

    The first term is what x does to its own out; the second, over the same neighbours, what it
    does to theirs, through the sums that it is in.

    dout: the upstream gradient, of the shape of x; cache: from `local_response_norm_forward`.
    Returns dx. Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> x = np.array([2.0, 1.0, 2.0]).reshape(1, 3, 1, 1)
    >>> out, cache = local_response_norm_forward(x, n=1, k=1, alpha=1, beta=1)
    >>> local_response_norm_backward(np.ones((1, 3, 1, 1)), cache).ravel()  # (1 − x²) / (1 + x²)²
    array([-0.12,  0.  , -0.12])

    References: krizhevsky2012
    """
    x, base, scale, n, alpha, beta, axes = cache
    _check.floats("local_response_norm_backward", dout=dout)
    _check.shape("local_response_norm_backward", "dout", dout, x.shape)
    dx = dout * scale
    to_neighbours = dx * x
    to_neighbours /= base
    sums = _window_sums(to_neighbours, n, axes)
    sums *= x
    sums *= 2 * alpha * beta
    dx -= sums
    return dx


class LocalResponseNorm(Layer):
    """Local response normalization across `size` channels; it has no parameters.

    The arguments are PyTorch's, so `alpha` is divided by `size` before it multiplies the sum:
    AlexNet is LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2).

    >>> x = np.array([2.0, 1.0, 2.0]).reshape(1, 3, 1, 1)
    >>> layer = LocalResponseNorm(3, alpha=3.0, beta=1.0, k=0.0)
    >>> layer.forward(x, training=True, rng=None)[0, 1, 0, 0] == 1 / 9
    np.True_

    References: krizhevsky2012
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        size, k, alpha, beta = _check_settings("LocalResponseNorm", "size", size, k, alpha, beta)
        self.settings = {"n": size, "k": k, "alpha": alpha / size, "beta": beta}

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Normalize x; training and rng make no difference."""
        out, self.cache = local_response_norm_forward(x, **self.settings)
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx."""
        return local_response_norm_backward(dout, self._cached())


def _check_settings(
    op: str, name: str, n: object, k: object, alpha: object, beta: object
) -> tuple[int, float, float, float]:
    """Check the numbers; `name` is what the caller knows the size of the neighbourhood by."""
    n = _check.count(op, name, n)
    if n % 2 == 0:
        wrong = f"{name} is even, so no value is in the middle"
        raise ValueError(_check.message(op, wrong, f"an odd {name}", n))
    k = _check.in_range(op, "k", k, "[0, inf)")
    alpha = _check.in_range(op, "alpha", alpha, "[0, inf)")
    return n, k, alpha, _check.in_range(op, "beta", beta, "[0, inf)")


def _refuse_zero_and_infinity(op: str, base: np.ndarray) -> None:
    """Raise ValueError where out would be 0 / 0, or 0 only because a square was too large."""
    if base.min(initial=1) == 0:
        wrong, hint = "k + alpha Σ x² is 0 somewhere", "Try k = 1."
        raise ValueError(_check.message(op, wrong, "more than 0", 0, hint))
    if base.max(initial=0) == np.inf:
        wrong, expected = f"k + alpha Σ x² overflows {base.dtype}", "a number"
        raise ValueError(_check.message(op, wrong, expected, "inf"))


def _window_sums(a: np.ndarray, n: int, axes: tuple[int, ...]) -> np.ndarray:
    """Sum each value's n neighbours (itself in the middle) along one axis after the other.

    A sum along H of sums along W is the sum over the n × n window.
    """
    for axis in axes:
        a = np.moveaxis(a, axis, 0)
        total = a.copy(order="K")
        for shift in range(1, n // 2 + 1):
            total[shift:] += a[:-shift]
            total[:-shift] += a[shift:]
        a = np.moveaxis(total, 0, axis)
    return a


def _inverse_power(base: np.ndarray, beta: float) -> np.ndarray:
    """Return base^−β; roots are many times faster than powers, and AlexNet's β = 3/4 is two."""
    if beta == 0.75:
        root = 1 / np.sqrt(base)
        return root * np.sqrt(root)
    return base**-beta
