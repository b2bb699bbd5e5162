"""Dropout: in training, each value is set to 0 with probability p, anew for every call.

`p` is the probability of *dropping*; the value is kept with probability 1 − p.
All forms multiply by a mask, which is all the memory that the backward pass needs.
"""

from collections.abc import Callable

import numpy as np

from coursekit.numpy_ref import _check
from coursekit.numpy_ref.layers import Layer


def vanilla_dropout_forward(
    x: np.ndarray, *, p: float, training: bool, rng: np.random.Generator | None
) -> tuple[np.ndarray, np.ndarray]:
    """Dropout as first published: drop in training, scale by the *keep* probability at test.

        training:    out = x · mask,      mask = 0 with probability p, else 1
        evaluation:  out = x · (1 − p)

    In training a value has mean (1 − p)·x, so that is what evaluation must give.

    x: any shape; p in [0, 1); rng draws the mask (evaluation needs none: None will do).
    Returns out of the shape of x, and cache for `vanilla_dropout_backward`.
    Raises TypeError if x is not floats, training no bool or rng no generator; ValueError for p.

    >>> out, cache = vanilla_dropout_forward(np.ones(4), p=0.25, training=False, rng=None)
    >>> out
    array([0.75, 0.75, 0.75, 0.75])

    References: srivastava2014
    """
    p = _drop_probability("vanilla_dropout_forward", x, p, training, rng)
    mask = _kept(x, p, rng) if training else np.full_like(x, 1 - p)
    return x * mask, mask


def vanilla_dropout_backward(dout: np.ndarray, cache: np.ndarray) -> np.ndarray:
    """The gradient of `vanilla_dropout_forward`: dx = dout · mask, the same mask.

    dout: the upstream gradient, of the shape of x; cache: from `vanilla_dropout_forward`.
    Returns dx. Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> rng = np.random.default_rng(0)
    >>> out, cache = vanilla_dropout_forward(np.ones(4), p=0.25, training=True, rng=rng)
    >>> vanilla_dropout_backward(np.array([5.0, 6.0, 7.0, 8.0]), cache)
    array([5., 6., 0., 0.])

    References: srivastava2014
    """
    return _times_mask("vanilla_dropout_backward", dout, cache)


def dropout_forward(
    x: np.ndarray, *, p: float, training: bool, rng: np.random.Generator | None
) -> tuple[np.ndarray, np.ndarray]:
    """Inverted dropout, the form in use today: divide by the keep probability in training.

        training:    out = x · mask,   mask = 0 with probability p, else 1 / (1 − p)
        evaluation:  out = x

    A value's mean is x in training already, so evaluation has nothing to do: the network that is
    deployed does not know that dropout existed.

    x: any shape; p in [0, 1); rng draws the mask (evaluation needs none: None will do).
    Returns out of the shape of x, and cache for `dropout_backward`.
    Raises TypeError if x is not floats, training no bool or rng no generator; ValueError for p.

    >>> rng = np.random.default_rng(0)
    >>> out, cache = dropout_forward(np.ones(4), p=0.5, training=True, rng=rng)
    >>> out
    array([2., 0., 0., 0.])

    References: srivastava2014
    """
    p = _drop_probability("dropout_forward", x, p, training, rng)
    mask = _kept(x, p, rng) / (1 - p) if training else np.ones_like(x)
    return x * mask, mask


def dropout_backward(dout: np.ndarray, cache: np.ndarray) -> np.ndarray:
    """The gradient of `dropout_forward`: dx = dout · mask, the same mask with its 1 / (1 − p).

    A new mask here would be the gradient of another network.

    dout: the upstream gradient, of the shape of x; cache: from `dropout_forward`.
    Returns dx. Raises TypeError if dout is not floats, ValueError if its shape is not that of x.

    >>> rng = np.random.default_rng(0)
    >>> out, cache = dropout_forward(np.ones(4), p=0.5, training=True, rng=rng)
    >>> dropout_backward(np.array([5.0, 6.0, 7.0, 8.0]), cache)
    array([10.,  0.,  0.,  0.])

    References: srivastava2014
    """
    return _times_mask("dropout_backward", dout, cache)


def mc_dropout_predict(
    forward: Callable[[np.ndarray, np.random.Generator], np.ndarray],
    x: np.ndarray,
    *,
    n_samples: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Monte-Carlo dropout: leave dropout on, predict many times, report the mean and the spread.

    Every pass is a vote of another thinned network; where they disagree, the model is unsure.

    forward: forward(x, rng) -> out, one pass with dropout in training mode; n_samples ≥ 1.
    Returns mean and std over the passes, of the shape of out; std divides by n_samples (ddof=0).
    Raises TypeError unless forward can be called and returns floats, ValueError for n_samples.

    >>> rng = np.random.default_rng(0)
    >>> def forward(x, rng):
    ...     return dropout_forward(x, p=0.5, training=True, rng=rng)[0]
    >>> mean, std = mc_dropout_predict(forward, np.ones(1), n_samples=10_000, rng=rng)
    >>> mean.round(1), std.round(1)
    (array([1.]), array([1.]))

    References: gal2016
    """
    _check.floats("mc_dropout_predict", x=x)
    _check.function("mc_dropout_predict", "forward", forward)
    n_samples = _check.count("mc_dropout_predict", "n_samples", n_samples)
    _check.generator("mc_dropout_predict", rng)
    samples = [forward(x, rng) for _ in range(n_samples)]
    _check.floats("mc_dropout_predict", **{"forward(x, rng)": samples[0]})
    return np.mean(samples, axis=0), np.std(samples, axis=0)


class Dropout(Layer):
    """Inverted dropout; `p` in [0, 1) is the probability of dropping.

    >>> Dropout(0.9).forward(np.ones((1, 3)), training=False, rng=None)
    array([[1., 1., 1.]])

    References: srivastava2014
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = _check.in_range("Dropout", "p", p, "[0, 1)")

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return x with values dropped, when training; else x."""
        out, self.cache = dropout_forward(x, p=self.p, training=training, rng=rng)
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx, through the mask of the last forward pass."""
        return dropout_backward(dout, self._cached())


def _drop_probability(op: str, x, p: float, training: bool, rng) -> float:
    """Check the arguments of a dropout; return p."""
    _check.floats(op, x=x)
    _check.flag(op, "training", training)
    if training:
        _check.generator(op, rng)
    return _check.in_range(op, "p", p, "[0, 1)")


def _kept(x: np.ndarray, p: float, rng) -> np.ndarray:
    """Draw 0 with probability p, else 1: one draw a value, the same for all float types."""
    return (rng.random(x.shape) >= p).astype(x.dtype)


def _times_mask(op: str, dout: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Multiply the upstream gradient by the mask of the forward pass."""
    _check.floats(op, dout=dout)
    _check.shape(op, "dout", dout, mask.shape)
    return dout * mask
