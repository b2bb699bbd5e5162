"""Losses: one number for how wrong the scores are, and its gradient."""

import numpy as np

from coursekit.numpy_ref import _check


def softmax_cross_entropy(
    scores: np.ndarray, y: np.ndarray, *, label_smoothing: float = 0.0
) -> tuple[float, np.ndarray]:
    """The mean cross-entropy between softmax(scores) and the labels.

        q = softmax(s)               qₖ = exp(sₖ) / Σⱼ exp(sⱼ)
        t = (1 − ε)·onehot(y) + ε/K
        loss = −(1/N) Σₙ Σₖ tₖ log qₖ          dscores = (q − t) / N

    The largest score is subtracted first: q does not change and exp cannot overflow.

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
    _check.shape("softmax_cross_entropy", "scores", scores, ("N", "K"))
    n, k = scores.shape
    _check.not_empty("softmax_cross_entropy", "scores", scores)
    _check.labels("softmax_cross_entropy", y, n, k)
    epsilon = _check.in_range("softmax_cross_entropy", "label_smoothing", label_smoothing, "[0, 1]")
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_q = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    t = np.full_like(scores, epsilon / k)
    t[np.arange(n), y] += 1 - epsilon
    return float(-(t * log_q).sum() / n), (np.exp(log_q) - t) / n
