"""Losses, by PyTorch."""

import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats


def softmax_cross_entropy(
    scores: torch.Tensor, y: torch.Tensor, *, label_smoothing: float = 0.0
) -> torch.Tensor:
    """The mean cross-entropy of softmax(scores): `torch.nn.functional.cross_entropy`.

    scores: (N, K), at least one row; y: (N,), integers 0 ... K − 1; label smoothing in [0, 1].
    Returns loss: (). Raises TypeError unless scores are floats and y integers, ValueError for
    shapes, an empty batch, and labels or smoothing out of range.

    >>> softmax_cross_entropy(torch.zeros(1, 4), torch.tensor([2]))
    tensor(1.3863)

    References: paszke2019
    """
    floats("softmax_cross_entropy", scores=scores)
    _check.shape("softmax_cross_entropy", "scores", scores, ("N", "K"))
    _check.not_empty("softmax_cross_entropy", "scores", scores)
    _check.labels("softmax_cross_entropy", y, *scores.shape)
    epsilon = _check.in_range("softmax_cross_entropy", "label_smoothing", label_smoothing, "[0, 1]")
    return F.cross_entropy(scores, y.long(), label_smoothing=epsilon)
