"""Losses: one number for how wrong the scores are, and its gradient."""

import numpy as np

from coursekit.numpy_ref import _check


def squared_error(scores: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Half the squared distance between scores and targets, as a mean over the batch.

        loss = 1/(2N) Σₙ ‖sₙ − yₙ‖²          dscores = (s − y) / N

    The half makes the gradient the plain difference. PyTorch's `mse_loss` has no half and divides
    by N·K, the number of values: it is this loss times 2/K.

    scores, y: (N, K), at least one value.
    Returns loss, a float, and dscores: (N, K).
    Raises TypeError unless both are floats, ValueError for shapes and an empty batch, which has
    no mean.

    >>> squared_error(np.array([[1.0, 5.0]]), np.array([[0.0, 2.0]]))
    (5.0, array([[1., 3.]]))

    References: goodfellow2016
    """
    _check.floats("squared_error", scores=scores, y=y)
    n, k = _check.batch_of_scores("squared_error", scores)
    _check.shape("squared_error", "y", y, (n, k))
    difference = scores - y
    return float(np.sum(difference**2) / (2 * n)), difference / n


def multiclass_svm(
    scores: np.ndarray, y: np.ndarray, *, margin: float = 1.0
) -> tuple[float, np.ndarray]:
    """The hinge loss: every wrong class should score at least `margin` Δ below the right one.

        loss = (1/N) Σₙ Σ_{k ≠ yₙ} max(0, sₙₖ − sₙ,yₙ + Δ)

    Each class that comes too close pulls its own score down by 1/N and pushes the right one up by
    as much. A sample that keeps all its distances has no gradient: it is good enough. PyTorch's
    `multi_margin_loss` also divides by K.

    scores: (N, K), at least one row; y: (N,), integers 0 ... K − 1; Δ ≥ 0, finite.
    Returns loss, a float, and dscores: (N, K); exactly at the distance Δ the slope is 0.
    Raises TypeError unless scores are floats and y integers, ValueError for shapes, an empty
    batch, and labels or Δ out of range.

    >>> loss, dscores = multiclass_svm(np.array([[3.0, 2.5, 1.0]]), np.array([0]))
    >>> loss, dscores
    (0.5, array([[-1.,  1.,  0.]]))

    References: weston1999
    """
    _check.floats("multiclass_svm", scores=scores)
    n, k = _check.batch_of_scores("multiclass_svm", scores)
    _check.labels("multiclass_svm", y, n, k)
    margin = _check.in_range("multiclass_svm", "margin", margin, "[0, inf)")
    rows = np.arange(n)
    too_close = np.maximum(scores - scores[rows, y][:, None] + margin, 0)
    too_close[rows, y] = 0
    dscores = (too_close > 0).astype(scores.dtype)
    dscores[rows, y] = -dscores.sum(axis=1)
    return float(too_close.sum() / n), dscores / n


def softmax_cross_entropy(
    scores: np.ndarray, y: np.ndarray, *, label_smoothing: float = 0.0
) -> tuple[float, np.ndarray]:
    """The mean cross-entropy between softmax(scores) and the labels.

        q = softmax(s)               qₖ = exp(sₖ) / Σⱼ exp(sⱼ)
        t = (1 − ε)·onehot(y) + ε/K
        loss = −(1/N) Σₙ Σₖ tₖ log qₖ          dscores = (q − t) / N

    The largest score is subtracted first: q does not change and exp cannot overflow.
    A score of −∞ rules a class out: its q is 0, and the loss is finite as long as t is 0 there.

    scores: (N, K), at least one row; y: (N,), integers 0 ... K − 1; label smoothing ε in [0, 1].
    Returns loss, a float, and dscores: (N, K).
    Raises TypeError unless scores are floats and y integers, ValueError for shapes, an empty
    batch (it has no mean), and labels or ε out of range.

    >>> loss, dscores = softmax_cross_entropy(np.zeros((1, 4)), np.array([2]))
    >>> round(loss, 4), dscores
    (1.3863, array([[ 0.25,  0.25, -0.75,  0.25]]))

    References: goodfellow2016, szegedy2016
    """
    _check.floats("softmax_cross_entropy", scores=scores)
    n, k = _check.batch_of_scores("softmax_cross_entropy", scores)
    _check.labels("softmax_cross_entropy", y, n, k)
    epsilon = _check.in_range("softmax_cross_entropy", "label_smoothing", label_smoothing, "[0, 1]")
    rows = np.arange(n)
    largest = scores[rows, scores.argmax(axis=1)]  # in short rows much faster than max
    shifted = scores - largest[:, None]
    right, mean = shifted[rows, y], shifted.mean(axis=1) if epsilon > 0 else 0.0
    dscores = np.exp(shifted, out=shifted)  # to fetch new memory would take as long as exp
    total = dscores @ np.ones(k, dscores.dtype)  # likewise, a product adds up faster than sum
    loss = (np.log(total) - (1 - epsilon) * right - epsilon * mean).sum() / n
    if epsilon > 0:
        dscores -= epsilon / k * total[:, None]
    dscores[rows, y] -= (1 - epsilon) * total
    dscores /= (n * total)[:, None]  # only now q − t, over N: one division for both
    return float(loss), dscores


def soft_cross_entropy(scores: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """The mean cross-entropy between softmax(scores) and labels that are shares, as of mixup.

        loss = −(1/N) Σₙ Σₖ tₖ log qₖ,   q = softmax(s)          dscores = (q − t) / N

    scores: (N, K), at least one row; targets t: (N, K), rows ≥ 0 that sum to 1.
    Returns loss, a float, and dscores: (N, K).
    Raises TypeError unless both are floats, ValueError for shapes, an empty batch, and targets
    that are not shares.

    >>> loss, dscores = soft_cross_entropy(np.zeros((1, 2)), np.array([[0.75, 0.25]]))
    >>> round(loss, 4), dscores
    (0.6931, array([[-0.25,  0.25]]))

    References: zhang2018
    """
    _check.floats("soft_cross_entropy", scores=scores, targets=targets)
    n, k = _check.batch_of_scores("soft_cross_entropy", scores)
    _check.shares("soft_cross_entropy", "targets", targets, (n, k))
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_q = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-(targets * log_q).sum() / n), (np.exp(log_q) - targets) / n
