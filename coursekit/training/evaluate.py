"""How good a model is on a data set."""

from typing import Protocol

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import softmax_cross_entropy


class Predictor(Protocol):
    """A model as far as evaluation needs it: `numpy_ref.Sequential` is one."""

    def forward(
        self, x: np.ndarray, *, training: bool, rng: np.random.Generator | None
    ) -> np.ndarray:
        """Return scores: (N, K)."""
        ...


def evaluate(model: Predictor, data: Dataset) -> tuple[float, float]:
    """The mean cross-entropy and the accuracy of a model, with dropout off.

    accuracy = (1/N) Σₙ [argmaxₖ scoresₙₖ = yₙ]; the loss has no penalty on the weights in it.

    model: anything with `forward(x, *, training, rng) -> scores (N, K)`; data: N ≥ 1 examples.
    Returns (loss, accuracy), two floats. Raises ValueError for an empty data set.

    >>> from coursekit.data import moons
    >>> from coursekit.numpy_ref import Linear
    >>> undecided = Linear(2, 2, rng=np.random.default_rng(0), std=0.0)
    >>> loss, accuracy = evaluate(undecided, moons("test"))
    >>> round(loss, 4), accuracy
    (0.6931, 0.5)
    """
    scores = model.forward(data.x, training=False, rng=None)
    loss, _ = softmax_cross_entropy(scores, data.y)
    return loss, float(np.mean(scores.argmax(axis=1) == data.y))
