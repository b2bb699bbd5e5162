"""How good a model is on a data set."""

from collections.abc import Callable
from typing import Any

import numpy as np

from coursekit.data import Dataset
from coursekit.numpy_ref import _check, soft_cross_entropy, softmax_cross_entropy
from coursekit.training.model import wrapped
from coursekit.training.returned import loss_and_gradient

Loss = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]

VALUES_AT_ONCE = 2**20  # numbers in a batch: what a convolution makes of it still fits in memory


def cross_entropy(scores: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """The cross-entropy of scores (N, K) with labels y (N,), or with soft labels y (N, K).

    Returns (loss, dscores), as the two functions of numpy_ref do.

    >>> scores = np.zeros((1, 2))
    >>> cross_entropy(scores, np.array([1]))[0] == cross_entropy(scores, np.array([[0.0, 1.0]]))[0]
    True
    """
    return (soft_cross_entropy if y.ndim == 2 else softmax_cross_entropy)(scores, y)


def predict(model: Any, x: np.ndarray) -> np.ndarray:
    """The scores of a network in evaluation mode, some examples at a time: (N, K).

    model: a `torch.nn.Module`, which is left in evaluation mode, or anything with
    `forward(x, *, training, rng)`; x: N ≥ 1 examples, as the network takes them.
    Raises TypeError for what is no network and for x that is not floats, ValueError for no x.

    >>> from coursekit.numpy_ref import Linear
    >>> predict(Linear(2, 3, rng=np.random.default_rng(0)), np.zeros((5, 2)))[0]
    array([0., 0., 0.])
    """
    model = wrapped(model)
    if not hasattr(model, "forward"):
        expected, got = "a numpy_ref layer or a torch.nn.Module", type(model).__name__
        raise TypeError(_check.message("predict", "this is no network", expected, got))
    _check.floats("predict", x=x)
    _check.not_empty("predict", "x", x)
    size = max(1, VALUES_AT_ONCE * len(x) // x.size)
    parts = [
        model.forward(x[start : start + size], training=False, rng=None)
        for start in range(0, len(x), size)
    ]
    return np.concatenate(parts)


def evaluate(model: Any, data: Dataset, *, loss: Loss = cross_entropy) -> tuple[float, float]:
    """The mean loss and the accuracy of a model, with dropout off.

    accuracy = (1/N) Σₙ [argmaxₖ scoresₙₖ = yₙ]; it is NaN where y is no class but a number. Scores
    that are NaN are no answer, and wrong. The loss has no penalty on the weights in it.

    model: as for `predict`; data: N ≥ 1 examples; loss: (scores, y) -> (loss, dscores).
    Returns (loss, accuracy), two floats.
    Raises TypeError for what is no network or no Dataset, ValueError for an empty one.

    >>> from coursekit.data import moons
    >>> from coursekit.numpy_ref import Linear
    >>> undecided = Linear(2, 2, rng=np.random.default_rng(0), std=0.0)
    >>> value, accuracy = evaluate(undecided, moons("test"))
    >>> round(value, 4), accuracy
    (0.6931, 0.5)
    """
    check_data("evaluate", "data", data)
    scores = predict(model, data.x)
    value, _ = loss_and_gradient("loss", loss(scores, data.y), dscores=scores)
    if not data.class_names:
        return value, float("nan")
    _check.shape("evaluate", "scores", scores, (len(data), "K"))
    answered = ~np.isnan(scores).any(axis=1)  # the argmax of NaN would be class 0
    return value, float(np.mean(answered & (scores.argmax(axis=1) == data.y)))


def check_data(op: str, name: str, data: object) -> None:
    """Raise TypeError unless `data` is a Dataset, ValueError if it is empty.

    >>> check_data("evaluate", "data", (np.ones((2, 3)), np.ones(2)))
    Traceback (most recent call last):
    TypeError: evaluate: data is not a data set. Expected a coursekit.data.Dataset, got tuple.
    """
    if not isinstance(data, Dataset):
        wrong, got = f"{name} is not a data set", type(data).__name__
        raise TypeError(_check.message(op, wrong, "a coursekit.data.Dataset", got))
    if not len(data):
        raise ValueError(_check.message(op, f"{name} is empty", "N >= 1", "N = 0"))
