"""Losses, by PyTorch."""

import torch
import torch.nn.functional as F

from coursekit.numpy_ref import _check
from coursekit.torch_ref._check import floats


def squared_error(scores: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Half the squared distance, as a mean over the batch: `torch.nn.functional.mse_loss` · K/2.

    scores, y: (N, K), at least one value. Returns loss: ().
    Raises TypeError unless both are floats, ValueError for shapes and an empty batch.

    >>> squared_error(torch.tensor([[1.0, 5.0]]), torch.tensor([[0.0, 2.0]]))
    tensor(5.)

    References: paszke2019
    """
    floats("squared_error", scores=scores, y=y)
    n, k = _check.batch_of_scores("squared_error", scores)
    _check.shape("squared_error", "y", y, (n, k))
    return F.mse_loss(scores, y) * (k / 2)


def multiclass_svm(scores: torch.Tensor, y: torch.Tensor, *, margin: float = 1.0) -> torch.Tensor:
    """The hinge loss, a sum over classes: `torch.nn.functional.multi_margin_loss` · K.

    scores: (N, K), at least one row; y: (N,), integers 0 ... K − 1; margin ≥ 0, finite.
    Returns loss: (). Raises TypeError unless scores are floats and y integers, ValueError for
    shapes, an empty batch, and labels or margin out of range.

    >>> multiclass_svm(torch.tensor([[3.0, 2.5, 1.0]]), torch.tensor([0]))
    tensor(0.5000)

    References: paszke2019
    """
    floats("multiclass_svm", scores=scores)
    n, k = _check.batch_of_scores("multiclass_svm", scores)
    _check.labels("multiclass_svm", y, n, k)
    margin = _check.in_range("multiclass_svm", "margin", margin, "[0, inf)")
    return F.multi_margin_loss(scores, y.long(), margin=margin) * k


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
    n, k = _check.batch_of_scores("softmax_cross_entropy", scores)
    _check.labels("softmax_cross_entropy", y, n, k)
    epsilon = _check.in_range("softmax_cross_entropy", "label_smoothing", label_smoothing, "[0, 1]")
    return F.cross_entropy(scores, y.long(), label_smoothing=epsilon)


def soft_cross_entropy(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The cross-entropy for labels that are shares: `torch.nn.functional.cross_entropy` too.

    scores: (N, K), at least one row; targets: (N, K), rows ≥ 0 that sum to 1. Returns loss: ().
    Raises TypeError unless both are floats, ValueError for shapes, an empty batch, and targets
    that are not shares.

    >>> soft_cross_entropy(torch.zeros(1, 2), torch.tensor([[0.75, 0.25]]))
    tensor(0.6931)

    References: zhang2018
    """
    floats("soft_cross_entropy", scores=scores, targets=targets)
    n, k = _check.batch_of_scores("soft_cross_entropy", scores)
    _check.shares("soft_cross_entropy", "targets", targets, (n, k))
    return F.cross_entropy(scores, targets)
