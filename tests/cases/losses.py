"""Cases of losses.py."""

import numpy as np
from hypothesis import strategies as st

from tests.cases.case import Array, Bad, Case, Hand, Labels, f, given_inputs

_BAD_SCORES_AND_LABELS = (
    Bad(TypeError, "y is not an array of integers", y=f([0.0])),
    Bad(TypeError, "y is not an array of integers", y=f([True])),
    Bad(TypeError, "y is not an array of integers", y=[0]),
    Bad(TypeError, "y is not an array of integers", y=0),
    Bad(ValueError, "classes 0 to 1, got 2 to 2", y=f([2])),
    Bad(ValueError, "classes 0 to 1, got -1 to -1", y=f([-1])),
    Bad(ValueError, "y of shape (1,), got (2,)", y=f([0, 1])),
    Bad(ValueError, "y has the wrong shape", y=f([[0]])),
    Bad(ValueError, "scores of shape (N, K), got (2,)", scores=np.ones(2)),
    Bad(ValueError, "scores is empty", scores=np.ones((1, 0))),
)


def _away_from_the_margins(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Whole numbers: with a margin that is half a number, no step crosses a kink."""
    return rng.integers(-4, 5, shape).astype(float)


def _shares(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Rows that sum to 1; of a single class, exactly 1."""
    parts = rng.uniform(0.1, 1, shape)
    return parts / parts.sum(axis=1, keepdims=True)


CASES = [
    Case(
        "squared_error",
        "loss",
        given_inputs(scores="N K", y="N K"),
        Hand(  # half of 1 + 4 and of 0 + 9, and the mean of both
            {"scores": f([[1.0, 4.0], [0.0, 2.0]]), "y": f([[0.0, 2.0], [0.0, -1.0]])},
            gives=3.5,
            grads={"scores": f([[0.5, 1.0], [0.0, 1.5]])},
        ),
        grads=("scores",),
        bad=(
            Bad(ValueError, "scores of shape (N, K), got (4,)", scores=np.ones(4)),
            Bad(ValueError, "scores is empty", scores=np.ones((2, 0))),
            Bad(ValueError, "y of shape (2, 2), got (2, 1)", y=np.ones((2, 1))),
            Bad(ValueError, "y of shape (2, 2), got (2,)", y=np.ones(2)),
            Bad(ValueError, "y of shape (2, 2), got (1, 2)", y=np.ones((1, 2))),
        ),
        empty="scores is empty",
    ),
    Case(
        "multiclass_svm",
        "loss",
        given_inputs(
            scores=Array("N K", _away_from_the_margins),
            y=Labels("N", "K"),
            margin=st.sampled_from([0.5, 1.5, 2.5]),
        ),
        Hand(  # 2.5 and 0.5 too close to the first label, nothing to the second
            {
                "scores": f([[1.0, 2.0, 0.0], [0.0, 0.0, 1.5]]),
                "y": f([0, 2]),
                "margin": 1.5,
            },
            gives=1.5,
            grads={"scores": f([[-1.0, 0.5, 0.5], [0.0, 0.0, 0.0]])},
        ),
        grads=("scores",),
        bad=(
            Bad(TypeError, "y is not an array of integers", y=f([0.0, 1.0])),
            Bad(TypeError, "y is not an array of integers", y=[0, 1]),
            Bad(ValueError, "classes 0 to 2, got 0 to 3", y=f([0, 3])),
            Bad(ValueError, "classes 0 to 2, got -1 to 0", y=f([0, -1])),
            Bad(ValueError, "y of shape (2,), got (1,)", y=f([0])),
            Bad(ValueError, "scores of shape (N, K), got (2,)", scores=np.ones(2)),
            Bad(ValueError, "scores is empty", scores=np.ones((2, 0))),
            Bad(ValueError, "margin in [0, inf), got -1.0", margin=-1),
            Bad(ValueError, "margin in [0, inf), got inf", margin=float("inf")),
            Bad(TypeError, "margin is not a number", margin="1"),
            Bad(TypeError, "margin is not a number", margin=None),
        ),
        empty="scores is empty",
    ),
    Case(
        "softmax_cross_entropy",
        "loss",
        given_inputs(scores="N K", y=Labels("N", "K"), label_smoothing=st.floats(0, 1)),
        Hand(  # softmax is (1/4, 3/4), the target (0.9, 0.1)
            {"scores": np.log(f([[1.0, 3.0]])), "y": f([0]), "label_smoothing": 0.2},
            gives=0.9 * np.log(4) + 0.1 * np.log(4 / 3),
            grads={"scores": f([[-0.65, 0.65]])},
        ),
        grads=("scores",),
        bad=(
            *_BAD_SCORES_AND_LABELS,
            Bad(ValueError, "label_smoothing in [0, 1], got 1.1", label_smoothing=1.1),
            Bad(ValueError, "label_smoothing in [0, 1], got -0.1", label_smoothing=-0.1),
            Bad(TypeError, "label_smoothing is not a number", label_smoothing=True),
        ),
        empty="scores is empty",
    ),
    Case(
        "soft_cross_entropy",
        "loss",
        given_inputs(
            scores="N K",
            targets=Array("N K", _shares),
        ),
        Hand(  # softmax is (1/4, 3/4), and twice (1/2, 1/2), whatever the targets
            {
                "scores": np.log(f([[1.0, 3.0], [2.0, 2.0]])),
                "targets": f([[0.9, 0.1], [0.3, 0.7]]),
            },
            gives=0.5 * (0.9 * np.log(4) + 0.1 * np.log(4 / 3) + np.log(2)),
            grads={"scores": f([[-0.325, 0.325], [0.1, -0.1]])},
        ),
        grads=("scores",),
        bad=(
            Bad(ValueError, "scores of shape (N, K), got (2,)", scores=np.ones(2)),
            Bad(ValueError, "scores is empty", scores=np.ones((2, 0))),
            Bad(ValueError, "targets of shape (2, 2), got (2, 1)", targets=np.ones((2, 1))),
            Bad(ValueError, "targets of shape (2, 2), got (1, 2)", targets=f([[0.5, 0.5]])),
            Bad(ValueError, "targets are not shares", targets=np.full((2, 2), 0.4)),
            Bad(ValueError, "sums up to 1.2", targets=np.full((2, 2), 0.6)),
            Bad(ValueError, "-0.5 at least", targets=f([[1.5, -0.5], [0.5, 0.5]])),
        ),
        empty="scores is empty",
    ),
]
