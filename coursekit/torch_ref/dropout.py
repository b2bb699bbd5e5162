"""Dropout, by PyTorch, with masks drawn by NumPy: the same rng gives the same mask as `numpy_ref`.

`p` is the probability of *dropping*.
"""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats


def vanilla_dropout_forward(
    x: torch.Tensor, *, p: float, training: bool, rng: np.random.Generator | None
) -> torch.Tensor:
    """Dropout as first published: drop in training, scale by 1 − p in evaluation.

    x: any shape; p in [0, 1); rng draws the mask (evaluation needs none). Returns out.
    Raises TypeError if x is not floats, training no bool or rng no generator; ValueError for p.

    >>> vanilla_dropout_forward(torch.ones(2), p=0.25, training=False, rng=None)
    tensor([0.7500, 0.7500])

    References: srivastava2014
    """
    p = _drop_probability("vanilla_dropout_forward", x, p, training, rng)
    return x * _kept(x, p, rng) if training else x * (1 - p)


def dropout_forward(
    x: torch.Tensor, *, p: float, training: bool, rng: np.random.Generator | None
) -> torch.Tensor:
    """Inverted dropout: drop and divide by 1 − p in training, nothing in evaluation.

    `torch.nn.functional.dropout` draws from PyTorch's own generator, so it serves evaluation only.

    x: any shape; p in [0, 1); rng draws the mask (evaluation needs none). Returns out.
    Raises TypeError if x is not floats, training no bool or rng no generator; ValueError for p.

    >>> rng = np.random.default_rng(0)
    >>> dropout_forward(torch.ones(4), p=0.5, training=True, rng=rng)
    tensor([2., 0., 0., 0.])

    References: srivastava2014
    """
    p = _drop_probability("dropout_forward", x, p, training, rng)
    return x * _kept(x, p, rng) / (1 - p) if training else F.dropout(x, p, training=False)


def mc_dropout_predict(
    forward: Callable[[torch.Tensor, np.random.Generator], torch.Tensor],
    x: torch.Tensor,
    *,
    n_samples: int,
    rng: np.random.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Monte-Carlo dropout: the mean and the spread of many passes with dropout left on.

    forward: forward(x, rng) -> out, one pass with dropout in training mode; n_samples ≥ 1.
    Returns mean and std (over n_samples, no correction), of the shape of out.
    Raises TypeError unless forward can be called and returns floats, ValueError for n_samples.

    >>> rng = np.random.default_rng(0)
    >>> def forward(x, rng):
    ...     return dropout_forward(x, p=0.5, training=True, rng=rng)
    >>> mean, std = mc_dropout_predict(forward, torch.ones(1), n_samples=10_000, rng=rng)
    >>> mean.round(decimals=1), std.round(decimals=1)
    (tensor([1.]), tensor([1.]))

    References: gal2016
    """
    floats("mc_dropout_predict", x=x)
    _check.function("mc_dropout_predict", "forward", forward)
    n_samples = _check.count("mc_dropout_predict", "n_samples", n_samples)
    _check.generator("mc_dropout_predict", rng)
    samples = [forward(x, rng) for _ in range(n_samples)]
    floats("mc_dropout_predict", **{"forward(x, rng)": samples[0]})
    stacked = torch.stack(samples)
    mean = stacked.mean(dim=0)
    return mean, (stacked - mean).square().mean(dim=0).sqrt()  # Tensor.std warns on no values


def _drop_probability(op: str, x, p: float, training: bool, rng) -> float:
    """Check the arguments of a dropout; return p."""
    floats(op, x=x)
    _check.flag(op, "training", training)
    if training:
        _check.generator(op, rng)
    return _check.in_range(op, "p", p, "[0, 1)")


def _kept(x: torch.Tensor, p: float, rng) -> torch.Tensor:
    """Draw false with probability p, else true."""
    return torch.from_numpy(rng.random(tuple(x.shape)) >= p).to(x.device)
